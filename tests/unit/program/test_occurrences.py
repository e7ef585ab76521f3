"""Occurrences of campaigns: whole days run together, nights past midnight, short months, both changes of the clock."""

from datetime import UTC, date, datetime

from shared.program.occurrences import next_occurrences, occurrences
from shared.program.rules import DateRange, Hours, When

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"


def shown(when: When, first: date, last: date, zone: str = SHANGHAI) -> list[str]:
    return [f"{one.begins:%m-%dT%H:%M}/{one.ends:%m-%dT%H:%M}" for one in occurrences(when, first, last, zone)]


def test_days_that_follow_each_other_are_one() -> None:
    weekend = When(days=frozenset({5, 6}))
    assert shown(weekend, date(2026, 12, 1), date(2026, 12, 15)) == [
        "12-04T16:00/12-06T16:00",
        "12-11T16:00/12-13T16:00",
    ]


def test_a_week_of_dates_is_one() -> None:
    week = When(dates=(DateRange(first=date(2027, 6, 12), last=date(2027, 6, 18)),))
    assert shown(week, date(2027, 1, 1), date(2027, 12, 31)) == ["06-11T16:00/06-18T16:00"]


def test_hours_past_midnight_belong_to_the_day_they_start_on() -> None:
    night = When(days=frozenset({4}), hours=Hours(start=22 * 60, end=2 * 60))
    assert shown(night, date(2026, 12, 4), date(2026, 12, 5)) == ["12-04T14:00/12-04T18:00"]


def test_the_31st_comes_seven_times_a_year_and_the_last_day_twelve_times() -> None:
    year = date(2027, 1, 1), date(2027, 12, 31)
    assert len(shown(When(days_of_month=frozenset({31})), *year)) == 7
    assert len(shown(When(days_of_month=frozenset({-1})), *year)) == 12


def test_a_day_of_the_change_has_23_or_25_hours() -> None:
    for day, hours in ((date(2027, 3, 14), 23), (date(2027, 11, 7), 25)):
        (one,) = occurrences(When(dates=(DateRange(first=day, last=day),)), day, day, NEW_YORK)
        assert (one.ends - one.begins).total_seconds() == hours * 3600


def test_what_runs_now_is_the_first_of_the_next() -> None:
    wednesday = When(days=frozenset({2}), hours=Hours(start=8 * 60, end=22 * 60))
    start = datetime(2026, 12, 16, 2, tzinfo=UTC)
    found = next_occurrences(wednesday, start, SHANGHAI, most=2, within_days=30)
    assert [one.begins for one in found] == [
        datetime(2026, 12, 16, 0, tzinfo=UTC),
        datetime(2026, 12, 23, 0, tzinfo=UTC),
    ]


def test_what_is_over_never_comes_again() -> None:
    past = When(dates=(DateRange(first=date(2020, 1, 1), last=date(2020, 1, 2)),))
    assert next_occurrences(past, datetime(2026, 1, 1, tzinfo=UTC), SHANGHAI, most=9, within_days=400) == []
