"""The audit log: who of the staff did what, day by day."""

from datetime import datetime
from typing import Annotated, Self

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from functions.desk.dependencies import Dependencies
from shared.errors import BadCursorError, DependencyUnavailableError, InvalidFieldError
from shared.http.call import Call
from shared.http.fields import AnswerModel, Day, ObjectId
from shared.http.pages import Cursor, Limit, NextCursor
from shared.http.routes import Routes
from shared.trail.deeds import Deed, What


class DeedView(AnswerModel):
    """Something that a person of the staff or an operator did. What they wrote in their own words is not in it."""

    at: datetime
    what: What
    who: Annotated[str, Field(description="The subject of the token, or the operator's name.")]
    about: Annotated[str, Field(description="The id of the object: an adjustment, a completion, an entry, a version.")]
    member_id: str | None
    store_id: str | None
    why: Annotated[str | None, Field(description="The code of the reason.")]

    @classmethod
    def of(cls, deed: Deed) -> Self:
        return cls(
            at=deed.at,
            what=deed.what,
            who=deed.who,
            about=deed.about,
            member_id=deed.member_id or None,
            store_id=deed.store_id or None,
            why=deed.why or None,
        )


class DeedPage(AnswerModel):
    """Deeds of one day, newest first."""

    items: list[DeedView]
    next_cursor: NextCursor


routes = Routes[Dependencies](tag="Staff")


@routes.get(
    "/v1/admin/audit-log",
    scopes=("ops", "staff:approve"),
    errors=(BadCursorError, InvalidFieldError, DependencyUnavailableError),
)
def list_deeds(
    built: Dependencies,
    call: Call,
    *,
    day: Annotated[Day, Query(description="The day, in UTC.")],
    member_id: Annotated[ObjectId | None, Query(description="Only what was done to this member.")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> DeedPage:
    """List what the staff did on a day, newest first. A token for some stores sees theirs."""
    principal, filters = call.principal, {"day": day, "member_id": member_id}

    def wanted(deed: Deed) -> bool:
        return (member_id is None or deed.member_id == member_id) and principal.may_use(deed.store_id)

    listing = built.cursors.listing(route=call.route, principal=principal.identity, filters=filters)
    page = built.trail.page(day, wanted, limit=limit, start=listing.start(cursor))
    return DeedPage(items=[DeedView.of(deed) for deed in page.deeds], next_cursor=listing.next_cursor(page.following))
