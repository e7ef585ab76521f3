"""`jifen members expired` and `jifen members reinstate`: points that lapsed and come back."""

from typing import Annotated, Final

import typer
from rich.console import Console

from cli.program_command import FOUND_ERRORS, deployment, language_of, stop
from cli.program_texts import speaker
from shared.adjustments.reinstate_points import Reinstatement, reinstatable, reinstate_points
from shared.errors import InvalidFieldError, JifenError
from shared.ledger.entry_ids import entry_id, key_of_entry
from shared.ledger.lots import last_day_of
from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.runtime.clock import utc_now
from shared.runtime.patience import patience_of_seconds
from shared.tiers.time_rules import TimeRules

PATIENCE_SECONDS: Final = 30


def expired(
    context: typer.Context,
    member_id: Annotated[str, typer.Argument(help="The member's id, `mem_…`.")],
) -> None:
    """List the points of a member that expired and can still be given back, newest first."""
    with deployment(context, speaker(language_of(None))) as connection:
        ledger = Ledger(client=connection.dynamodb, tables=connection.tables)
        programs = Programs(client=connection.dynamodb, table=connection.tables.ledger)
        moment = TimeRules(programs=programs, ledger=ledger).moment(utc_now())
        found = list(reinstatable(member_id, moment, ledger))
    console = Console()
    if not found:
        console.print("nothing can be given back")
        return
    for entry, points in found:
        last_day = max(day for lot in entry.movement.lots if (day := last_day_of(lot)))
        console.print(f"{points:>8,} points, usable through {last_day}", highlight=False)
        console.print(f"         {entry_id(entry.key)}", highlight=False, soft_wrap=True)
    console.print("jifen members reinstate ENTRY --reason … --by … --approved-by …", style="dim")


def reinstate(
    context: typer.Context,
    entry: Annotated[
        str, typer.Argument(help="The entry that says they expired, as `jifen members expired` shows it.")
    ],
    reason: Annotated[str, typer.Option(help="Why; it stands in the ledger.")],
    by: Annotated[str, typer.Option(help="Who asks for it; it stands in the ledger.")],
    approved_by: Annotated[str, typer.Option(help="Who approved it, somebody else; it stands in the ledger.")],
) -> None:
    """Give expired points back, once, for as long as the program says (points.expire.reinstate)."""
    with deployment(context, speaker(language_of(None))) as connection:
        ledger = Ledger(client=connection.dynamodb, tables=connection.tables)
        programs = Programs(client=connection.dynamodb, table=connection.tables.ledger)
        rules = TimeRules(programs=programs, ledger=ledger)
        try:
            wanted = Reinstatement(expired=key_of_entry(entry), reason=reason, author=by, approver=approved_by)
            patience = patience_of_seconds(PATIENCE_SECONDS)
            given, replayed = reinstate_points(wanted, rules, ledger, patience, clock=utc_now)
        except InvalidFieldError as refused:
            stop("; ".join(f"{one['code']}: {one['detail']}" for one in refused.fields["errors"]), FOUND_ERRORS)
        except JifenError as error:
            stop(str(error), FOUND_ERRORS)
    told = f"given back already, on {given.posted_at:%Y-%m-%d}" if replayed else "given back"
    through = next((last_day_of(lot) for lot in given.movement.lots), None)
    usable = f", usable through {through}" if through else ", all of it paid a debt"
    Console().print(f"{given.member_id}: {given.movement.points} points {told}{usable}", highlight=False)
