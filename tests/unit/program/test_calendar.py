"""Business time: months, roundings, midnights, DST."""

from datetime import UTC, date, datetime

import pytest

from shared.program.calendar import (
    activates_on,
    business_date,
    day_begins_at,
    is_birthday,
    lapses_at,
    valid_through,
)
from shared.program.expiry import ExpirePolicy, ExpiryMode, RoundTo

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "months", "round_to", "expected"),
    [
        ("2027-01-29", 1, RoundTo.DAY, "2027-02-28"),
        ("2027-01-30", 1, RoundTo.DAY, "2027-02-28"),
        ("2027-01-31", 1, RoundTo.DAY, "2027-02-28"),
        ("2028-01-31", 1, RoundTo.DAY, "2028-02-29"),
        ("2028-02-29", 12, RoundTo.DAY, "2029-02-28"),
        ("2026-07-06", 12, RoundTo.END_OF_MONTH, "2027-07-31"),
        ("2026-07-06", 0, RoundTo.DAY, "2026-07-06"),
        ("2027-01-15", 1, RoundTo.END_OF_QUARTER, "2027-03-31"),
        ("2026-12-31", 0, RoundTo.END_OF_QUARTER, "2026-12-31"),
        ("2026-12-16", 1, RoundTo.END_OF_YEAR, "2027-12-31"),
    ],
)
def test_months_after_earning_clamp_and_round_e11(start: str, months: int, round_to: RoundTo, expected: str) -> None:
    policy = ExpirePolicy(mode=ExpiryMode.MONTHS_AFTER_EARNING, months=months, round_to=round_to)
    assert valid_through(day(start), policy) == day(expected)


def test_pending_points_live_from_their_activation_e11() -> None:
    active = activates_on(datetime(2027, 1, 1, 4, tzinfo=UTC), 14, SHANGHAI)
    assert active == day("2027-01-15")
    assert valid_through(active, ExpirePolicy(mode=ExpiryMode.DAYS_AFTER_EARNING, days=30)) == day("2027-02-14")


def test_points_may_live_to_the_end_of_the_year_or_for_ever() -> None:
    assert valid_through(day("2026-03-05"), ExpirePolicy(mode=ExpiryMode.END_OF_YEAR)) == day("2026-12-31")
    assert valid_through(day("2026-03-05"), ExpirePolicy(mode=ExpiryMode.NEVER)) is None


@pytest.mark.parametrize(
    ("through", "zone", "expected"),
    [
        ("2026-03-31", SHANGHAI, "2026-03-31T16:00:00+00:00"),
        ("2027-03-14", NEW_YORK, "2027-03-15T04:00:00+00:00"),
        ("2027-03-13", NEW_YORK, "2027-03-14T05:00:00+00:00"),
        ("2027-11-07", NEW_YORK, "2027-11-08T05:00:00+00:00"),
        # Beirut skipped the midnight of 2024-03-31; Havana has that of 2026-11-01 twice: the first instant counts.
        ("2024-03-30", "Asia/Beirut", "2024-03-30T22:00:00+00:00"),
        ("2026-10-31", "America/Havana", "2026-11-01T04:00:00+00:00"),
    ],
)
def test_a_lot_lapses_at_the_following_local_midnight_e9_e11(through: str, zone: str, expected: str) -> None:
    assert lapses_at(day(through), zone).isoformat() == expected


def test_a_day_begins_where_the_one_before_ends() -> None:
    assert day_begins_at(day("2027-03-15"), NEW_YORK) == lapses_at(day("2027-03-14"), NEW_YORK)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [("2026-12-31T15:59:59+00:00", "2026-12-31"), ("2026-12-31T16:00:00+00:00", "2027-01-01")],
)
def test_the_business_date_is_local(instant: str, expected: str) -> None:
    assert business_date(datetime.fromisoformat(instant), SHANGHAI).isoformat() == expected


@pytest.mark.parametrize(
    ("birthday", "today", "on_the_day", "in_the_month"),
    [
        ("1990-05-20", "2027-05-20", True, True),
        ("1990-05-20", "2027-05-21", False, True),
        ("1990-05-20", "2027-06-20", False, False),
        ("1992-02-29", "2028-02-29", True, True),
        ("1992-02-29", "2028-02-28", False, True),
        ("1992-02-29", "2027-02-28", True, True),
        ("1992-02-29", "2027-03-01", False, False),
        ("1990-12-31", "2026-12-31", True, True),
    ],
)
def test_a_birthday_is_kept_every_year(birthday: str, today: str, on_the_day: bool, in_the_month: bool) -> None:  # noqa: FBT001
    assert is_birthday(day(birthday), day(today), "day") is on_the_day
    assert is_birthday(day(birthday), day(today), "month") is in_the_month
