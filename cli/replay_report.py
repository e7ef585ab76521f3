"""What a replay tells: what the invoices became, and what came of the events."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.table import Table

from cli.receipts import Converted
from cli.replay_workers import Answered

PERCENTILES: Final = (50, 99)
SERVER_ERROR: Final = 500
NOT_LET_IN: Final = frozenset({401, 403, 404})

Outcome = tuple[str, str, str]
"""The event's type, its result or problem code, and the reason."""


@dataclass(slots=True)
class Tally:
    """What came of the events so far."""

    results: Counter[Outcome] = field(default_factory=Counter)
    points: Counter[Outcome] = field(default_factory=Counter)
    elapsed_ms: list[float] = field(default_factory=list)
    failed: int = 0

    def add(self, kind: str, answered: Answered) -> None:
        outcome = (kind, answered.result, answered.reason)
        self.results[outcome] += 1
        self.points[outcome] += answered.points if answered.result == "applied" else 0  # a repetition moves nothing
        self.elapsed_ms.append(answered.elapsed_ms)
        self.failed += answered.status >= SERVER_ERROR or answered.status in NOT_LET_IN

    @property
    def applied(self) -> int:
        return sum(count for (_, result, _), count in self.results.items() if result == "applied")


def print_invoices(console: Console, converted: Converted) -> None:
    """Say what the invoices of the file became."""
    table = Table("invoices", "became", box=None, header_style="dim")
    for outcome, count in sorted(converted.invoices.items(), key=lambda counted: -counted[1]):
        table.add_row(f"{count:,}", outcome)
    table.add_row(f"{sum(converted.invoices.values()):,}", "in all")
    console.print(table)
    unmatched = f"{converted.unmatched_lines:,} cancelled lines match no sale in the file"
    console.print(f"{len(converted.events):,} events; {unmatched}\n")


def print_tally(console: Console, tally: Tally, elapsed_seconds: float, title: str) -> None:
    """Say what came of the events, how many points moved, and how long the answers took."""
    table = Table("event", "result", "reason", title=title, title_justify="left", box=None, header_style="dim")
    table.add_column("events", justify="right")
    table.add_column("points", justify="right")
    for outcome in sorted(tally.results):
        table.add_row(*outcome, f"{tally.results[outcome]:,}", f"{tally.points[outcome]:+,}")
    console.print(table)
    ordered = sorted(tally.elapsed_ms)
    told = [f"p{one} {ordered[min(len(ordered) - 1, len(ordered) * one // 100)]:.1f} ms" for one in PERCENTILES]
    console.print(f"{len(ordered) / elapsed_seconds:,.0f} events a second · {' · '.join(told)}\n")
