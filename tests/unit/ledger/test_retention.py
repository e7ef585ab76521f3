"""What an account forgets, and what it keeps."""

from datetime import date

import pytest

from shared.ledger.account import Qualifying
from shared.ledger.retention import counter_of, oldest_month, open_counters, recent_months

ONE = Qualifying(1, 1, 1)


@pytest.mark.parametrize(
    ("today", "oldest"),
    [
        (date(2026, 12, 1), "2510"),
        (date(2026, 12, 31), "2510"),
        (date(2027, 1, 1), "2511"),
        (date(2027, 2, 28), "2512"),
        (date(2027, 3, 1), "2601"),
        (date(2001, 1, 1), "9911"),
    ],
)
def test_fifteen_months_are_kept(today: date, oldest: str) -> None:
    assert oldest_month(today) == oldest


def test_a_window_of_twelve_months_is_always_whole() -> None:
    """The month that a rolling window of twelve months begins in is among those kept, on every day of four years."""
    days = [date.fromordinal(ordinal) for ordinal in range(date(2025, 1, 1).toordinal(), date(2029, 1, 1).toordinal())]
    assert [day for day in days if oldest_month(day) > f"{day.year - 1 - 2000:02d}{day.month:02d}"] == []


def test_months_beyond_are_forgotten() -> None:
    kept = recent_months({"2509": ONE, "2510": ONE, "2612": ONE}, date(2026, 12, 16))
    assert kept == {"2510": ONE, "2612": ONE}


def test_a_counter_lives_through_the_last_day_of_its_period() -> None:
    name = counter_of("mug:red", "261231")
    assert name == "mug:red:261231"
    assert open_counters({name: 1}, date(2026, 12, 31)) == {name: 1}
    assert open_counters({name: 1}, date(2027, 1, 1)) == {}


def test_a_counter_for_ever_stays() -> None:
    assert open_counters({counter_of("mug", "~"): 1}, date(2099, 12, 31)) == {"mug:~": 1}
