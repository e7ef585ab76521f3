"""Types of request fields. Every text is NFC without control characters; every number is an integer within ±2^53."""

import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

LARGEST_INTEGER: Final = 2**53
FIRST_INSTANT: Final = datetime(2000, 1, 2, tzinfo=UTC)
LAST_INSTANT: Final = datetime(2099, 12, 30, tzinfo=UTC)
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
"""The ledger writes days with two digits of the year."""


class RequestModel(BaseModel):
    """A request body. Fields that are not declared are refused, so that nothing can be assigned by surprise."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class AnswerModel(BaseModel):
    """The body of an answer."""

    model_config = ConfigDict(frozen=True, defer_build=True)


def _normalized(text: str) -> str:
    """Give the NFC form without outer blanks. Refuses control characters, and a text of nothing but blanks."""
    normalized = unicodedata.normalize("NFC", text).strip()
    if not normalized or any(unicodedata.category(character) in {"Cc", "Cs"} for character in normalized):
        raise PydanticCustomError("string_pattern_mismatch", "has the wrong form")
    return normalized


def _written(text: str) -> str:
    """Give the NFC form of what may have several lines, or none. Refuses control characters but those of lines."""
    normalized = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\r\t" for one in normalized):
        raise PydanticCustomError("string_pattern_mismatch", "has the wrong form")
    return normalized


def _without_separator(text: str) -> str:
    """Refuse `#`, which separates the parts of keys."""
    if "#" in text:
        raise PydanticCustomError("string_pattern_mismatch", "has the wrong form")
    return text


def _written_out(value: object) -> object:
    """Take an instant only in writing: a bare number has no unit."""
    if not isinstance(value, str | datetime):
        raise PydanticCustomError("datetime_parsing", "must be an RFC 3339 time")
    return value


def _within_the_century(instant: datetime) -> datetime:
    if not FIRST_INSTANT <= instant <= LAST_INSTANT:
        limits = {"least": f"{FIRST_INSTANT:%Y-%m-%d}", "most": f"{LAST_INSTANT:%Y-%m-%d}"}
        raise PydanticCustomError("out-of-range", "must be from {least} to {most}", limits)
    return instant


Name = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_normalized)]
"""A person's or thing's name, 1 to 64 characters."""

Note = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_normalized)]
"""A remark, 1 to 500 characters."""

Why = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_normalized)]
"""A reason in a person's own words, 1 to 200 characters."""

Prose = Annotated[str, Field(max_length=2000), AfterValidator(_written)]
"""What somebody wrote, up to 2000 characters, in lines."""

ReasonCode = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z-]{1,39}$", description="A code of the chain's own, no words about a person."),
]

BusinessId = Annotated[
    str, Field(min_length=1, max_length=64), AfterValidator(_normalized), AfterValidator(_without_separator)
]
"""An id that a store chose (store, receipt, refund, line): 1 to 64 characters without `#`."""

ObjectId = Annotated[str, Field(pattern=r"^[a-z]{2,4}_[0-9A-Z]{26}$")]
"""An id that the product made: `mem_01J…`."""

AmountMinor = Annotated[int, Field(strict=True, ge=0, le=LARGEST_INTEGER)]
"""An amount of money in minor units (fen), tax included."""

Instant = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_within_the_century)]
"""An RFC 3339 time with offset, of the years 2000 to 2099."""

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A day of the years 2000 to 2099."""

PageLimit = Annotated[int, Field(ge=1, le=100)]
"""How many items a page holds, 1 to 100."""

PhoneText = Annotated[
    str,
    Field(
        min_length=5,
        max_length=32,
        description="A phone number; without `+` it is one of China.",
        examples=["13812345678"],
    ),
]
CardText = Annotated[str, Field(min_length=4, max_length=64, description="What the card says.")]
ExternalId = Annotated[str, Field(min_length=1, max_length=128, description="The id in another system.")]
