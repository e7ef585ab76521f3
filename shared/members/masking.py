"""What others see of a member's phone and name: enough to recognise, not enough to keep. Pure."""

from typing import Final

STARS: Final = "****"
_CHINA: Final = "+86"
_SHOWN_FIRST: Final = 3
_SHOWN_LAST: Final = 4
_MOST_STARS: Final = 3


def mask_phone(phone: str) -> str:
    """`+8613812345678` gives `138****5678`; a number of another country keeps its `+` and three digits."""
    sign, digits = ("", phone.removeprefix(_CHINA)) if phone.startswith(_CHINA) else ("+", phone.removeprefix("+"))
    if len(digits) < _SHOWN_FIRST + _SHOWN_LAST + 1:
        return STARS + digits[-2:]
    return f"{sign}{digits[:_SHOWN_FIRST]}{STARS}{digits[-_SHOWN_LAST:]}"


def mask_name(name: str) -> str:
    """`王小明` gives `王*明`, `王明` gives `王*`; at most three stars, so that a long name does not show its length."""
    hidden = max(len(name) - 2, 1)
    first, last = name[:1], name[-1:] if len(name) > hidden + 1 else ""
    return "*" if len(name) == 1 else first + "*" * min(hidden, _MOST_STARS) + last
