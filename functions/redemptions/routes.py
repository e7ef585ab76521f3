"""Members redeem rewards, and cancel what they have redeemed."""

from functions.redemptions.dependencies import Dependencies
from functions.redemptions.schemas import RedeemedView, RedemptionRequest
from shared.errors import (
    AlreadyApprovedError,
    AlreadyCancelledError,
    AlreadyUsedError,
    BusyError,
    DependencyUnavailableError,
    IdempotencyKeyReusedError,
    InsufficientPointsError,
    InvalidFieldError,
    LimitReachedError,
    MemberFrozenError,
    MemberNotFoundError,
    NoProgramError,
    OutOfStockError,
    RedemptionNotFoundError,
    RewardNotAvailableError,
    RewardNotFoundError,
    TierRequiredError,
)
from shared.http.call import CREATED, Answer, Call
from shared.http.idempotency import request_digest
from shared.http.routes import Routes
from shared.redemption.cancel_redemption import Cancellation, cancel_redemption
from shared.redemption.redeem_reward import Order, redeem_reward
from shared.redemption.redemptions import ID_PREFIX, Fate
from shared.runtime import telemetry

routes = Routes[Dependencies](tag="Redemptions")


@routes.post(
    "/v1/me/redemptions",
    scopes=("member",),
    status=CREATED,
    idempotent=True,
    errors=(
        IdempotencyKeyReusedError,
        InsufficientPointsError,
        InvalidFieldError,
        LimitReachedError,
        MemberFrozenError,
        MemberNotFoundError,
        OutOfStockError,
        RewardNotAvailableError,
        RewardNotFoundError,
        TierRequiredError,
        BusyError,
        DependencyUnavailableError,
        NoProgramError,
    ),
)
def redeem(built: Dependencies, call: Call, request: RedemptionRequest) -> Answer[RedeemedView]:
    """Redeem a reward: points, stock and the redemption move together, or not at all.

    What staff has to approve first is `requested`; its points and pieces are taken already.
    """
    order = Order(
        redemption_id=call.derived_id(ID_PREFIX),
        digest=request_digest(request),
        member_id=built.members.member_of_subject(call.principal.identity),
        **request.model_dump(),
    )
    telemetry.note(member_id=order.member_id, redemption_id=order.redemption_id)
    redemption, replayed = redeem_reward(order, built.redeeming, call.patience)
    return Answer(body=RedeemedView.of(Fate(redemption=redemption)), replayed=replayed)


@routes.post(
    "/v1/me/redemptions/<id>/cancel",
    scopes=("member",),
    idempotent=True,
    errors=(
        AlreadyApprovedError,
        AlreadyCancelledError,
        AlreadyUsedError,
        MemberNotFoundError,
        RedemptionNotFoundError,
        BusyError,
        DependencyUnavailableError,
        NoProgramError,
    ),
)
def cancel(built: Dependencies, call: Call, id: str) -> Answer[RedeemedView]:  # noqa: A002 the path names it
    """Cancel what was not approved or handed over: points go back to their lots, pieces to the stock."""
    member_id = built.members.member_of_subject(call.principal.identity)
    cancellation = Cancellation(redemption_id=id, member_id=member_id, digest=call.scoped_digest())
    telemetry.note(member_id=member_id)
    fate, replayed = cancel_redemption(cancellation, built.redeeming, call.patience)
    redemption = fate.redemption
    telemetry.note(redemption_id=redemption.id, reward_id=redemption.reward_id, points=redemption.points)
    return Answer(body=RedeemedView.of(fate), replayed=replayed)
