"""How long points live, as the Lambdas see it: plain values, compiled from the file."""

from dataclasses import dataclass
from enum import StrEnum


class ExpiryMode(StrEnum):
    MONTHS_AFTER_EARNING = "months_after_earning"
    DAYS_AFTER_EARNING = "days_after_earning"
    END_OF_YEAR = "end_of_year"
    EXTEND_ON_ACTIVITY = "extend_on_activity"
    NEVER = "never"


class RoundTo(StrEnum):
    DAY = "day"
    END_OF_MONTH = "end_of_month"
    END_OF_QUARTER = "end_of_quarter"
    END_OF_YEAR = "end_of_year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """When and by which channels a member is told that points will expire."""

    days_before: tuple[int, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendOnce:
    """A lot that lapses unused lives on once, by so many months, where its owner bought something lately."""

    months: int
    if_bought_within_months: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstate:
    """Points that lapsed at most so many days ago may be given back by hand, for so many days."""

    within_days: int
    valid_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirePolicy:
    """How long a lot lives. `months` and `days` count from the day the points become available.

    Points in their last `halve_in_last_days` days pay half; None: they never do.
    """

    mode: ExpiryMode
    months: int = 0
    days: int = 0
    round_to: RoundTo = RoundTo.DAY
    remind: Reminder | None = None
    extend_once: ExtendOnce | None = None
    halve_in_last_days: int | None = None
    reinstate: Reinstate | None = None
