"""Two simulations side by side: totals, rules, the members who are most affected."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cli.program_texts import Say
from cli.simulation import TIER, Result
from shared.program.currency import format_minor, minor_digits
from shared.program.model import Program

MOST_AFFECTED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """`old` is None where there is nothing to compare with. `worth` is that of a point, in major units."""

    new: Result
    old: Result | None
    worth: float

    @property
    def change_percent(self) -> float | None:
        if self.old is None or not self.old.points:
            return None
        return 100 * (self.new.points - self.old.points) / self.old.points

    def cost_minor(self, points: float, currency: str) -> int:
        return round(points * self.worth * float(10 ** minor_digits(currency)))

    def totals(self, say: Say, currency: str) -> Iterator[tuple[str, str]]:
        """Give the rows of the summary, each with its name."""
        new, old = self.new, self.old
        yield say("sales"), f"{new.sales:,}"
        yield say("returns"), f"{new.returns:,}"
        yield say("refused"), f"{new.refused:,}"
        yield say("members"), f"{len(new.by_member):,}"
        if old:
            yield say("points-old"), f"{old.points:,}"
        yield say("points-new"), f"{new.points:,}"
        if self.change_percent is not None:
            yield say("change"), f"{self.change_percent:+.1f}%"
        yield say("cost"), format_minor(self.cost_minor(new.points, currency), currency)
        if old:
            more = format_minor(abs(self.cost_minor(new.points - old.points, currency)), currency)
            yield say("more-cost"), f"{'+' if new.points >= old.points else '-'}{more}"

    def rules(self, program: Program, say: Say) -> list[tuple[str, float | None, float]]:
        """Give points by rule, the largest change first, or the most points where nothing is compared."""
        names = {rule.id: rule.name for rule in program.earn} | {TIER: say("tiers")}
        old = self.old.by_rule if self.old else {}
        ids = {rule for rule, points in (*self.new.by_rule.items(), *old.items()) if abs(points) >= 1}
        rows = [
            (names.get(one, one), old.get(one, 0.0) if self.old else None, self.new.by_rule.get(one, 0.0))
            for one in ids
        ]
        return sorted(rows, key=lambda row: (-abs(row[2] - (row[1] or 0)), row[0]))

    def members(self) -> list[tuple[str, float | None, float]]:
        """Give the ten members whose points change most."""
        old = self.old.by_member if self.old else {}
        rows: list[tuple[str, float | None, float]] = [
            (member, old.get(member, 0) if self.old else None, self.new.by_member.get(member, 0))
            for member in self.new.by_member.keys() | old.keys()
        ]
        return sorted(rows, key=lambda row: (-abs(row[2] - (row[1] or 0)), row[0]))[:MOST_AFFECTED]

    def days(self) -> list[tuple[str, int, int]]:
        """Give points by day, old and new."""
        old = self.old.by_day if self.old else {}
        return [
            (day, old.get(day, 0), self.new.by_day.get(day, 0)) for day in sorted(self.new.by_day.keys() | old.keys())
        ]

    def to_json(self) -> dict[str, Any]:
        """Give everything as JSON values."""
        return {
            "sales": self.new.sales,
            "returns": self.new.returns,
            "refused": self.new.refused,
            "points": self.new.points,
            "points_before": self.old.points if self.old else None,
            "change_percent": self.change_percent,
            "cost": round(self.new.points * self.worth, 2),
            "by_rule": {rule: round(points, 2) for rule, points in sorted(self.new.by_rule.items())},
            "most_affected": [{"member": name, "before": old, "after": new} for name, old, new in self.members()],
            "budgets_spent_at": {rule: at.isoformat() for rule, at in sorted(self.new.spent_by.items())},
        }
