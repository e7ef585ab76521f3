"""Keys derived from one root."""

import pytest

from shared.runtime.secrets import Keys, hkdf_sha256


@pytest.mark.parametrize(
    ("root", "salt", "info", "length", "derived"),
    [
        (
            "0b" * 22,
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            42,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            "0b" * 22,
            "",
            "",
            42,
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
)
def test_derives_as_rfc_5869_appendix_a_has_it(root: str, salt: str, info: str, length: int, derived: str) -> None:
    made = hkdf_sha256(bytes.fromhex(root), salt=bytes.fromhex(salt), info=bytes.fromhex(info), length=length)
    assert made.hex() == derived


def test_every_purpose_has_a_key_of_its_own() -> None:
    keys = Keys(b"root")
    made = {keys.key_for("references"), keys.key_for("cursors"), keys.key_for("codes")}
    assert len(made) == 3
    assert {len(key) for key in made} == {32}
    assert keys.key_for("codes") == Keys(b"root").key_for("codes")


def test_never_shows_the_root() -> None:
    assert "root-secret" not in repr(Keys(b"root-secret"))
