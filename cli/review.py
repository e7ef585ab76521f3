"""`jifen review …`: sales that wait for a person, because of their date or because the receipt is known otherwise.

An accepted sale earns by the rules of its own instant, once, like any other. What is dismissed is forgotten.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.text import Text

from cli.connection import Connection
from cli.program_command import FOUND_ERRORS, deployment, language_of, stop
from cli.program_texts import speaker
from shared.earning.assembly import Earning
from shared.earning.budgets import Budgets
from shared.earning.events import MemberReference, SaleEvent
from shared.earning.record_sale import record_sale
from shared.earning.review import Reviewed, drop_reviewed, list_reviewed
from shared.errors import SaleConflictError
from shared.ledger.store import Ledger
from shared.members.store import Members
from shared.program.store import Programs
from shared.runtime.clock import utc_now
from shared.runtime.patience import patience_of_seconds

SECONDS = 20

app = typer.Typer(no_args_is_help=True, help="待人工核对的小票 · review: sales that wait for a person")

Id = Annotated[str, typer.Argument(metavar="ID", help="As `jifen review list` shows it; its beginning will do.")]


class Desk(NamedTuple):
    """What a reviewer works with."""

    ledger: Ledger
    earning: Earning


@app.command(name="list")
def show(context: typer.Context) -> None:
    """List the sales that wait, oldest first."""
    with _desk(context) as desk:
        waiting = sorted(list_reviewed(desk.ledger), key=lambda one: one.received_at)
    console = Console()
    if not waiting:
        console.print("nothing waits")
        return
    for one in waiting:
        sold = one.sale.occurred_at.isoformat(timespec="seconds")
        told = Text(f"  {one.reason}  {one.sale.store_id} {one.sale.receipt_id}")  # tills choose ids: no markup in them
        console.print(Text(one.id[:8], style="bold") + told)
        console.print(
            f"          sold {sold}, {one.sale.total_minor} {one.sale.currency}, {one.member_id or 'no member'}"
        )


@app.command()
def accept(context: typer.Context, review_id: Id) -> None:
    """Record a sale that waits: its member earns by the rules of the sale's own instant."""
    with _desk(context) as desk:
        one = _find(desk, review_id)
        member = MemberReference(kind="member_id", value=one.member_id) if one.member_id else None
        event = SaleEvent(sale=one.sale, member=member)
        try:
            outcome = record_sale(event, desk.earning, patience_of_seconds(SECONDS), claim_window=None)
        except SaleConflictError:
            stop(
                "the receipt is recorded with other content: dismiss it, or post a refund of what differs", FOUND_ERRORS
            )
        if outcome.result == "quarantined":
            stop(f"still {outcome.reason}: {one.sale.occurred_at.isoformat()}", FOUND_ERRORS)
        drop_reviewed(desk.ledger, one.sale)
    reason = f" ({outcome.reason})" if outcome.reason else ""
    Console().print(f"{outcome.result}{reason}: {outcome.points + outcome.points_pending:+} points")


@app.command()
def dismiss(context: typer.Context, review_id: Id) -> None:
    """Forget a sale that waits; nobody earns."""
    with _desk(context) as desk:
        one = _find(desk, review_id)
        drop_reviewed(desk.ledger, one.sale)
    Console().print(Text(f"dismissed {one.sale.store_id} {one.sale.receipt_id}"))


@contextmanager
def _desk(context: typer.Context) -> Iterator[Desk]:
    with deployment(context, speaker(language_of(None))) as connection:
        ledger = Ledger(client=connection.dynamodb, tables=connection.tables)
        programs = Programs(client=connection.dynamodb, table=connection.tables.ledger, clock=utc_now)
        earning = Earning(
            ledger=ledger,
            programs=programs,
            find_member=lambda known: known.value,
            find_birthday=lambda member_id: _birthday(member_id, connection),
            budgets=Budgets(ledger=ledger, pick=random.SystemRandom().choice),
            clock=utc_now,
        )
        yield Desk(ledger, earning)


def _birthday(member_id: str, connection: Connection) -> date | None:
    key = connection.keys().key_for("references")
    return Members(client=connection.dynamodb, tables=connection.tables, key=key).birthday(member_id)


def _find(desk: Desk, review_id: str) -> Reviewed:
    found = [one for one in list_reviewed(desk.ledger) if one.id.startswith(review_id)]
    if len(found) != 1:
        stop(
            f"{review_id}: {'none waits' if not found else 'more than one begins so'} (jifen review list)", FOUND_ERRORS
        )
    return found[0]
