"""What counts for a tier, to the day: whole months from the account, single days only where they decide. Pure.

An account keeps totals by month. A window that begins within a month needs that month's days; they are in the
entries, and are read only where the months alone leave it open whether a threshold is reached.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from shared.ledger.account import Account, Qualifying, add_days
from shared.ledger.lots import write_day
from shared.program.calendar import MONTHS_IN_YEAR, add_months, end_of_month
from shared.program.model import Tiers

Days = Callable[[str, str], Mapping[str, Qualifying]]
"""Reads what counted on the days (YYMMDD) of one month (YYMM) for a member, as far as it is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A window of days, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a member has that counts: by month, and by day on demand.

    Both tell of the same: `days` includes what an uncommitted posting adds. Nothing counts after `latest`.
    """

    months: Mapping[str, Qualifying]
    days: Callable[[str], Mapping[str, Qualifying]]
    enrolled_on: date
    latest: date

    def total(self, span: Span, tiers: Tiers) -> int:
        """Add up a window exactly."""
        total = 0
        for month, counted in self._within(span):
            if month in self._cut(span):
                total += sum(measured(one, tiers) for day, one in self.days(month).items() if _is_in(day, span))
            else:
                total += measured(counted, tiers)
        return total

    def reaches(self, least: int, span: Span, tiers: Tiers) -> bool:
        """Say whether a window comes to at least so much, reading days only where the months leave it open."""
        within = [(month, measured(counted, tiers)) for month, counted in self._within(span)]
        if sum(max(0, counts) for _, counts in within) < least:
            return False
        cut = self._cut(span)
        surely = sum(counts for month, counts in within if month not in cut)
        return surely >= least or self.total(span, tiers) >= least

    def spent_in_months(self, first: str, last: str) -> int:
        """Add up the minor units spent in whole months."""
        return sum(counted.spend_minor for month, counted in self.months.items() if first <= month <= last)

    def _within(self, span: Span) -> list[tuple[str, Qualifying]]:
        first, last = month_of(span.first), month_of(span.last)
        return [(month, counted) for month, counted in self.months.items() if first <= month <= last]

    def _cut(self, span: Span) -> set[str]:
        """Name the months of which only some days are in the window, and others may count too."""
        cut = {month_of(span.first)} if span.first.day > 1 else set()
        if span.last < min(end_of_month(span.last), self.latest):
            cut.add(month_of(span.last))
        return cut


def counted_of(
    account: Account, fresh: Mapping[str, Qualifying], days: Days, latest: date, *, more: Mapping[str, Qualifying]
) -> Counted:
    """Make what counts: what the account has, which includes what a posting's own entries say (`fresh`), and `more`."""
    months = account.qualifying
    for day, counted in more.items():
        months = add_days(months, {day[:4]: counted})
    unread = add_days(fresh, more)

    def all_days(month: str) -> Mapping[str, Qualifying]:
        read = days(account.member_id, month)
        return add_days(read, {day: counted for day, counted in unread.items() if day[:4] == month})

    return Counted(months=months, days=all_days, enrolled_on=account.enrolled_on, latest=latest)


def window(tiers: Tiers, on: date, enrolled_on: date) -> Span:
    """Give the window that a tier is judged by on a day; of twelve months up to 9 January it begins on the 10th."""
    match tiers.period:
        case "rolling":
            return Span(first=add_months(on, -tiers.window_months) + timedelta(days=1), last=on)
        case "calendar_year":
            return Span(first=date(on.year, 1, 1), last=on)
        case "membership_year":
            return Span(first=_anniversary(enrolled_on, on), last=on)


def period_end(tiers: Tiers, on: date, enrolled_on: date) -> date:
    """Give the last day of a tier that begins, or is kept, on a day: `valid_months` later, or that year's end."""
    end = add_months(on, tiers.valid_months)
    match tiers.period:
        case "rolling":
            return end
        case "calendar_year":
            return date(end.year, 12, 31)
        case "membership_year":
            return add_months(_anniversary(enrolled_on, end), MONTHS_IN_YEAR) - timedelta(days=1)


def measured(counted: Qualifying, tiers: Tiers) -> int:
    match tiers.measure:
        case "points_earned":
            return counted.points
        case "amount_spent":
            return counted.spend_minor
        case "visits":
            return counted.visits


def month_of(day: date) -> str:
    return f"{day.year % 100:02d}{day.month:02d}"  # strftime takes five times as long, and tiers ask often


def _is_in(day: str, span: Span) -> bool:
    return write_day(span.first) <= day <= write_day(span.last)


def _anniversary(enrolled_on: date, on: date) -> date:
    """Give the latest anniversary of enrolment up to a day; of 29 February it is 28 February in common years."""
    years = on.year - enrolled_on.year
    this_year = add_months(enrolled_on, years * MONTHS_IN_YEAR)
    return this_year if this_year <= on else add_months(enrolled_on, (years - 1) * MONTHS_IN_YEAR)
