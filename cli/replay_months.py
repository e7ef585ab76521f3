"""What a replayed year did, month by month, counted from the ledger's entries and messages as they stand."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from shared.audit.check import is_entry
from shared.audit.scan import scan_segment
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import account_of, entry_of
from shared.ledger.lots import last_day_of
from shared.messages.message import Kind
from shared.names import MESSAGES_PREFIX
from shared.runtime.settings import Tables
from shared.tiers.review import KEPT

COLUMNS: Final = ("sales", "returns", "earned", "taken back", "expired", "up", "kept", "down")
WARNINGS: Final = "warnings"
WIDEST: Final = 120
"""Columns that the table needs; a file or a pipe has no width of its own."""


@dataclass(slots=True)
class Months:
    """Counts by month and column; `untold` are lots that lapsed of which their member had no reminder."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    tiers: Counter[str] = field(default_factory=Counter)
    outstanding: int = 0
    untold: int = 0

    @property
    def total(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for counts in self.counts.values():
            total.update(counts)  # unlike +, keeps what is negative
        return total

    @property
    def reminders(self) -> list[str]:
        """Name the columns of reminders, the earliest before the last day first."""
        names = {name for one in self.counts.values() for name in one if name.endswith(" d")}
        return sorted(names, key=lambda name: -int(name.split()[0]))


def count_months(client: Any, tables: Tables, zone: tzinfo) -> Months:
    """Read both tables once; months are those in which the ledger took an entry in, by the clock of a zone."""
    months = Months()
    lapsed: set[tuple[str, date]] = set()
    told: set[tuple[str, str]] = set()
    for item in scan_segment(client, tables.ledger, 0, 1):
        if is_entry(item):
            entry = entry_of(item)
            _count(entry, months.counts[f"{entry.posted_at.astimezone(zone):%Y-%m}"])
            lapsed |= _lapsed(entry)
        elif item["pk"].startswith(MESSAGES_PREFIX):
            due, kind, subject, offset, _channel = item["sk"].split("#")
            column = f"{offset} d" if kind == Kind.POINTS_EXPIRING else WARNINGS
            notice = (item["pk"], item["sk"].rpartition("#")[0])
            if notice not in told:
                months.counts[f"20{due[:2]}-{due[2:4]}"][column] += 1
            told |= {notice, (item["pk"].removeprefix(MESSAGES_PREFIX), subject)}
    months.untold = sum((member, f"{day:%y%m%d}") not in told for member, day in lapsed)
    for item in scan_segment(client, tables.accounts, 0, 1):
        account = account_of(item)
        months.tiers[account.tier.tier_id] += 1
        months.outstanding += account.balance.available + account.balance.pending + account.held
    return months


def _count(entry: Entry, counts: Counter[str]) -> None:
    points = entry.movement.points + entry.movement.points_pending
    match entry.kind:
        case EntryKind.EARNED:
            counts.update({"sales": 1, "earned": points, "up": entry.movement.tier is not None})
        case EntryKind.REVERSED:
            counts.update({"returns": 1, "taken back": points, "down": entry.movement.tier is not None})
        case EntryKind.EXPIRED:
            counts["expired"] += points
        case EntryKind.REVIEWED:
            counts["kept" if entry.details["why"] == KEPT else "down"] += 1
        case _:
            pass


def _lapsed(entry: Entry) -> set[tuple[str, date]]:
    if entry.kind is not EntryKind.EXPIRED:
        return set()
    return {(entry.member_id, day) for lot in entry.movement.lots if (day := last_day_of(lot))}


def print_months(console: Console, months: Months) -> bool:
    """Print the table, the tiers at the end, and whether it adds up; say whether it does."""
    columns = (*COLUMNS, *months.reminders, WARNINGS)
    table = Table("month", title="as if the time had passed", title_justify="left", box=None, header_style="dim")
    for column in columns:
        table.add_column(column, justify="right")
    for month in sorted(months.counts):
        table.add_row(month, *(f"{months.counts[month][column]:,}" for column in columns))
    total = months.total
    table.add_row("in all", *(f"{total[column]:,}" for column in columns), style="bold")
    if not console.is_terminal:
        console.width = max(console.width, WIDEST)
    console.print(table)
    console.print("tiers at the end: " + ", ".join(f"{tier} {count:,}" for tier, count in months.tiers.most_common()))
    left = total["earned"] + total["taken back"] + total["expired"]
    adds_up = left == months.outstanding
    console.print(f"earned + taken back + expired = {left:,}; accounts hold {months.outstanding:,}", highlight=False)
    console.print(f"lots that lapsed without a reminder: {months.untold:,}\n", highlight=False)
    return adds_up and not months.untold
