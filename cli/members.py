"""`jifen members …`: members of an older system, and tiers by hand.

The file to import is CSV in UTF-8 with a header:
`external_id,card,phone,name,consent_policy,consent_version,consented_at`. A row names at least one of external id,
card and phone, and says when the customer agreed to what: whoever imports vouches for it. Importing a file again
changes nothing, so what failed is mended in the file and the whole file imported again.

What went wrong is told by line and code; the contents of a row are personal and are not printed.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer
from rich.console import Console
from rich.progress import track

from cli.connection import Connection
from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, deployment, language_of, stop
from cli.program_texts import speaker
from cli.reinstatements import expired, reinstate
from shared.errors import JifenError, Unavailable
from shared.ledger.store import Ledger
from shared.members.enrol import Opening
from shared.members.import_member import OldMember, import_member
from shared.members.profile import Policy
from shared.members.store import Members
from shared.program.calendar import business_date
from shared.program.model import Program
from shared.program.store import Programs
from shared.runtime.clock import utc_now
from shared.runtime.ids import MemberId, new_id
from shared.runtime.patience import patience_of_seconds
from shared.tiers.set_tier import Setting, set_tier
from shared.tiers.time_rules import TimeRules

COLUMNS: Final = ("external_id", "card", "phone", "name", "consent_policy", "consent_version", "consented_at")
PATIENCE_SECONDS: Final = 30
MOST_SHOWN: Final = 20

app = typer.Typer(no_args_is_help=True, help="会员 · members")
app.command()(expired)
app.command()(reinstate)


class FileRefusedError(Exception):
    """The file cannot be read as a list of members; the text says why."""


class Row(NamedTuple):
    """A line of the file; `member` is None where it could not be read."""

    line: int
    member: OldMember | None


@dataclass(slots=True)
class Tally:
    """What came of the rows. `failures` are lines and codes."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)


@app.command(name="import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a header, UTF-8.")],
) -> None:
    """Import the members of an older system; a second time changes nothing."""
    console = Console()
    try:
        rows = read_rows(file)
    except FileRefusedError as error:
        stop(str(error), COULD_NOT_RUN)
    with deployment(context, speaker(language_of(None))) as connection:
        shown = track(rows, "importing", console=console, disable=not console.is_terminal, transient=True)
        try:
            tally = import_rows(shown, connection, datetime.now(UTC))
        except Unavailable as error:
            stop(f"{error}: what was imported stays; import the file again", COULD_NOT_RUN)
    console.print(f"new {tally.counts['new']:,} · known {tally.counts['known']:,} · failed {len(tally.failures):,}")
    for line, code in tally.failures[:MOST_SHOWN]:
        console.print(f"line {line}: {code}")
    raise typer.Exit(FOUND_ERRORS if tally.failures else 0)


@app.command(name="set-tier")
def set_tier_by_hand(
    context: typer.Context,
    member_id: Annotated[str, typer.Argument(help="The member's id, `mem_…`.")],
    tier_id: Annotated[str, typer.Argument(help="A tier of the program in force.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the ledger.")],
    by: Annotated[str, typer.Option(help="Who decided; it stands in the ledger.")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day of the tier.")] = None,
) -> None:
    """Set a member's tier by hand, up or down, until a day; afterwards it is reviewed like any other."""
    with deployment(context, speaker(language_of(None))) as connection:
        ledger = Ledger(client=connection.dynamodb, tables=connection.tables)
        programs = Programs(client=connection.dynamodb, table=connection.tables.ledger)
        rules = TimeRules(programs=programs, ledger=ledger)
        setting = Setting(
            setting_id=new_id("tsr"),
            digest="",
            member_id=member_id,
            tier_id=tier_id,
            valid_until=until.date() if until else None,
            reason=reason,
            author=by,
        )
        try:
            entry, _ = set_tier(setting, rules, ledger, patience_of_seconds(PATIENCE_SECONDS), clock=utc_now)
        except JifenError as error:
            stop(str(error), FOUND_ERRORS)
    Console().print(f"{member_id}: {entry.label}" + (f" → {until:%Y-%m-%d}" if until else ""), highlight=False)


def read_rows(file: Path) -> list[Row]:
    """Read the file. Raises FileRefusedError where it has other columns or is not UTF-8."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise FileRefusedError(f"columns are missing: {', '.join(missing)}")
            return list(_rows(reader))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileRefusedError("the file is not CSV in UTF-8") from error


def _rows(reader: "csv.DictReader[str]") -> Iterator[Row]:
    for read in reader:
        cells = {name: (read[name] or "").strip() for name in COLUMNS}
        yield Row(reader.line_num, _old_member(cells))


def _old_member(cells: dict[str, str]) -> OldMember | None:
    """Read a row; None where `consented_at` is no RFC 3339 time with an offset."""
    try:
        consented_at = datetime.fromisoformat(cells["consented_at"])
    except ValueError:
        return None
    if consented_at.tzinfo is None:
        return None
    return OldMember(
        consent=Policy(policy=cells["consent_policy"], version=cells["consent_version"]),
        consented_at=consented_at,
        external_id=cells["external_id"] or None,
        card=cells["card"] or None,
        phone=cells["phone"] or None,
        name=cells["name"] or None,
    )


def import_rows(rows: Iterable[Row], connection: Connection, now: datetime) -> Tally:
    """Import row by row; a row that is refused is counted and the next one follows.

    Raises NoProgramError where no program is in force, BusyError and DependencyUnavailableError: what was imported
    stays.
    """
    client, tables = connection.dynamodb, connection.tables
    store = Members(client=client, tables=tables, key=connection.keys().key_for("references"))
    ledger = Ledger(client=client, tables=tables)
    program = Programs(client=client, table=tables.ledger).chain_wide(now)
    tally = Tally()
    for line, member in rows:
        if member is None:
            tally.failures.append((line, "consented-at-invalid"))
            continue
        opening = _opening(program, now)
        patience = patience_of_seconds(PATIENCE_SECONDS)
        try:
            imported = import_member(store, ledger, member, opening, patience=patience)
        except Unavailable:
            raise
        except JifenError as error:
            tally.failures.append((line, error.code))
        else:
            tally.counts["new" if imported.is_new else "known"] += 1
    return tally


def _opening(program: Program, now: datetime) -> Opening:
    today = business_date(now, program.business_zone)
    return Opening(member_id=MemberId(new_id("mem")), at=now, enrolled_on=today, tier_id=program.lowest_tier)
