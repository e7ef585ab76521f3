"""`jifen audit`: does every account equal its entries? Exit 1 on any difference, naming it."""

import json
import os
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from cli.connection import connect
from shared.audit.check import Findings
from shared.audit.look import look
from shared.audit.scan import Reach, looking_of
from shared.audit.scan import audit as audit_tables
from shared.runtime.patience import patience_of_seconds

SECONDS_FOR_A_MEMBER: Final = 30


def audit(
    member: Annotated[str | None, typer.Option(help="Only this member id, and what concerns one member.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    processes: Annotated[int, typer.Option(min=1, help="Parallel scans.")] = os.cpu_count() or 2,
) -> None:
    """Rebuild every account from its entries and check every invariant over the whole table."""
    connection = connect()
    reach = Reach(connect=connection.connect_dynamodb, tables=connection.tables)
    console = Console(stderr=as_json)
    if member is None:
        findings = run_audit(reach, processes=processes, console=console)
    else:
        findings = look(member, looking_of(reach), patience_of_seconds(SECONDS_FOR_A_MEMBER))
    if as_json:
        print(json.dumps(_document(findings), ensure_ascii=False, indent=2))
        raise typer.Exit(1 if findings.differences else 0)
    raise typer.Exit(0 if print_findings(console, findings) else 1)


def run_audit(reach: Reach, *, processes: int, console: Console) -> Findings:
    """Audit with a progress bar where there is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks = {name: progress.add_task(name) for name in ("scan", "check")}
        return audit_tables(
            reach,
            processes=processes,
            progress=lambda name, done, total: progress.update(tasks[name], completed=done, total=total),
        )


def print_findings(console: Console, findings: Findings) -> bool:
    """Print what an audit found; say whether all is well."""
    console.print(
        f"audit: {findings.accounts:,} accounts, {findings.entries:,} entries, {findings.receipts:,} receipts; "
        f"{findings.outstanding:,} points outstanding",
        highlight=False,
    )
    told = " · ".join(f"{kind} {points:+,}" for kind, points in sorted(findings.points.items()) if points)
    if told:
        console.print(f"       {told}", highlight=False)
    for difference in findings.differences:
        console.print("  [red]✗[/red]", Text(difference), highlight=False, soft_wrap=True)
    if findings.differences:
        console.print(f"[red]{len(findings.differences):,} differences[/red]")
        return False
    console.print(
        "[green]✓[/green] every account equals its entries, every receipt its returns, every shard its redemptions",
        soft_wrap=True,
    )
    return True


def _document(findings: Findings) -> dict[str, object]:
    return {
        "accounts": findings.accounts,
        "entries": findings.entries,
        "receipts": findings.receipts,
        "outstanding": findings.outstanding,
        "points": dict(sorted(findings.points.items())),
        "differences": findings.differences,
    }
