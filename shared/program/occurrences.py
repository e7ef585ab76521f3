"""When a rule with a time window holds: its occurrences, on the clock of a store. Pure.

Whole days that follow each other are one occurrence, so that a week of dates is told as one. The birthday and what
else depends on a member is no window.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from shared.program.actions import ActionRule
from shared.program.calendar import business_date, day_begins_at, is_day_of_month
from shared.program.rules import MINUTES_IN_DAY, EarnRule, Hours, When
from shared.program.zones import starts_at_minute, zone_named

DAY = timedelta(days=1)


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


def _span(day: date, hours: Hours | None, zone: str) -> Occurrence:
    if hours is None:
        return Occurrence(day_begins_at(day, zone), day_begins_at(day + DAY, zone))
    start, end = hours.since_day_began(starts_at_minute(zone))
    return Occurrence(_at(day, start, zone), _at(day, end, zone))


def _at(day: date, minute: int, zone: str) -> datetime:
    """Give the instant so many minutes after a day began, by the clock: DST makes the day no longer."""
    days, minute = divmod(minute, MINUTES_IN_DAY)
    local = datetime.combine(day + days * DAY, time(minute // 60, minute % 60), zone_named(zone))
    return local.astimezone(UTC)
