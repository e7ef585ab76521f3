"""Points over time as a bar chart: an SVG that keeps its letters' size at any width, and tells itself in words.

Two months are drawn by day, a year by week, more by month. Days without sales are drawn as nothing, so that the axis
is true.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from html import escape
from itertools import pairwise
from math import ceil, floor
from typing import Final, NamedTuple

from cli.program_texts import Say
from cli.simulation_report import Row
from cli.simulation_view import number

MOST_BARS: Final = 62
HEIGHT, BELOW, ABOVE = 220, 24, 8
MOST_TICKS: Final = 5
LABELS: Final = 8
UNITS: Final = ("day", "week", "month")


class Bar(NamedTuple):
    """What a day, week or month came to, by its first day."""

    first: date
    old: float
    new: float


class Scale(NamedTuple):
    """The values at which lines are drawn, from the lowest to the highest; and how to place one."""

    ticks: Sequence[int]

    def y(self, value: float) -> float:
        lowest, highest = self.ticks[0], self.ticks[-1]
        return ABOVE + HEIGHT * (highest - value) / (highest - lowest)


def together(days: Sequence[Row]) -> tuple[str, list[Bar]]:
    """Add days up to as few bars as can be told apart; say whether a bar is a day, a week or a month."""
    by_day = {date.fromisoformat(row.id): row for row in days}
    first, last = min(by_day), max(by_day)
    for unit in UNITS:
        bars: dict[date, Bar] = {}
        for at in range((last - first).days + 1):
            day = first + timedelta(days=at)
            row, begins = by_day.get(day), _begins(day, unit)
            bar = bars.get(begins, Bar(begins, 0, 0))
            bars[begins] = bar if row is None else Bar(begins, bar.old + (row.old or 0), bar.new + row.new)
        if len(bars) <= MOST_BARS:
            break
    return unit, list(bars.values())


def chart(bars: Sequence[Bar], unit: str, say: Say, *, compare: bool) -> str:
    """Draw the bars, the old beside the new where they are compared."""
    highest = max(bars, key=lambda bar: bar.new)
    described = say(
        "chart-described",
        first=bars[0].first,
        last=bars[-1].first,
        unit=say(f"per-{unit}"),
        most=number(highest.new),
        at=highest.first,
    )
    values = [bar.new for bar in bars] + ([bar.old for bar in bars] if compare else [])
    scale = Scale(_ticks(min(0, *values), max(0, *values)))
    lines = "".join(
        f'<line x1="0" x2="100%" y1="{y}" y2="{y}"/>' for y in (f"{scale.y(one):.1f}" for one in scale.ticks)
    )
    ticks = "".join(f'<span style="top:{scale.y(one):.1f}px">{one:,}</span>' for one in scale.ticks)
    return (
        f'<div class="plot"><div class="ticks" aria-hidden="true">{ticks}</div>'
        f'<svg width="100%" height="{ABOVE + HEIGHT + BELOW}" role="img" aria-labelledby="chart-title chart-desc">'
        f'<title id="chart-title">{escape(say(f"by-{unit}"))}</title><desc id="chart-desc">{escape(described)}</desc>'
        f'<g class="lines">{lines}</g>{"".join(_bars(bars, scale, say, compare=compare))}{"".join(_labels(bars, unit))}'
        "</svg></div>"
    )


def _begins(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _ticks(lowest: float, highest: float) -> list[int]:
    """Choose round values around everything, in steps of 1, 2 or 5 and so many zeros."""
    step = 1
    while (highest - lowest) / step > MOST_TICKS:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return [at * step for at in range(floor(lowest / step), max(1, ceil(highest / step)) + 1)]


def _bars(bars: Sequence[Bar], scale: Scale, say: Say, *, compare: bool) -> Iterator[str]:
    step = 100 / len(bars)
    width = step * (0.4 if compare else 0.8)
    for at, bar in enumerate(bars):
        left = at * step + step * 0.1
        drawn = [("new", bar.new, left + (width if compare else 0))]
        for name, value, x in [("old", bar.old, left), *drawn] if compare else drawn:
            top, bottom = sorted((scale.y(value), scale.y(0)))
            yield (
                f'<rect class="{name}" x="{x:.2f}%" y="{top:.1f}" width="{width:.2f}%" height="{bottom - top:.1f}">'
                f"<title>{bar.first} {escape(say(name))}: {number(value)}</title></rect>"
            )


def _labels(bars: Sequence[Bar], unit: str) -> Iterator[str]:
    """Write some of the days below; the year where it is another one, every second day on wide screens alone."""
    every = -(-len(bars) // LABELS)
    named = [(at, bar.first) for at, bar in enumerate(bars) if at % every == 0]
    years = [True, *(one[1].year != other[1].year for one, other in pairwise(named))]
    for place, ((at, day), with_year) in enumerate(zip(named, years, strict=True)):
        month = f"{day:%Y-%m}" if with_year else f"{day:%m}"
        text = month if unit == "month" else f"{month}-{day:%d}"
        wide = ' class="wide"' if place % 2 else ""
        x, y = (at + 0.5) * 100 / len(bars), ABOVE + HEIGHT + BELOW - 6
        yield f'<text{wide} x="{x:.2f}%" y="{y}" text-anchor="middle">{text}</text>'
