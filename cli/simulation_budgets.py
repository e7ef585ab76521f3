"""Budgets that all members share, followed through time: what they leave for each sale, and what became of them.

Members are simulated apart, so a sale is told beforehand what the budgets have left for it. Following the draws of all
in the order of time shows what they would have left; sales that were told something else are simulated again, until
none was. Then every sale found what the draws before it leave: what one process would have come to, to the point.
Each round settles at least one more sale for good; in practice the first finds the sales that get less, and a few
more settle what their returns give back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from shared.earning.spending import MILLI
from shared.program.calendar import business_date
from shared.program.model import Program

Rooms = Mapping[int, Mapping[str, int]]
"""By the place of a sale in time and by rule: what is left of a budget, where the sale wants more of it."""


class Draw(NamedTuple):
    """What a sale wanted and took of a budget, in thousandths of points; a return less than nothing.

    `sale` is the place of the sale: its own, or that of the sale of which something comes back.
    """

    place: int
    at: datetime
    rule_id: str
    wanted: int
    taken: int
    sale: int


@dataclass(slots=True, kw_only=True)
class Use:
    """What became of a budget, in thousandths of points. `wanted_by_day` is what there was to give, uncut."""

    points_total: int
    taken: int = 0
    short: int = 0
    ran_out_at: datetime | None = None
    wanted_by_day: dict[date, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.points_total * MILLI - self.taken

    @property
    def average_day(self) -> float:
        """Give the points of an average day on which the rule had something to give."""
        return sum(self.wanted_by_day.values()) / MILLI / max(1, len(self.wanted_by_day))

    def is_too_small(self, zone: str) -> bool:
        """Say whether the budget would not have lasted for a day: its first one, or an average one."""
        if self.ran_out_at and business_date(self.ran_out_at, zone) == min(self.wanted_by_day):
            return True
        return self.points_total < self.average_day


def shared_budgets(program: Program) -> dict[str, int]:
    """Give the totals of budgets by rule, in points."""
    return {
        rule.id: rule.budget.points_total
        for rule in program.earn
        if rule.budget and rule.budget.points_total is not None
    }


def follow(draws: Iterable[Draw], program: Program, told: Rooms) -> tuple[dict[int, dict[str, int]], dict[str, Use]]:
    """Follow draws through time; give what sales find left where they want more, and what becomes of each budget.

    `told` is what the sales were told when they drew. What a sale that was told something else would have taken, and
    what its returns give back, is a guess until it is simulated again.
    """
    uses = {rule_id: Use(points_total=total) for rule_id, total in shared_budgets(program).items()}
    rooms: dict[int, dict[str, int]] = {}
    held: dict[tuple[int, str], int] = {}
    for draw in sorted(draws):
        use, mine = uses[draw.rule_id], (draw.sale, draw.rule_id)
        if draw.wanted > use.left:
            rooms.setdefault(draw.place, {})[draw.rule_id] = use.left
        as_told = rooms.get(draw.sale, {}).get(draw.rule_id) == told.get(draw.sale, {}).get(draw.rule_id)
        taken = draw.taken if as_told else max(min(draw.wanted, use.left), -held.get(mine, 0))
        held[mine] = held.get(mine, 0) + taken
        _draw(use, draw, taken, business_date(draw.at, program.business_zone))
    return rooms, uses


def _draw(use: Use, draw: Draw, taken: int, day: date) -> None:
    if draw.wanted > taken:
        use.short += draw.wanted - taken
        use.ran_out_at = use.ran_out_at or draw.at
    if draw.wanted > 0:
        use.wanted_by_day[day] = use.wanted_by_day.get(day, 0) + draw.wanted
    use.taken += taken
