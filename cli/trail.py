"""`jifen ops trail`: who did what when, on the terminal or as a sheet."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Column, Table

from cli.connection import Connection, connect
from cli.sheets import write_sheet
from shared.runtime.clock import utc_now
from shared.trail.deeds import Deed
from shared.trail.store import Trail

TITLES: Final = ("when", "who", "what", "about", "member", "store", "reason")
PAGE: Final = 500

DayOption = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day (UTC); today unless given.")]


def trail(
    context: typer.Context,
    since: DayOption = None,
    until: DayOption = None,
    member: Annotated[str | None, typer.Option(help="Only what concerns this member id.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write a CSV file for a spreadsheet instead.")] = None,
) -> None:
    """Show what the staff and operators did from one day to another, newest first."""
    connection = context.find_object(Connection) or connect()
    last = until.date() if until else utc_now().date()
    first = since.date() if since else last
    if first > last:
        raise typer.BadParameter("it ends before it begins")
    kept = Trail(client=connection.dynamodb, table=connection.tables.ledger)
    rows = [row_of(deed) for deed in deeds_of(kept, first, last) if member in {None, deed.member_id}]
    if sheet:
        write_sheet(sheet, TITLES, rows)
        print(f"{sheet}: {len(rows):,} deeds")
        return
    table = Table(*(Column(title, overflow="fold") for title in TITLES))
    for row in rows:
        table.add_row(*row)
    Console(markup=False).print(table if rows else "nothing was done")


def deeds_of(kept: Trail, first: date, last: date) -> Iterator[Deed]:
    """Read the deeds of days, newest first."""
    day = last
    while day >= first:
        start = None
        while True:
            page = kept.page(day, lambda _: True, limit=PAGE, start=start)
            yield from page.deeds
            start = page.following
            if not start:
                break
        day -= timedelta(days=1)


def row_of(deed: Deed) -> tuple[str, ...]:
    at = deed.at.astimezone(UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
    return (at, deed.who, deed.what.value, deed.about, deed.member_id, deed.store_id, deed.why)
