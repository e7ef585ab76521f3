"""Windows of time: half-open, by the store's own clock, one answer in both DST cases."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.earning.calculate import calculate
from shared.earning.sale import Facts
from shared.program.rules import DateRange, EarnRule, Hours, Multiply, When
from tests.builders import ZONE, a_program, a_sale, per_yuan

NEW_YORK = "America/New_York"


def doubled(instant: datetime, zone: str = ZONE, **when: Any) -> bool:
    rule = EarnRule(id="double", name="double", give=Multiply(factor=Decimal(2)), when=When(**when))
    sale = a_sale(10_000, occurred_at=instant)
    return calculate(sale, Facts(tier_id="normal", zone=zone), a_program(per_yuan(), rule)).points == 200


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("local", "expected"),
    [("07:59:59", False), ("08:00:00", True), ("21:59:59", True), ("22:00:00", False)],
)
def test_hours_are_half_open(local: str, *, expected: bool) -> None:
    assert doubled(at(f"2026-12-16T{local}+08:00"), hours=Hours(start=480, end=1320)) is expected


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-12-18T21:59:59", False),
        ("2026-12-18T22:00:00", True),
        ("2026-12-19T01:59:59", True),
        ("2026-12-19T02:00:00", False),
        ("2026-12-18T01:00:00", False),
        ("2026-12-19T22:30:00", False),
    ],
)
def test_hours_past_midnight_belong_to_the_day_they_start_on(local: str, *, expected: bool) -> None:
    friday_night: dict[str, Any] = {"days": frozenset({4}), "hours": Hours(start=1320, end=120)}
    assert doubled(at(f"{local}+08:00"), **friday_night) is expected


def test_the_night_of_the_last_day_of_a_campaign_is_part_of_it() -> None:
    window: dict[str, Any] = {
        "dates": (DateRange(first=date(2027, 6, 12), last=date(2027, 6, 18)),),
        "hours": Hours(start=1320, end=120),
    }
    assert doubled(at("2027-06-19T01:00:00+08:00"), **window)
    assert not doubled(at("2027-06-12T01:00:00+08:00"), **window)


@pytest.mark.parametrize(
    ("days", "local", "expected"),
    [
        ({8}, "2026-12-08T00:00:00", True),
        ({8}, "2026-12-09T00:00:00", False),
        ({-1}, "2027-02-28T12:00:00", True),
        ({-1}, "2028-02-28T12:00:00", False),
        ({-1}, "2028-02-29T12:00:00", True),
        ({31}, "2026-11-30T12:00:00", False),
        ({31}, "2026-12-31T12:00:00", True),
        ({-2}, "2026-12-30T12:00:00", True),
    ],
)
def test_days_of_the_month_count_from_both_ends_and_skip_short_months(
    days: set[int], local: str, *, expected: bool
) -> None:
    assert doubled(at(f"{local}+08:00"), days_of_month=frozenset(days)) is expected


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2027-06-11T23:59:59", False),
        ("2027-06-12T00:00:00", True),
        ("2027-06-18T23:59:59", True),
        ("2027-06-19T00:00:00", False),
    ],
)
def test_the_last_date_is_included(local: str, *, expected: bool) -> None:
    assert (
        doubled(at(f"{local}+08:00"), dates=(DateRange(first=date(2027, 6, 12), last=date(2027, 6, 18)),)) is expected
    )


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (
            datetime(2027, 3, 14, 6, 59, 59, tzinfo=UTC),
            True,
        ),  # 01:59:59 EST, the last second before the hour is skipped
        (datetime(2027, 3, 14, 7, 0, 0, tzinfo=UTC), False),  # 03:00:00 EDT
        (datetime(2027, 3, 14, 6, 0, 0, tzinfo=UTC), True),  # 01:00:00 EST
    ],
)
def test_a_window_over_the_skipped_hour_ends_when_the_clock_jumps(utc: datetime, *, expected: bool) -> None:
    assert doubled(utc, NEW_YORK, hours=Hours(start=60, end=180)) is expected


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        (datetime(2027, 11, 7, 4, 59, 59, tzinfo=UTC), False),  # 00:59:59 EDT
        (datetime(2027, 11, 7, 5, 0, 0, tzinfo=UTC), True),  # 01:00 EDT, the first time
        (datetime(2027, 11, 7, 6, 0, 0, tzinfo=UTC), True),  # 01:00 EST, the second time
        (datetime(2027, 11, 7, 6, 59, 59, tzinfo=UTC), True),
        (datetime(2027, 11, 7, 7, 0, 0, tzinfo=UTC), False),  # 02:00 EST
    ],
)
def test_a_window_over_the_repeated_hour_holds_both_times(utc: datetime, *, expected: bool) -> None:
    assert doubled(utc, NEW_YORK, hours=Hours(start=60, end=120)) is expected


def test_the_store_lives_by_its_own_clock() -> None:
    saturday: dict[str, Any] = {"days": frozenset({5})}
    instant = at("2026-12-19T00:30:00+08:00")
    assert doubled(instant, "Asia/Shanghai", **saturday)
    assert not doubled(instant, "Asia/Urumqi", **saturday)
