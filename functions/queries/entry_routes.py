"""A member's ledger: every entry with its time and reason, and one entry explained line by line."""

from datetime import date, timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.queries.dependencies import Dependencies
from functions.queries.entry_pages import entry_detail, entry_view
from functions.queries.entry_schemas import EntryDetailView, EntryPage
from shared.errors import (
    BadCursorError,
    DependencyUnavailableError,
    EntryNotFoundError,
    InvalidFieldError,
    MemberNotFoundError,
    NoProgramError,
)
from shared.http.call import Call
from shared.http.fields import LAST_DAY, Day
from shared.http.pages import Cursor, Limit
from shared.http.problems import invalid_field
from shared.http.routes import Routes
from shared.ledger.entries import EntryKind
from shared.ledger.store import HistoryFilters
from shared.program.calendar import day_begins_at
from shared.runtime import telemetry

routes = Routes[Dependencies](tag="Ledger")


@routes.get(
    "/v1/me/entries",
    scopes=("member",),
    errors=(BadCursorError, InvalidFieldError, MemberNotFoundError, DependencyUnavailableError, NoProgramError),
)
def list_entries(
    built: Dependencies,
    call: Call,
    *,
    kind: Annotated[EntryKind | None, Query(description="Only entries of this kind.")] = None,
    first: Annotated[Day | None, Query(alias="from", description="The first day, in the program's zone.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="The last day, in the program's zone.")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> EntryPage:
    """List my entries, newest first."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    asked = {"kind": kind, "from": first, "to": last}
    listing = built.cursors.listing(route=call.route, principal=member_id, filters=asked)
    filters = filters_of(built, kind, first, last)
    page = built.ledger.history(member_id, limit=limit, start=listing.start(cursor), filters=filters)
    views = [entry_view(entry, call.language) for entry in page.entries]
    return EntryPage(items=views, next_cursor=listing.next_cursor(page.following))


@routes.get(
    "/v1/me/entries/<id>",
    scopes=("member",),
    errors=(EntryNotFoundError, MemberNotFoundError, DependencyUnavailableError, NoProgramError),
)
def read_entry(built: Dependencies, call: Call, id: str) -> EntryDetailView:  # noqa: A002 the path names it
    """Read one of my entries, with how it was calculated."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    return entry_detail(id, member_id, built, call.language)


def filters_of(built: Dependencies, kind: EntryKind | None, first: date | None, last: date | None) -> HistoryFilters:
    """Make whole days of the program's zone a half-open span of instants.

    Raises InvalidFieldError where the last day is before the first, and NoProgramError.
    """
    if first and last and last < first:
        raise invalid_field("query:to", "out-of-range", least=first.isoformat(), most=LAST_DAY.isoformat())
    if first is None and last is None:
        return HistoryFilters(kind=kind)
    zone = built.moment().program.zone
    return HistoryFilters(
        kind=kind,
        since=day_begins_at(first, zone) if first else None,
        until=day_begins_at(last + timedelta(days=1), zone) if last else None,
    )
