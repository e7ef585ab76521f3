"""The staff approves, rejects and cancels redemptions; staff and tills hand over what was redeemed."""

from typing import Annotated, Any, Final, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.redemptions.dependencies import Dependencies
from functions.redemptions.staff_schemas import (
    CancellationRequest,
    HandOverRequest,
    RedemptionRejectionRequest,
    StaffRedemptionPage,
    StaffRedemptionView,
)
from shared.errors import (
    AlreadyApprovedError,
    AlreadyCancelledError,
    AlreadyUsedError,
    ApprovalRequiredError,
    BadCursorError,
    BusyError,
    DependencyUnavailableError,
    IdempotencyKeyReusedError,
    InvalidFieldError,
    NoProgramError,
    RedemptionNotFoundError,
    SelfApprovalError,
    StoreNotAllowedError,
)
from shared.http.actors import actor_of
from shared.http.call import Answer, Call
from shared.http.fields import BusinessId
from shared.http.pages import Cursor, Limit
from shared.http.problems import invalid_field
from shared.http.routes import Routes
from shared.redemption.cancel_redemption import Cancellation, Undoing, cancel_redemption, undo_digest
from shared.redemption.decide_redemption import HandOver, approve, hand_over
from shared.redemption.history import read_fates
from shared.redemption.redemptions import Fate
from shared.redemption.requests import Waiting
from shared.runtime import telemetry
from shared.trail.actor import Actor

routes = Routes[Dependencies](tag="Staff")
_DECIDING: Final[Any] = (
    AlreadyCancelledError,
    BusyError,
    DependencyUnavailableError,
    RedemptionNotFoundError,
    SelfApprovalError,
)
_UNDOING: Final[Any] = (*_DECIDING, AlreadyUsedError, NoProgramError)
_HANDING_OVER: Final[Any] = (
    *_DECIDING,
    AlreadyUsedError,
    ApprovalRequiredError,
    IdempotencyKeyReusedError,
    StoreNotAllowedError,
)


@routes.get(
    "/v1/admin/redemptions",
    scopes=("staff:read",),
    errors=(BadCursorError, BusyError, DependencyUnavailableError, InvalidFieldError),
)
def list_requests(
    built: Dependencies,
    call: Call,
    *,
    status: Annotated[Literal["requested", "approved"] | None, Query(description="Waits for what; null: both.")] = None,
    store_id: Annotated[BusinessId | None, Query(description="Only those picked up in this store.")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> StaffRedemptionPage:
    """List the redemptions that need an approval and are not handed over, newest first.

    Those that need none are listed with their members.
    """
    stores, filters = call.principal.only_stores, {"status": status, "store_id": store_id}

    def wanted(one: Waiting) -> bool:
        ours = stores is None or one.store_id is None or one.store_id in stores
        return ours and status in (None, one.status) and store_id in (None, one.store_id)

    listing = built.cursors.listing(route=call.route, principal=call.principal.identity, filters=filters)
    page = built.redeeming.requests.page(wanted, limit=limit, start=listing.start(cursor))
    fates = read_fates(built.redeeming.ledger, [one.redemption_id for one in page.items], call.patience)
    views = [StaffRedemptionView.of(fate) for fate in fates]
    return StaffRedemptionPage(items=views, next_cursor=listing.next_cursor(page.following))


@routes.post("/v1/admin/redemptions/<id>/approve", scopes=("staff:approve",), errors=(*_DECIDING, AlreadyApprovedError))
def approve_redemption(built: Dependencies, call: Call, id: str) -> StaffRedemptionView:  # noqa: A002 the path names it
    """Approve a redemption that needs it: it can be handed over, and its member cannot cancel it any more."""
    fate, _ = approve(id, actor_of(built.members, call), built.redeeming, call.patience)
    return _told(fate)


@routes.post("/v1/admin/redemptions/<id>/reject", scopes=("staff:approve",), errors=(*_UNDOING, AlreadyApprovedError))
def reject_redemption(
    built: Dependencies,
    call: Call,
    request: RedemptionRejectionRequest,
    id: str,  # noqa: A002 the path names it
) -> StaffRedemptionView:
    """Reject a redemption that waits for an approval: points, pieces and limit go back as in a cancellation."""
    return _undone(built, call, id, request.reason, grace_days=_most_grace_days(built), rejected=True)


@routes.post("/v1/admin/redemptions/<id>/cancel", scopes=("staff:approve",), errors=(*_UNDOING, InvalidFieldError))
def cancel_for_the_store(
    built: Dependencies,
    call: Call,
    request: CancellationRequest,
    id: str,  # noqa: A002 the path names it
) -> StaffRedemptionView:
    """Cancel a redemption for the store: points, pieces and limit go back.

    Points that have lapsed meanwhile may be used for some days of grace, where the program allows it.
    """
    most = _most_grace_days(built)
    grace_days = most if request.grace_days is None else request.grace_days
    if grace_days > most:
        raise invalid_field("/grace_days", "less_than_equal", le=most)
    return _undone(built, call, id, request.reason, grace_days=grace_days, rejected=False)


@routes.post("/v1/admin/redemptions/<id>/fulfil", scopes=("staff:approve",), idempotent=True, errors=_HANDING_OVER)
def hand_over_at_the_desk(
    built: Dependencies,
    call: Call,
    request: HandOverRequest,
    id: str,  # noqa: A002 the path names it
) -> Answer[StaffRedemptionView]:
    """Hand over what was redeemed."""
    return _handed_over(built, call, request, id, actor_of(built.members, call), recorded=True)


@routes.post("/v1/redemptions/<id>/fulfil", scopes=("pos:redeem",), idempotent=True, errors=_HANDING_OVER)
def hand_over_at_the_till(
    built: Dependencies,
    call: Call,
    request: HandOverRequest,
    id: str,  # noqa: A002 the path names it
) -> Answer[StaffRedemptionView]:
    """Hand over at the counter what was redeemed."""
    till = Actor(by=call.principal.subject, stores=call.principal.only_stores)
    return _handed_over(built, call, request, id, till, recorded=False)


def _most_grace_days(built: Dependencies) -> int:
    """Give the program's days of grace. Raises NoProgramError."""
    return built.claiming.rules.moment(built.redeeming.clock()).program.cancel_grace_days or 0


def _undone(
    built: Dependencies, call: Call, redemption_id: str, reason: str, *, grace_days: int, rejected: bool
) -> StaffRedemptionView:
    cancellation = Cancellation(
        redemption_id=redemption_id,
        digest=undo_digest(rejected=rejected),
        undoing=Undoing(actor=actor_of(built.members, call), rejected=rejected, reason=reason),
        grace_days=grace_days,
    )
    return _told(cancel_redemption(cancellation, built.redeeming, call.patience).fate)


def _handed_over(
    built: Dependencies, call: Call, request: HandOverRequest, redemption_id: str, actor: Actor, *, recorded: bool
) -> Answer[StaffRedemptionView]:
    if request.store_id is not None:
        call.principal.require_store(request.store_id)
    handing = HandOver(
        redemption_id=redemption_id, digest=call.scoped_digest(), store_id=request.store_id, recorded=recorded
    )
    fate, replayed = hand_over(handing, actor, built.redeeming, call.patience)
    return Answer(body=_told(fate), replayed=replayed)


def _told(fate: Fate) -> StaffRedemptionView:
    redemption = fate.redemption
    telemetry.note(member_id=redemption.member_id, redemption_id=redemption.id, reward_id=redemption.reward_id)
    return StaffRedemptionView.of(fate)
