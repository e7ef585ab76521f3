"""What sales cost by the rules in force and by new ones: for `simulate`, and before a version is published."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from rich.console import Console
from rich.progress import Progress

from cli.connection import Connection
from cli.program_texts import Say
from cli.program_view import console
from cli.simulation import simulate_all
from cli.simulation_input import read_ledger
from cli.simulation_report import Compared, Side
from cli.simulation_view import show_summary
from cli.simulation_world import Candidate, Happening
from shared.program.model import Program
from shared.program.store import Draft, Programs, read_chain, read_timeline
from shared.program.timeline import EVERYWHERE, live

WORTH: Final = Decimal("0.01")
PROCESSES: Final = os.cpu_count() or 2


def show_simulation(output: Console, draft: Draft, connection: Connection, days: int, say: Say) -> None:
    """Simulate the deployed sales of the last days by the live version and by a draft, and show the sums."""
    output.print()
    output.print(say("simulated-days", days=days), style="bold")
    with shown_progress() as progress:
        happenings = latest_sales(connection, days, progress, say)
        if not happenings:
            output.print(say("no-sales-in-days", days=days), soft_wrap=True)
            return
        old, new = live_candidate(connection, say), candidate_of(draft, say("draft"))
        worth = worth_of(draft.program)
        found = compared(happenings, old, new, worth=worth, processes=PROCESSES, progress=progress, say=say)
    show_summary(output, found, say)
    output.print(say("simulate-more", days=days), style="dim", soft_wrap=True)


def compared(
    happenings: Sequence[Happening],
    old: Candidate | None,
    new: Candidate,
    *,
    worth: Decimal,
    processes: int,
    progress: Progress,
    say: Say,
) -> Compared:
    """Simulate under the new rules, and under the old ones if there are any."""
    candidates = [one for one in (old, new) if one]
    task = progress.add_task(say("simulating"), total=len(happenings) * len(candidates))
    results = simulate_all(
        happenings,
        candidates,
        processes=processes,
        progress=lambda done, total: progress.update(task, completed=done, total=total),
    )
    sides = [Side(candidate=one, simulated=came) for one, came in zip(candidates, results, strict=True)]
    return Compared(new=sides[-1], old=sides[0] if old else None, worth=worth)


def shown_progress() -> Progress:
    """Give a progress bar, which shows on a terminal only, and is gone at the end."""
    output = console(stderr=True)
    return Progress(console=output, disable=not output.is_terminal, transient=True)


def latest_sales(connection: Connection, days: int, progress: Progress, say: Say) -> list[Happening]:
    """Read the deployed sales of the last days."""
    since = datetime.now(UTC) - timedelta(days=days)
    task = progress.add_task(say("reading"), total=None)
    happenings = list(read_ledger(connection.dynamodb, connection.tables.ledger, since))
    progress.remove_task(task)
    return happenings


def worth_of(program: Program, asked: float | None = None) -> Decimal:
    """Say what a point costs, in major units: as asked for, else as the file says, else a cent."""
    return Decimal(str(asked)) if asked is not None else program.points.worth or WORTH


def candidate_of(draft: Draft, name: str) -> Candidate:
    return Candidate(draft.program, draft.category_map, {}, name)


def live_candidate(connection: Connection, say: Say) -> Candidate | None:
    """Give the live version, to compare with; None before the first one."""
    client, table = connection.dynamodb, connection.tables.ledger
    timeline, now = read_timeline(client=client, table=table)
    ref = live(timeline, now, EVERYWHERE)
    if ref is None:
        return None
    programs = Programs(client=client, table=table)
    program = programs.numbered(ref.number)
    zones = {store.id: store.zone for store in read_chain(client=client, table=table).stores if store.zone}
    return Candidate(program, programs.categories(program), zones, say("live-version", number=ref.number))
