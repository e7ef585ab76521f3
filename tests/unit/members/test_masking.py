"""What others see of a phone and a name."""

import pytest

from shared.members.masking import mask_name, mask_phone


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+8613812345678", "138****5678"),
        ("+861065529988", "106****9988"),
        ("+14155552671", "+141****2671"),
        ("+2901234", "****34"),
    ],
)
def test_masks_a_phone(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王", "*"),
        ("王明", "王*"),
        ("王小明", "王*明"),
        ("欧阳小明", "欧**明"),
        ("Alexander", "A***r"),
        ("😀", "*"),
    ],
)
def test_masks_a_name(name: str, masked: str) -> None:
    assert mask_name(name) == masked
