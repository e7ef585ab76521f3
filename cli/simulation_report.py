"""The figures of a simulation, of one program or of two side by side: what the terminal, the page and JSON show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from cli.program_texts import Say
from cli.simulation import Simulated
from cli.simulation_world import TIER, Candidate
from shared.earning.spending import MILLI
from shared.program.calendar import to_local
from shared.program.currency import format_minor, minor_digits

MOST_AFFECTED: Final = 10
ROUNDING: Final = "rounding"
"""What rules give is exact before the one rounding of each sale, and before caps."""


class Row(NamedTuple):
    """Points of a rule, a member or a day; `old` is None where nothing is compared."""

    id: str
    name: str
    old: float | None
    new: float

    @property
    def difference(self) -> float:
        return self.new - (self.old or 0)


class BudgetRow(NamedTuple):
    """What became of a budget, in points; a rule may have a total, a limit for a member's day, or both."""

    rule_id: str
    name: str
    points_total: int | None
    per_member_per_day: int | None
    given: float | None
    cut: float
    ran_out_at: datetime | None
    average_day: float
    too_small: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A program, and what came of it."""

    candidate: Candidate
    simulated: Simulated

    @property
    def points(self) -> int:
        return self.simulated.result.points


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """`old` is None where there is nothing to compare with. `worth` is that of a point, in major units."""

    new: Side
    old: Side | None
    worth: Decimal

    @property
    def currency(self) -> str:
        return self.new.candidate.program.currency

    @property
    def zone(self) -> str:
        return self.new.candidate.program.zone

    @property
    def change_percent(self) -> float | None:
        if self.old is None or not self.old.points:
            return None
        return 100 * (self.new.points - self.old.points) / self.old.points

    def cost_minor(self, points: int) -> int:
        minor = (points * self.worth).scaleb(minor_digits(self.currency))
        return int(minor.quantize(Decimal(1), ROUND_HALF_UP))

    def part_of_sales(self, side: Side, say: Say) -> str:
        """Write which part of the sales the points are worth."""
        spend = side.simulated.result.spend_minor
        return say("of-sales", percent=f"{100 * self.cost_minor(side.points) / spend:.2f}%" if spend else "–")

    def more_and_less(self) -> tuple[int, int]:
        """Count the members who get more by the new rules, and those who get less."""
        old = self.old.simulated.result.by_member if self.old else {}
        new = self.new.simulated.result.by_member
        changes = [new.get(member, 0) - old.get(member, 0) for member in new.keys() | old.keys()]
        return sum(change > 0 for change in changes), sum(change < 0 for change in changes)

    def money(self, points: int) -> str:
        return format_minor(self.cost_minor(points), self.currency, grouped=True)

    def headline(self, say: Say) -> str:
        """Say in a sentence or two what came of it."""
        result = self.new.simulated.result
        told = say(
            "told",
            new=self.new.candidate.name,
            members=f"{len(result.by_member):,}",
            points=f"{result.points:,}",
            cost=self.money(result.points),
        )
        if self.old is None or self.change_percent is None:
            return told
        more = abs(self.new.points - self.old.points)
        compared = say(
            "more" if self.new.points >= self.old.points else "less",
            old=self.old.candidate.name,
            percent=f"{abs(self.change_percent):.1f}%",
            more=f"{more:,}",
            cost=self.money(more),
        )
        return say("sentences", first=told, second=compared)

    def totals(self, say: Say) -> Iterator[tuple[str, str]]:
        """Give the rows of the summary, each with its name."""
        result, days = self.new.simulated.result, self.days()
        if days:
            yield say("period"), f"{days[0].id} – {days[-1].id}"
        yield say("sales"), f"{result.sales:,}"
        yield say("returns"), f"{result.returns:,}"
        if result.refused:
            yield say("refused"), f"{result.refused:,}"
        yield say("members"), f"{len(result.by_member):,}"
        yield say("spend"), format_minor(result.spend_minor, self.currency, grouped=True)
        if self.old is None:
            yield say("points"), f"{result.points:,}"
            yield say("cost"), f"{self.money(result.points)} ({self.part_of_sales(self.new, say)})"
            return
        yield say("points-old"), f"{self.old.points:,}"
        yield say("points-new"), f"{self.new.points:,}"
        if self.change_percent is not None:
            yield say("change"), f"{self.change_percent:+.1f}%"
        yield say("cost-old"), f"{self.money(self.old.points)} ({self.part_of_sales(self.old, say)})"
        yield say("cost-new"), f"{self.money(self.new.points)} ({self.part_of_sales(self.new, say)})"
        sign = "+" if self.new.points >= self.old.points else "-"
        yield say("more-cost"), f"{sign}{self.money(abs(self.new.points - self.old.points))}"
        more, less = self.more_and_less()
        yield say("who-gets"), say("more-less", more=f"{more:,}", less=f"{less:,}")

    def rules(self, say: Say) -> list[Row]:
        """Give points by rule, the largest change first, or the most points where nothing is compared.

        The last row is what rounding and caps make of them, so that the rows add up to the points.
        """
        names = {TIER: say("tiers")}
        for side in self._sides:
            names |= {rule.id: rule.name for rule in side.candidate.program.earn}
        old = self.old.simulated.result.by_rule if self.old else {}
        new = self.new.simulated.result.by_rule
        rows = [
            Row(rule_id, names.get(rule_id, rule_id), old.get(rule_id, 0.0) if self.old else None, new.get(rule_id, 0))
            for rule_id in old.keys() | new.keys()
            if abs(old.get(rule_id, 0)) >= 1 or abs(new.get(rule_id, 0)) >= 1
        ]
        rounded = [side.points - sum(side.simulated.result.by_rule.values()) for side in self._sides]
        rounding = Row(ROUNDING, say("rounding"), rounded[0] if self.old else None, rounded[-1])
        return [*sorted(rows, key=_largest_first), rounding]

    def members(self) -> list[Row]:
        """Give the ten members whose points change most."""
        old = self.old.simulated.result.by_member if self.old else {}
        new = self.new.simulated.result.by_member
        rows = [
            Row(member, member, old.get(member, 0) if self.old else None, new.get(member, 0))
            for member in new.keys() | old.keys()
        ]
        return sorted(rows, key=_largest_first)[:MOST_AFFECTED]

    def days(self) -> list[Row]:
        """Give points by day."""
        old = self.old.simulated.result.by_day if self.old else {}
        new = self.new.simulated.result.by_day
        return [
            Row(day, day, old.get(day, 0) if self.old else None, new.get(day, 0))
            for day in sorted(new.keys() | old.keys())
        ]

    def budgets(self) -> list[BudgetRow]:
        """Give what became of each budget of the new rules, in the order of the file."""
        simulated, rows = self.new.simulated, []
        for rule in self.new.candidate.program.earn:
            if rule.budget is None:
                continue
            use = simulated.uses.get(rule.id)
            rows.append(
                BudgetRow(
                    rule_id=rule.id,
                    name=rule.name,
                    points_total=rule.budget.points_total,
                    per_member_per_day=rule.budget.per_member_per_day,
                    given=use.taken / MILLI if use else None,
                    cut=simulated.result.cut.get(rule.id, 0.0),
                    ran_out_at=to_local(use.ran_out_at, self.zone) if use and use.ran_out_at else None,
                    average_day=use.average_day if use else 0.0,
                    too_small=bool(use and use.is_too_small(self.new.candidate.program.business_zone)),
                )
            )
        return rows

    def warnings(self, say: Say) -> Iterator[str]:
        """Name the budgets that would not last for a day."""
        for row in self.budgets():
            if not row.too_small:
                continue
            told = {"rule": row.name, "total": f"{row.points_total:,}", "average": f"{row.average_day:,.0f}"}
            if row.ran_out_at and (row.points_total or 0) >= row.average_day:
                yield say("budget-first-day", **told, at=f"{row.ran_out_at:%Y-%m-%d %H:%M}")
            else:
                yield say("budget-below-day", **told)

    def notes(self, say: Say) -> Iterator[str]:
        """Say what a simulation takes for granted."""
        worth = self.money(1) if self.cost_minor(1) else f"{self.worth} {self.currency}"
        yield say("assumed", worth=worth, zone=self.zone)
        asking = [rule.name for rule in self.new.candidate.program.earn if rule.when.birthday]
        if asking:
            yield say("no-birthdays", rules="、".join(asking))

    def to_json(self, say: Say) -> dict[str, Any]:
        """Give everything as JSON values."""
        result = self.new.simulated.result
        return {
            "sales": result.sales,
            "returns": result.returns,
            "refused": result.refused,
            "members": len(result.by_member),
            "spend_minor": result.spend_minor,
            "members_with_more": self.more_and_less()[0] if self.old else None,
            "members_with_less": self.more_and_less()[1] if self.old else None,
            "points": self.new.points,
            "points_before": self.old.points if self.old else None,
            "change_percent": self.change_percent,
            "currency": self.currency,
            "cost_minor": self.cost_minor(self.new.points),
            "cost_before_minor": self.cost_minor(self.old.points) if self.old else None,
            "rules": _as_json(self.rules(say), "rule"),
            "most_affected": _as_json(self.members(), "member"),
            "days": _as_json(self.days(), "day"),
            "budgets": [_budget_as_json(row) for row in self.budgets()],
        }

    @property
    def _sides(self) -> Sequence[Side]:
        return (self.old, self.new) if self.old else (self.new,)


def _largest_first(row: Row) -> tuple[float, str]:
    return -abs(row.difference), row.id


def _as_json(rows: Sequence[Row], kind: str) -> list[dict[str, Any]]:
    return [
        {
            kind: row.id,
            **({"name": row.name} if row.name != row.id else {}),
            "before": None if row.old is None else round(row.old, 2),
            "after": round(row.new, 2),
        }
        for row in rows
    ]


def _budget_as_json(row: BudgetRow) -> dict[str, Any]:
    return {
        "rule": row.rule_id,
        "name": row.name,
        "points_total": row.points_total,
        "per_member_per_day": row.per_member_per_day,
        "given": None if row.given is None else round(row.given, 3),
        "cut": round(row.cut, 3),
        "ran_out_at": row.ran_out_at.isoformat() if row.ran_out_at else None,
        "average_day": round(row.average_day, 3),
        "too_small": row.too_small,
    }
