"""What a replay needs before it starts: an engine with a program in it, and the customers as members."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track

from cli.laptop.engine import create_tables, engine_client, running_engine
from cli.receipts import ReplayEvent
from shared.ledger.store import Ledger
from shared.members.enrol import Opening
from shared.members.import_member import OldMember, import_member
from shared.members.profile import Policy
from shared.members.store import Members
from shared.program.load import load_program
from shared.program.store import Programs, publish
from shared.program.timeline import Schedule, Timeline
from shared.runtime.ids import MemberId, new_id
from shared.runtime.patience import patience_of_seconds
from shared.runtime.settings import Tables

LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
CONSENT: Final = Policy(policy="privacy", version="1")
PATIENCE_SECONDS: Final = 30


@contextmanager
def engine_with_program(program: Path) -> Iterator[tuple[str, Tables, bytes]]:
    """Start an engine, publish a program in it that has been in force for ever, give endpoint, tables and a key."""
    with running_engine() as endpoint:
        client = engine_client(endpoint)
        tables = create_tables(client)
        draft = replace(load_program(program).draft, schedule=Schedule(effective=LONG_AGO))
        patience = patience_of_seconds(PATIENCE_SECONDS)
        publish(draft, base=Timeline(), client=client, table=tables.ledger, patience=patience)
        yield endpoint, tables, secrets.token_bytes(32)


def enrol_customers(events: Sequence[ReplayEvent], client: Any, tables: Tables, key: bytes, console: Console) -> None:
    """Import every customer of the receipts as a member found by external id; who is there already stays."""
    members, ledger = Members(client=client, tables=tables, key=key), Ledger(client=client, tables=tables)
    at = events[0].at.astimezone(UTC) - timedelta(days=1)
    lowest = Programs(client=client, table=tables.ledger).in_force(events[-1].at, "").lowest_tier
    customers = sorted({event.customer for event in events if event.customer})
    for customer in track(customers, "enrolling", console=console, disable=not console.is_terminal, transient=True):
        import_member(
            members,
            ledger,
            OldMember(consent=CONSENT, consented_at=at, external_id=customer),
            Opening(member_id=MemberId(new_id("mem")), at=at, enrolled_on=at.date(), tier_id=lowest),
            patience=patience_of_seconds(PATIENCE_SECONDS),
        )
    console.print(f"{len(customers):,} customers are members")
