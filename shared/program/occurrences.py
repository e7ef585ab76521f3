"""When a rule with a time window holds: its occurrences, on the clock of a store. Pure.

Whole days that follow each other are one occurrence, so that a week of dates is told as one. The birthday and what
else depends on a member is no window.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from shared.program.actions import ActionRule
from shared.program.calendar import day_begins_at, is_day_of_month, zone_named
from shared.program.rules import EarnRule, Hours, When

DAY = timedelta(days=1)
MINUTES_IN_DAY = 24 * 60


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
    spans = (_span(day, when.hours, zone) for day in _days(first, last) if falls_on(when, day))
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
    today = start.astimezone(zone_named(zone)).date()
    found: list[Occurrence] = []
    for one in occurrences(when, today - DAY, today + timedelta(days=within_days), zone):
        if one.ends > start:
            found.append(one)
        if len(found) == most:
            break
    return found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=at) for at in range((last - first).days + 1))


def _span(day: date, hours: Hours | None, zone: str) -> Occurrence:
    if hours is None:
        return Occurrence(day_begins_at(day, zone), day_begins_at(day + DAY, zone))
    ends_on = day + DAY if hours.crosses_midnight else day
    return Occurrence(_at(day, hours.start, zone), _at(ends_on, hours.end, zone))


def _at(day: date, minute: int, zone: str) -> datetime:
    if minute == MINUTES_IN_DAY:
        return day_begins_at(day + DAY, zone)
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone_named(zone))
    return local.astimezone(UTC)
