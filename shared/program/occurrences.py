"""When a rule with a time window holds: its occurrences, on the clock of a store. Pure.

Whole days that follow each other are one occurrence, so that a week of dates is told as one. The birthday and what
else depends on a member is no window.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from shared.program.actions import ActionRule
from shared.program.calendar import business_date, day_begins_at, is_day_of_month
from shared.program.rules import EarnRule, Hours, When
from shared.program.zones import starts_at_minute, zone_named

DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)


class Occurrence(NamedTuple):
    """The half-open span [begins, ends) in UTC."""

    begins: datetime
    ends: datetime


def is_campaign(rule: EarnRule | ActionRule) -> bool:
    """Say whether a rule holds at some times and not at others."""
    when = rule.when
    return bool(when.days or when.hours or when.days_of_month or when.dates)


def falls_on(when: When, day: date) -> bool:
    """Say whether a window opens on a day."""
    return (
        (not when.days or day.weekday() in when.days)
        and (not when.days_of_month or is_day_of_month(day, when.days_of_month))
        and (not when.dates or any(window.first <= day <= window.last for window in when.dates))
    )


def occurrences(when: When, first: date, last: date, zone: str) -> Iterator[Occurrence]:
    """Give the occurrences that begin on the days from `first` to `last`, in their order."""
    spans = (span for day in _days(first, last) if falls_on(when, day) for span in _spans(day, when.hours, zone))
    running: Occurrence | None = None
    for span in spans:
        if running and running.ends == span.begins:
            running = Occurrence(running.begins, span.ends)
            continue
        if running:
            yield running
        running = span
    if running:
        yield running


def next_occurrences(when: When, start: datetime, zone: str, *, most: int, within_days: int) -> list[Occurrence]:
    """Give the first occurrences that have not ended by an instant, of those that begin within so many days."""
    today = business_date(start, zone)
    found: list[Occurrence] = []
    for one in occurrences(when, today - DAY, today + timedelta(days=within_days), zone):
        if one.ends > start:
            found.append(one)
        if len(found) == most:
            break
    return found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=at) for at in range((last - first).days + 1))


def _spans(day: date, hours: Hours | None, zone: str) -> Iterator[Occurrence]:
    """Give the span of a day; two where the clock is turned back within its hours, none where it skips them."""
    if hours is None:
        yield Occurrence(day_begins_at(day, zone), day_begins_at(day + DAY, zone))
        return
    midnight = datetime.combine(day, time(), UTC)
    begins, ends = (midnight + timedelta(minutes=one) for one in hours.since_day_began(starts_at_minute(zone)))
    first, last = day_begins_at(day - DAY, zone), day_begins_at(day + 3 * DAY, zone)
    before, after = _ahead(first, zone), _ahead(last, zone)
    if before == after:
        yield Occurrence(begins - before, ends - before)
        return
    change = _change(first, last, zone)
    for one in (
        Occurrence(begins - before, min(ends - before, change)),
        Occurrence(max(begins - after, change), ends - after),
    ):
        if one.begins < one.ends:
            yield one


def _ahead(instant: datetime, zone: str) -> timedelta:
    """Say how far ahead of UTC the clock of a zone is."""
    return instant.astimezone(zone_named(zone)).replace(tzinfo=UTC) - instant


def _change(first: datetime, last: datetime, zone: str) -> datetime:
    """Find the minute at which the clock is turned, between two instants."""
    minutes, before = int((last - first) / MINUTE), _ahead(first, zone)
    turned = bisect_left(range(minutes), True, key=lambda minute: _ahead(first + minute * MINUTE, zone) != before)
    return first + turned * MINUTE
