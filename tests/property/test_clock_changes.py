"""Clocks that are turned change nothing of what was promised. E11, S5, L9.

In every zone, at every instant: days follow each other without a gap, and a campaign holds exactly when it was
announced to hold. Stores that move to another zone are in `test_as_never_bought`.
"""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import pytest

from shared.earning.calculate import calculate
from shared.earning.sale import Facts
from shared.program.calendar import business_date, day_begins_at
from shared.program.occurrences import DAY, occurrences
from shared.program.rules import DateRange, EarnRule, Hours, Multiply, When
from tests.builders import a_program, a_sale, per_yuan
from tests.profile import FULL

# New York and London are turned at two and at one, Havana and Santiago at midnight, Lord Howe by half an hour.
ZONES: Final = (
    "America/New_York",
    "Europe/London",
    "America/Havana",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Shanghai",
    "America/New_York@04:00",
    "Europe/London@02:00",
)
WINDOWS: Final = 100 if FULL else 20
MOMENTS: Final = 40


def days_of_changes(zone: str) -> list[date]:
    """Name the days of 2027 on which the clock of a zone is turned, and the ones around them."""
    year = [date(2027, 1, 1) + at * DAY for at in range(364)]
    odd = [day for day in year if day_begins_at(day + DAY, zone) - day_begins_at(day, zone) != DAY]
    return [day + at * DAY for day in odd or [date(2027, 3, 14)] for at in (-1, 0, 1)]


@pytest.mark.parametrize("zone", ZONES)
def test_e11_days_follow_each_other_without_a_gap(zone: str) -> None:
    days = [date(2027, 1, 1) + at * DAY for at in range(364)]
    for today, tomorrow in pairwise(days):
        begins, ends = day_begins_at(today, zone), day_begins_at(tomorrow, zone)
        assert timedelta(hours=23) <= ends - begins <= timedelta(hours=25)
        last = ends - timedelta(microseconds=1)
        assert [business_date(at, zone) for at in (begins, last, ends)] == [today, today, tomorrow]


def a_window(chance: random.Random, around: date) -> When:
    """Give hours near those at which clocks are turned, on some days or all."""
    start, end = chance.sample(range(0, 24 * 60, chance.choice((15, 60))), 2)
    night = chance.sample(range(0, 5 * 60, 15), 2)
    hours = chance.choice((None, Hours(start=start, end=end), Hours(start=min(night), end=max(night))))
    dates = (DateRange(first=around, last=around + chance.randrange(3) * DAY),)
    days: dict[str, Any] = chance.choice(({}, {"days": frozenset(chance.sample(range(7), 4))}, {"dates": dates}))
    return When(hours=hours, **days)


@pytest.mark.parametrize("zone", ZONES)
def test_a_campaign_holds_exactly_when_it_was_announced_to_hold(zone: str) -> None:
    chance = random.Random(zone)  # noqa: S311 the same windows every time
    around = days_of_changes(zone)
    for _ in range(WINDOWS):
        day = chance.choice(around)
        when = a_window(chance, day)
        announced = list(occurrences(when, day - 3 * DAY, day + 3 * DAY, zone))
        assert all(one.ends < two.begins for one, two in pairwise(announced))
        start = day_begins_at(day, zone)
        edges = [edge for one in announced for edge in one]
        instants = [start + timedelta(minutes=chance.randrange(-24 * 60, 48 * 60)) for _ in range(MOMENTS)]
        near = [edge + timedelta(microseconds=at) for edge in edges if abs(edge - start) < DAY for at in (-1, 0)]
        for instant in instants + near:
            promised = any(one.begins <= instant < one.ends for one in announced)
            assert holds(when, instant, zone) == promised, (when, f"{instant:%d %H:%M:%S.%f}", announced)


def holds(when: When, instant: datetime, zone: str) -> bool:
    rule = EarnRule(id="double", name="double", give=Multiply(factor=Decimal(2)), when=when)
    sale = a_sale(10_000, occurred_at=instant)
    return calculate(sale, Facts(tier_id="normal", zone=zone), a_program(per_yuan(), rule)).points == 200
