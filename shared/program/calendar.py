"""Business time: what day it is in a zone, when a lot lapses, whether a window is open. Pure; instants are aware.

Invariants:
CAL-1 An instant has exactly one local reading, so windows need no care at either DST change.
CAL-2 Windows are half-open; hours that run past midnight belong to the day they start on.
CAL-3 A lot valid through a date lapses at the first instant of the following local day.
CAL-4 Days, weekdays and months are those of the business: a night shop's begin later (`shared.program.zones`).
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from shared.program.expiry import ExpirePolicy, ExpiryMode, RoundTo
from shared.program.rules import MINUTES_IN_DAY, Hours
from shared.program.zones import starts_at_minute, zone_named

MONTHS_IN_YEAR = 12
MONTHS_IN_QUARTER = 3
DAYS_IN_WEEK = 7


def to_local(instant: datetime, zone: str) -> datetime:
    """Read an aware instant on the clock of the zone."""
    return instant.astimezone(zone_named(zone))


def business_date(instant: datetime, zone: str) -> date:
    """Say which day it is in the zone at that instant."""
    return to_local(instant, zone).date()


def day_begins_at(day: date, zone: str) -> datetime:
    """Give the first instant (UTC) of a local day; where DST skips midnight it is the instant of the change."""
    return datetime(day.year, day.month, day.day, tzinfo=zone_named(zone)).astimezone(UTC)


def lapses_at(valid_through: date, zone: str) -> datetime:
    """Give the instant (UTC) from which a lot valid through this date is gone: the following local midnight."""
    return day_begins_at(valid_through + timedelta(days=1), zone)


def activates_on(occurred: datetime, days: int, zone: str) -> date:
    """Give the local day on which points earned then become available, `days` later; they do so at its midnight."""
    return business_date(occurred, zone) + timedelta(days=days)


@lru_cache(maxsize=1024)
def add_months(start: date, months: int) -> date:
    """Move a date by months, clamped to the end of a shorter month: 31 January + 1 = 28 or 29 February."""
    year, month0 = divmod(start.year * MONTHS_IN_YEAR + start.month - 1 + months, MONTHS_IN_YEAR)
    return date(year, month0 + 1, min(start.day, monthrange(year, month0 + 1)[1]))


@lru_cache(maxsize=1024)
def end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def valid_through(start: date, policy: ExpirePolicy) -> date | None:
    """Give the last day on which points available from `start` can be spent; None means for ever."""
    if policy.mode is ExpiryMode.NEVER:
        return None
    if policy.mode is ExpiryMode.END_OF_YEAR:
        return date(start.year, 12, 31)
    if policy.mode is ExpiryMode.DAYS_AFTER_EARNING:
        return rounded(start + timedelta(days=policy.days), policy.round_to)
    return rounded(add_months(start, policy.months), policy.round_to)


def is_birthday(birthday: date, day: date, within: Literal["day", "week", "month"]) -> bool:
    """Tell whether a day is somebody's birthday, or in the week from Monday or the month of it.

    One on 29 February is kept on the 28th, too.
    """
    if within == "month":
        return day.month == birthday.month
    if within == "week":
        monday = day - timedelta(days=day.weekday())
        return any(is_birthday(birthday, monday + timedelta(days=at), "day") for at in range(DAYS_IN_WEEK))
    kept = birthday.replace(year=day.year) if birthday.day <= monthrange(day.year, birthday.month)[1] else None
    return day == (kept or end_of_month(birthday.replace(year=day.year, day=1)))


def rounded(day: date, to: RoundTo) -> date:
    """Move a last day to the end of its month, quarter or year, where the program says so."""
    if to is RoundTo.END_OF_MONTH:
        return end_of_month(day)
    if to is RoundTo.END_OF_QUARTER:
        return end_of_month(day.replace(day=1, month=-(-day.month // MONTHS_IN_QUARTER) * MONTHS_IN_QUARTER))
    return date(day.year, 12, 31) if to is RoundTo.END_OF_YEAR else day


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMoment:
    """An instant on a store's clock: its day, the minute since that day began, the weekday (Monday = 0).

    `starts_at` is how many minutes after midnight days begin.
    """

    day: date
    minute: int
    weekday: int
    starts_at: int = 0

    @property
    def clock(self) -> str:
        """The time as the clock on the wall shows it."""
        hour, minute = divmod((self.minute + self.starts_at) % MINUTES_IN_DAY, 60)
        return f"{hour:02d}:{minute:02d}"


def local_moment(instant: datetime, zone: str) -> LocalMoment:
    local = to_local(instant, zone)
    return LocalMoment(
        day=local.date(),
        minute=local.hour * 60 + local.minute,
        weekday=local.weekday(),
        starts_at=starts_at_minute(zone),
    )


def window_day(moment: LocalMoment, hours: Hours | None) -> LocalMoment | None:
    """Say to which day the moment belongs under these hours: its own, or the one before; None outside the hours."""
    if hours is None:
        return moment
    start, end = hours.since_day_began(moment.starts_at)
    if start <= moment.minute < end:
        return moment
    if moment.minute + MINUTES_IN_DAY < end:
        before = moment.day - timedelta(days=1)
        return replace(moment, day=before, weekday=before.weekday())
    return None


def is_day_of_month(day: date, days_of_month: frozenset[int]) -> bool:
    """Check a day against 1…31 and, from the end, -1 (last day) … -31. A month without the day never matches."""
    return day.day in days_of_month or day.day - monthrange(day.year, day.month)[1] - 1 in days_of_month
