"""The chart of a simulation: what a bar stands for, and an axis of round values around all of them."""

from datetime import date, timedelta

import pytest

from cli.program_texts import speaker
from cli.simulation_chart import Bar, _ticks, chart, together
from cli.simulation_report import Row


def days(count: int, *, first: date = date(2026, 11, 4)) -> list[Row]:
    """Give days with one point each by the old rules and two by the new, from a Wednesday on."""
    named = [f"{first + timedelta(days=at)}" for at in range(count)]
    return [Row(day, day, 1, 2) for day in named]


@pytest.mark.parametrize(
    ("count", "unit", "bars", "second"),
    [
        (2, "day", 2, Bar(date(2026, 11, 5), 1, 2)),
        (62, "day", 62, Bar(date(2026, 11, 5), 1, 2)),
        (63, "week", 10, Bar(date(2026, 11, 9), 7, 14)),
        (500, "month", 17, Bar(date(2026, 12, 1), 31, 62)),
    ],
)
def test_days_become_as_few_bars_as_can_be_told_apart(count: int, unit: str, bars: int, second: Bar) -> None:
    found_unit, found = together(days(count))
    assert (found_unit, len(found), found[1]) == (unit, bars, second)
    assert sum(bar.new for bar in found) == 2 * count


def test_a_day_without_sales_is_a_bar_of_nothing() -> None:
    (first, *_), (last, *_) = days(1), days(1, first=date(2026, 11, 6))
    assert [bar.new for bar in together([first, last])[1]] == [2, 0, 2]


@pytest.mark.parametrize(
    ("lowest", "highest", "ticks"),
    [
        (0, 0, [0, 1]),
        (0, 4, [0, 1, 2, 3, 4]),
        (0, 40, [0, 10, 20, 30, 40]),
        (-30, 40, [-40, -20, 0, 20, 40]),
        (0, 34_567, [0, 10_000, 20_000, 30_000, 40_000]),
    ],
)
def test_the_axis_has_round_values_around_everything(lowest: float, highest: float, ticks: list[int]) -> None:
    assert _ticks(lowest, highest) == ticks


def test_a_day_on_which_more_came_back_hangs_below_the_line() -> None:
    drawn = chart([Bar(date(2026, 11, 4), 0, 20), Bar(date(2026, 11, 5), 0, -20)], "day", speaker("en"), compare=False)
    assert drawn.count("<rect") == 2
    assert 'y="8.0" width="40.00%" height="110.0"' in drawn
    assert 'y="118.0" width="40.00%" height="110.0"' in drawn
