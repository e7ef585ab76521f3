"""Limits: how often something may be had in a period. Pure.

A period is that of the business day: the day, the week from Monday, the calendar month, the year, or for ever.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.program.calendar import end_of_month


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    EVER = "ever"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much one member may have in a period."""

    per_member: int
    every: Every


def last_day_of_period(every: Every, today: date) -> date | None:
    """Give the last day of the period that a day lies in; None: it never ends."""
    match every:
        case Every.DAY:
            return today
        case Every.WEEK:
            return today + timedelta(days=6 - today.weekday())
        case Every.MONTH:
            return end_of_month(today)
        case Every.YEAR:
            return date(today.year, 12, 31)
        case Every.EVER:
            return None
