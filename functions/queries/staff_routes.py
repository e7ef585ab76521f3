"""The staff looks members up. Names and phones are masked but for those who may see them, which is recorded."""

from collections.abc import Iterable

from functions.queries.dependencies import Dependencies
from functions.queries.staff_schemas import FoundPage, FoundView, SearchRequest, StaffMemberView
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
from shared.http.idempotency import request_digest
from shared.http.pages import Cursor, Limit
from shared.http.routes import Routes
from shared.members.references import Kind
from shared.members.store import MemberPage, Overview
from shared.runtime import telemetry
from shared.runtime.ids import MemberId, is_id
from shared.trail.deeds import Deed, What

routes = Routes[Dependencies](tag="Staff")


@routes.post(
    "/v1/admin/members/search",
    scopes=("staff:read",),
    errors=(BadCursorError, BusyError, DependencyUnavailableError, InvalidFieldError, NoProgramError),
)
def search_members(
    built: Dependencies, call: Call, request: SearchRequest, *, limit: Limit = 20, cursor: Cursor = None
) -> FoundPage:
    """Find members by phone, card, external id, id or full name; where nobody is found, the page is empty."""
    moment, who, filters = built.moment(), call.principal.identity, {"search": request_digest(request)}
    start = built.cursors.open(cursor, route=call.route, principal=who, filters=filters)
    page = _found(built, request, limit, start["after"] if start else None)
    overviews = built.members.overviews(page.members, call.patience)
    masked = _is_masked(built, call, overviews)
    following = {"after": page.following} if page.following else None
    next_cursor = built.cursors.seal(following, route=call.route, principal=who, filters=filters)
    return FoundPage(items=[FoundView.of(one, moment, masked=masked) for one in overviews], next_cursor=next_cursor)


@routes.get(
    "/v1/admin/members/<id>",
    scopes=("staff:read",),
    errors=(BusyError, DependencyUnavailableError, MemberNotFoundError, NoProgramError),
)
def read_member(built: Dependencies, call: Call, id: str) -> StaffMemberView:  # noqa: A002 the path names it
    """Read a member: profile, balance, tier, and whether the account is frozen."""
    moment = built.moment()
    overview = built.members.overview(member_named(id), call.patience)
    telemetry.note(member_id=id)
    return StaffMemberView.of(overview, moment, masked=_is_masked(built, call, [overview]))


def _found(built: Dependencies, request: SearchRequest, limit: int, after: str | None) -> MemberPage:
    if request.name is not None:
        return built.members.named(request.name, limit=limit, after=after)
    if request.member_id is not None:
        found = [MemberId(request.member_id)] if is_id("mem", request.member_id) else []
        return MemberPage(found, None)
    kinds: tuple[Kind, ...] = ("phone", "card", "external_id")
    kind, text = next((kind, text) for kind in kinds if (text := getattr(request, kind)) is not None)
    try:
        return MemberPage([built.members.lookup(kind, text)], None)
    except MemberNotFoundError:
        return MemberPage([], None)


def _is_masked(built: Dependencies, call: Call, overviews: Iterable[Overview]) -> bool:
    """Say whether the caller sees names and phones masked. That who may see them does is recorded, before it is so."""
    principal = call.principal
    if "staff:pii" not in principal.scopes:
        return True
    now = built.clock()
    seen = [one.profile.member_id for one in overviews]
    deeds = [Deed(what=What.MEMBER_SEEN, at=now, who=principal.subject, about=one, member_id=one) for one in seen]
    built.trail.record(deeds, call.patience)
    return False
