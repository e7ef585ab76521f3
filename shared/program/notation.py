"""The small notations of the file: zones, weekdays, hours, dates, ids. Each parser raises a `PydanticCustomError`.

The type of the error is the code of the finding; its context fills the message in `messages`.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, LiteralString
from zoneinfo import available_timezones

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.program.guesses import (
    closest,
    currency_meant,
    dates_meant,
    day_of_month_meant,
    day_start_meant,
    hours_meant,
    is_china,
    local_time_meant,
    weekday_meant,
)
from shared.program.rules import MINUTES_IN_DAY, DateRange, Hours

WEEKDAYS_EN: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS_ZH: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_HOURS: Final = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
_DAY_START: Final = re.compile("(0[1-9]|1[0-2]):00")
_DATES: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?")
_LOCAL_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?")
_OFFSET: Final = re.compile("[+-][0-9]")
STORE_ID_PATTERN: Final = "^[A-Za-z0-9_-]{1,32}$"
MINUTES_IN_HOUR: Final = 60
LONGEST_MONTH: Final = 31
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2199


def _error(code: LiteralString, **context: object) -> PydanticCustomError:
    return PydanticCustomError(code, code, context)


def _number(value: Any) -> Any:  # noqa: ANN401 whatever the file says
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _error("not-a-number", value=shown(value))
    return value


def _zone(value: Any) -> Any:  # noqa: ANN401
    if is_china(value):
        raise _error("unknown-zone-china", value=value)
    zones = available_timezones()
    if not isinstance(value, str) or value not in zones:
        text = shown(value)
        # UTC+9 resembles UTC, and is not what is meant.
        guess = None if _OFFSET.search(text) else closest(text, sorted(zones))
        raise _error("unknown-zone", value=text, suggestion=guess)
    return value


def _weekday(value: Any) -> int:  # noqa: ANN401
    for names in (WEEKDAYS_EN, WEEKDAYS_ZH):
        if value in names:
            return names.index(value)
    raise _error(
        "unknown-weekday", value=shown(value), suggestion=weekday_meant(shown(value), WEEKDAYS_EN, WEEKDAYS_ZH)
    )


def _hours(value: Any) -> Hours:  # noqa: ANN401
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _error("bad-hours", value=shown(value), suggestion=hours_meant(shown(value)))
    from_hour, from_minute, to_hour, to_minute = (int(part) for part in match.groups())
    start, end = from_hour * MINUTES_IN_HOUR + from_minute, to_hour * MINUTES_IN_HOUR + to_minute
    if max(from_minute, to_minute) >= MINUTES_IN_HOUR or start >= MINUTES_IN_DAY or end > MINUTES_IN_DAY:
        raise _error("bad-hours", value=value)
    if start == end:
        raise _error("empty-hours", value=value)
    return Hours(start=start, end=end)


def _dates(value: Any) -> tuple[DateRange, ...]:  # noqa: ANN401
    return tuple(_date_range(one) for one in (value if isinstance(value, list) else [value]))


def _date_range(value: Any) -> DateRange:  # noqa: ANN401
    match = _DATES.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _error("bad-dates", value=shown(value), suggestion=dates_meant(shown(value)))
    first, last = _date(match[1]), _date(match[2] or match[1])
    if last < first:
        raise _error("reversed-dates", first=str(first), last=str(last))
    return DateRange(first=first, last=last)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _error("no-such-date", value=text) from None


def _local_time(value: Any) -> datetime:  # noqa: ANN401
    if isinstance(value, str) and _LOCAL_TIME.fullmatch(value):
        if not FIRST_YEAR <= _date(value[:10]).year <= LAST_YEAR:
            raise _error("far-year", value=value, first=FIRST_YEAR, last=LAST_YEAR)
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise _error("bad-local-time", value=shown(value), suggestion=local_time_meant(shown(value)))


def _day_start(value: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, str) or not _DAY_START.fullmatch(value):
        raise _error("bad-day-start", value=shown(value), suggestion=day_start_meant(shown(value)))
    return value


def _day_of_month(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= abs(value) <= LONGEST_MONTH:
        raise _error("bad-day-of-month", value=shown(value), suggestion=day_of_month_meant(shown(value)))
    return value


def _stores(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list) and "all" in value:
        raise _error("all-is-no-store")
    return [] if value == "all" else value


def _currency(value: Any) -> str:  # noqa: ANN401
    meant = currency_meant(shown(value))
    if not isinstance(value, str) or meant != value:
        raise _error("bad-currency", value=shown(value), suggestion=meant)
    return value


def shown(value: object) -> str:
    """Write a value of the file as the file would have it."""
    match value:
        case bool():
            return str(value).lower()
        case None:
            return ""
        case dict():
            return "{…}"
        case list():
            return "[…]"
        case _:
            return str(value)


NUMBER: Final = BeforeValidator(_number)
"""Refuses what YAML does not read as a number. It stands last, so that bounds reach the JSON Schema."""
Amount = Annotated[Decimal, Field(gt=0), NUMBER]
Zone = Annotated[str, BeforeValidator(_zone)]
Currency = Annotated[str, BeforeValidator(_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})]
Weekday = Annotated[int, BeforeValidator(_weekday), WithJsonSchema({"enum": [*WEEKDAYS_EN, *WEEKDAYS_ZH]})]
HoursText = Annotated[
    Hours, BeforeValidator(_hours), WithJsonSchema({"type": "string", "pattern": f"^{_HOURS.pattern}$"})
]
_DATES_SCHEMA: Final = {"type": "string", "pattern": f"^{_DATES.pattern}$"}
DatesText = Annotated[
    tuple[DateRange, ...],
    BeforeValidator(_dates),
    WithJsonSchema({"anyOf": [_DATES_SCHEMA, {"type": "array", "items": _DATES_SCHEMA, "minItems": 1}]}),
]
LocalTime = Annotated[
    datetime, BeforeValidator(_local_time), WithJsonSchema({"type": "string", "pattern": f"^{_LOCAL_TIME.pattern}$"})
]
DayStart = Annotated[
    str, BeforeValidator(_day_start), WithJsonSchema({"type": "string", "pattern": f"^{_DAY_START.pattern}$"})
]
DayOfMonth = Annotated[
    int, BeforeValidator(_day_of_month), WithJsonSchema({"type": "integer", "minimum": -31, "maximum": 31})
]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
StoreId = Annotated[str, Field(pattern=STORE_ID_PATTERN)]
Stores = Annotated[
    list[StoreId],
    BeforeValidator(_stores),
    WithJsonSchema({"anyOf": [{"const": "all"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
Text = Annotated[str, Field(min_length=1)]
