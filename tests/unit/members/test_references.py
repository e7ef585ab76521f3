"""References: one spelling each, and hashes that say nothing. A6."""

import pytest

from shared.errors import InvalidFieldError
from shared.members.references import Kind, Reference, digest_of, proven_phone, reference_to

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("kind", "texts", "value"),
    [
        (
            "phone",
            [
                "13812345678",
                "138 1234 5678",
                "138-1234-5678",
                "+86 138 1234 5678",
                "008613812345678",
                "１３８１２３４５６７８",
            ],
            "+8613812345678",
        ),
        ("phone", ["+1 415-555-2671", "+14155552671"], "+14155552671"),
        ("phone", ["010-6552 9988"], "+861065529988"),
        ("card", ["vip 8888-0001", "VIP88880001", "ＶＩＰ８８８８０００１"], "VIP88880001"),
        ("external_id", [" Cafe\u0301-1 ", "Café-1"], "Café-1"),
        ("external_id", ["abc"], "abc"),
        ("external_id", ["ABC"], "ABC"),
        ("name", ["王小明", " 王 小明 ", "王\u3000小明"], "王小明"),
        ("name", ["Zo\u0065\u0308 Ng", "ZOË  NG", "ｚｏë ng"], "zoëng"),
    ],
)
def test_a6_every_spelling_is_one_reference(kind: Kind, texts: list[str], value: str) -> None:
    assert {reference_to(kind, text) for text in texts} == {Reference(kind, value)}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone", ""),
        ("phone", "123"),
        ("phone", "12345678901"),
        ("phone", "hello"),
        ("phone", "138\x001234"),
        ("phone", "1" * 10_000),
        ("card", "abc"),
        ("card", "卡片卡片"),
        ("card", "A" * 41),
        ("external_id", "  "),
        ("external_id", "a\nb"),
        ("external_id", "a\u202eb"),
        ("external_id", "x" * 129),
    ],
)
def test_a6_what_can_be_no_reference_is_refused_without_repeating_it(kind: Kind, text: str) -> None:
    with pytest.raises(InvalidFieldError) as refused:
        reference_to(kind, text)
    assert [error["pointer"] for error in refused.value.fields["errors"]] == [f"/{kind}"]


def test_kinds_are_kept_apart() -> None:
    kinds: tuple[Kind, ...] = ("phone", "card", "external_id", "subject")
    assert len({digest_of(Reference(kind, "13812345678"), KEY) for kind in kinds}) == 4


def test_the_hash_says_nothing_without_the_key() -> None:
    reference = Reference("phone", "+8613812345678")
    assert digest_of(reference, KEY) == digest_of(reference, KEY)
    assert digest_of(reference, KEY) != digest_of(reference, b"o" * 32)


@pytest.mark.parametrize(
    ("claim", "phone"),
    [
        ("+8613812345678", "+8613812345678"),
        ("13812345678", None),
        ("+0123456789", None),
        ("+86 138", None),
        (None, None),
    ],
)
def test_a_token_proves_only_numbers_in_e164(claim: str | None, phone: str | None) -> None:
    assert proven_phone(claim) == phone
