"""Business days that begin after midnight: a slow clock, on which nothing else needs care."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.program.calendar import business_date, day_begins_at, lapses_at, local_moment, to_local, window_day
from shared.program.occurrences import occurrences
from shared.program.rules import Hours, When
from shared.program.zones import business_zone, starts_at_minute
from tests.builders import ZONE, shanghai

NIGHT = business_zone(ZONE, "04:00")
SATURDAY = 5
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago")


def hours(start: int, end: int) -> Hours:
    return Hours(start=start * 60, end=end * 60)


def test_a_business_without_an_hour_of_its_own_lives_by_the_zone() -> None:
    assert business_zone(ZONE, None) == ZONE
    assert (starts_at_minute(ZONE), starts_at_minute(NIGHT)) == (0, 240)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-12-16 03:59:59", date(2026, 12, 15)),
        ("2026-12-16 04:00:00", date(2026, 12, 16)),
        ("2027-01-01 03:59:59", date(2026, 12, 31)),
        ("2028-03-01 02:00:00", date(2028, 2, 29)),
    ],
)
def test_what_happens_before_the_hour_counts_for_the_day_before(at: str, day: date) -> None:
    assert business_date(shanghai(at), NIGHT) == day


def test_a_lot_lasts_until_the_business_day_after_its_last_one_begins() -> None:
    assert lapses_at(date(2026, 3, 31), NIGHT) == shanghai("2026-04-01 04:00:00")


@pytest.mark.parametrize(
    ("at", "window", "day"),
    [
        ("2026-12-20 01:00:00", hours(22, 2), date(2026, 12, 19)),  # within one business day
        ("2026-12-20 02:00:00", hours(22, 2), None),
        ("2026-12-20 03:30:00", hours(3, 6), date(2026, 12, 19)),  # open over the hour: the day it opens on
        ("2026-12-20 05:30:00", hours(3, 6), date(2026, 12, 19)),
        ("2026-12-20 06:00:00", hours(3, 6), None),
        ("2026-12-20 10:00:00", hours(8, 22), date(2026, 12, 20)),
        ("2026-12-20 23:59:59", hours(8, 24), date(2026, 12, 20)),
        ("2026-12-20 00:00:00", hours(8, 24), None),
        ("2026-12-20 03:59:00", hours(0, 24), date(2026, 12, 19)),
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall(at: str, window: Hours, day: date | None) -> None:
    moment = local_moment(shanghai(at), NIGHT)
    inside = window_day(moment, window)
    assert (inside.day if inside else None) == day
    assert moment.clock == at[11:16]


def test_a_whole_saturday_is_told_from_hour_to_hour() -> None:
    saturdays = When(days=frozenset({SATURDAY}))
    found = list(occurrences(saturdays, date(2026, 12, 14), date(2026, 12, 20), NIGHT))
    assert found == [(shanghai("2026-12-19 04:00:00"), shanghai("2026-12-20 04:00:00"))]


def test_occurrences_of_night_hours_stay_with_their_evening() -> None:
    late = When(days=frozenset({SATURDAY}), hours=hours(1, 3))
    found = list(occurrences(late, date(2026, 12, 14), date(2026, 12, 20), NIGHT))
    assert found == [(shanghai("2026-12-20 01:00:00"), shanghai("2026-12-20 03:00:00"))]


@given(
    zone=st.sampled_from(ZONES),
    hour=st.integers(1, 12),
    day=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
)
def test_a_day_begins_where_the_day_before_ends_in_every_zone_at_every_change_of_its_clock(
    zone: str, hour: int, day: date
) -> None:
    name = business_zone(zone, f"{hour:02d}:00")
    begins = day_begins_at(day, name)
    assert business_date(begins, name) == day
    assert business_date(begins - timedelta(microseconds=1), name) == day - timedelta(days=1)


@given(
    zone=st.sampled_from(ZONES),
    hour=st.integers(1, 12),
    seconds=st.integers(0, 6 * 366 * 86_400),
)
def test_an_instant_keeps_its_place_on_a_slow_clock(zone: str, hour: int, seconds: int) -> None:
    instant = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    slow = to_local(instant, business_zone(zone, f"{hour:02d}:00"))
    assert slow.astimezone(UTC) == instant
    wall = to_local(instant, zone).replace(tzinfo=None)
    assert slow.replace(tzinfo=None) == wall - timedelta(hours=hour)
