"""What the staff sees of a member's past: entries, redemptions, sales.

A member belongs to the chain. What happened in a store is that store's: who has a token for some stores sees what is
of these, and what is of no store; the balance after each entry is the whole one.
"""

from dataclasses import replace
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.queries.dependencies import Dependencies
from functions.queries.entry_routes import filters_of
from functions.queries.reward_schemas import RedemptionPage, RedemptionView
from functions.queries.staff_pages import sale_view, staff_entry_views
from functions.queries.staff_schemas import SalePage, StaffEntryPage
from shared.earning.receipts import read_collection
from shared.errors import (
    BadCursorError,
    BusyError,
    DependencyUnavailableError,
    InvalidFieldError,
    MemberNotFoundError,
    NoProgramError,
)
from shared.http.actors import member_named
from shared.http.call import Call
from shared.http.cursors import Listing
from shared.http.fields import Day
from shared.http.pages import Cursor, Limit
from shared.http.routes import Routes
from shared.ledger.entries import EntryKind
from shared.ledger.store import HistoryFilters
from shared.redemption.history import redemption_page
from shared.runtime import telemetry

routes = Routes[Dependencies](tag="Staff")


@routes.get(
    "/v1/admin/members/<id>/entries",
    scopes=("staff:read",),
    errors=(
        BadCursorError,
        BusyError,
        DependencyUnavailableError,
        InvalidFieldError,
        MemberNotFoundError,
        NoProgramError,
    ),
)
def list_member_entries(
    built: Dependencies,
    call: Call,
    *,
    id: str,  # noqa: A002 the path names it
    kind: Annotated[EntryKind | None, Query(description="Only entries of this kind.")] = None,
    first: Annotated[Day | None, Query(alias="from", description="The first day, in the program's zone.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="The last day, in the program's zone.")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> StaffEntryPage:
    """List a member's entries, newest first, and who of the staff made each, if a person did."""
    listing = _listing(built, call, id, kind=kind, first=first, last=last)
    filters = replace(filters_of(built, kind, first, last), stores=call.principal.only_stores)
    page = built.ledger.history(id, limit=limit, start=listing.start(cursor), filters=filters)
    views = staff_entry_views(page.entries, built, call)
    return StaffEntryPage(items=views, next_cursor=listing.next_cursor(page.following))


@routes.get(
    "/v1/admin/members/<id>/redemptions",
    scopes=("staff:read",),
    errors=(BadCursorError, BusyError, DependencyUnavailableError, InvalidFieldError, MemberNotFoundError),
)
def list_member_redemptions(
    built: Dependencies,
    call: Call,
    *,
    id: str,  # noqa: A002 the path names it
    limit: Limit = 20,
    cursor: Cursor = None,
) -> RedemptionPage:
    """List a member's redemptions and what became of them, newest first."""
    listing, stores = _listing(built, call, id), call.principal.only_stores
    page = redemption_page(built.ledger, id, call.patience, limit=limit, start=listing.start(cursor), stores=stores)
    views = [RedemptionView.of(fate) for fate in page.items]
    return RedemptionPage(items=views, next_cursor=listing.next_cursor(page.following))


@routes.get(
    "/v1/admin/members/<id>/sales",
    scopes=("staff:read",),
    errors=(BadCursorError, DependencyUnavailableError, InvalidFieldError, MemberNotFoundError),
)
def list_member_sales(
    built: Dependencies,
    call: Call,
    *,
    id: str,  # noqa: A002 the path names it
    limit: Limit = 20,
    cursor: Cursor = None,
) -> SalePage:
    """List a member's sales that earned: what each gave, what came back of it, and what is left."""
    listing = _listing(built, call, id)
    filters = HistoryFilters(kind=EntryKind.EARNED, stores=call.principal.only_stores)
    page = built.ledger.history(id, limit=limit, start=listing.start(cursor), filters=filters)
    receipts = (read_collection(built.ledger.collection(entry.key.pk)).receipt for entry in page.entries)
    views = [sale_view(receipt) for receipt in receipts if receipt]
    return SalePage(items=views, next_cursor=listing.next_cursor(page.following))


def _listing(built: Dependencies, call: Call, member_id: str, **filters: object) -> Listing:
    """Give the list to page through, once it is known that there is such a member. Raises MemberNotFoundError."""
    built.ledger.account(member_named(member_id))
    telemetry.note(member_id=member_id)
    asked = {"member": member_id, **filters}
    return built.cursors.listing(route=call.route, principal=call.principal.identity, filters=asked)
