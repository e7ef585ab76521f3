"""What publishing shows before it is done: what the latest sales would have cost by the new rules."""

import os
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.progress import Progress

from cli.connection import Connection
from cli.program_simulate import compared, live_candidate, show_totals, worth_of
from cli.program_texts import Say
from cli.program_view import console
from cli.simulation import Candidate
from cli.simulation_input import read_ledger
from shared.program.store import Draft


def show_simulation(output: Console, draft: Draft, connection: Connection, days: int, say: Say) -> None:
    """Simulate the deployed sales of the last days by the live version and by a draft, and show the sums."""
    since = datetime.now(UTC) - timedelta(days=days)
    happenings = list(read_ledger(connection.dynamodb, connection.tables.ledger, since))
    output.print()
    output.print(say("simulated-days", days=days), style="bold")
    if not happenings:
        output.print(say("no-sales-yet"))
        return
    new = Candidate(draft.program, draft.category_map, {})
    with Progress(console=console(stderr=True), transient=True, disable=not output.is_terminal) as progress:
        found = compared(
            happenings,
            live_candidate(connection),
            new,
            worth=worth_of(draft.program),
            processes=os.cpu_count() or 2,
            progress=progress,
            say=say,
        )
    show_totals(output, found, draft, say)
    output.print(say("simulate-more", days=days), style="dim", soft_wrap=True)
