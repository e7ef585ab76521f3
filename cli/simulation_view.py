"""A simulation on the terminal: the sentence and the sums that a publication shows too, then rules and members."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from cli.program_texts import Say
from cli.simulation_report import BudgetRow, Compared, Row


def show_summary(output: Console, found: Compared, say: Say) -> None:
    """Show what came of it in all, and of the budgets."""
    output.print(found.headline(say), style="bold", markup=False, soft_wrap=True)
    totals = Table(box=None, show_header=False, pad_edge=False)
    for name, value in found.totals(say):
        totals.add_row(name, value)
    output.print(totals)
    if budgets := found.budgets():
        output.print()
        output.print(_budgets(budgets, say))
    for warning in found.warnings(say):
        output.print(f"⚠ {warning}", style="yellow", markup=False, soft_wrap=True)


def show_details(output: Console, found: Compared, say: Say) -> None:
    """Show the points by rule, the members who are most affected, and what was taken for granted."""
    members = found.members()
    by_member = say("by-member-changed" if found.old else "by-member", count=len(members))
    compared = found.old is not None
    output.print()
    output.print(say("by-rule"), style="italic", markup=False)
    output.print(_rows(found.rules(say), say, compared=compared, in_all=True))
    output.print()
    output.print(by_member, style="italic", markup=False)
    output.print(_rows(members, say, compared=compared))
    output.print()
    for note in found.notes(say):
        output.print(note, style="dim", markup=False, soft_wrap=True)


def _rows(rows: Sequence[Row], say: Say, *, compared: bool, in_all: bool = False) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    for column in ("old", "new", "difference") if compared else ("points",):
        table.add_column(say(column), justify="right")
    sums = Row("", say("in-all"), sum(row.old or 0 for row in rows), sum(row.new for row in rows))
    for row in [*rows, sums] if in_all else rows:
        numbers = (number(row.old or 0), number(row.new), signed(row.difference)) if compared else (number(row.new),)
        table.add_row(row.name, *numbers)
    return table


def _budgets(rows: Sequence[BudgetRow], say: Say) -> Table:
    table = Table(box=None, pad_edge=False, title=say("budgets"), title_justify="left")
    table.add_column("", overflow="fold")
    for column in ("budget", "given", "cut", "ran-out"):
        table.add_column(say(column), justify="right")
    for row in rows:
        table.add_row(row.name, limits(row, say), *budget_cells(row, say))
    return table


def limits(row: BudgetRow, say: Say) -> str:
    """Write a budget: its total, and what a member may get of it on a day."""
    total = say("total-budget", points=number(row.points_total)) if row.points_total is not None else ""
    per_day = say("per-member-day", points=number(row.per_member_per_day)) if row.per_member_per_day is not None else ""
    return " · ".join(filter(None, (total, per_day)))


def budget_cells(row: BudgetRow, say: Say) -> tuple[str, str, str]:
    """Write what a budget gave, what it cut, and when its total ran out."""
    if row.given is None:
        return "–", number(row.cut), "–"
    left = say("lasts") if row.given or row.cut else say("unused")
    return number(row.given), number(row.cut), f"{row.ran_out_at:%Y-%m-%d %H:%M}" if row.ran_out_at else left


def number(value: float) -> str:
    return f"{round(value):,}"


def signed(value: float) -> str:
    return f"{round(value):+,}" if round(value) else "0"
