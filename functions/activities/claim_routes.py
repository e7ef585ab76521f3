"""Points that are missing: a receipt that was recorded without its member is claimed."""

from typing import Any, Final

from functions.activities.dependencies import Dependencies
from shared.earning.claim_receipt import Claim, claim_receipt
from shared.earning.outcomes import Outcome
from shared.errors import (
    BusyError,
    DependencyUnavailableError,
    InvalidFieldError,
    MemberNotFoundError,
    NoProgramError,
    NotClaimableError,
    RateLimitedError,
    ReceiptNotFoundError,
    SelfApprovalError,
    StoreNotAllowedError,
)
from shared.http.actors import actor_of, member_named
from shared.http.call import CREATED, OK, Answer, Call
from shared.http.fields import AmountMinor, AnswerModel, BusinessId, RequestModel
from shared.http.languages import without_region
from shared.http.routes import Routes
from shared.ledger.entry_ids import entry_id
from shared.runtime import telemetry
from shared.trail.actor import Actor


class ReceiptClaimRequest(RequestModel):
    """What the receipt says. The total, in minor units, shows that the caller has it in hand."""

    store_id: BusinessId
    receipt_id: BusinessId
    total: AmountMinor

    def claim(self, member_id: str, staff: Actor | None = None) -> Claim:
        return Claim(
            member_id=member_id,
            store_id=self.store_id,
            receipt_id=self.receipt_id,
            total_minor=self.total,
            staff=staff,
        )


class ReceiptClaimView(AnswerModel):
    """What the receipt gave, less what came back of it since; and why."""

    entry_id: str
    points: int
    points_pending: int
    explain: list[dict[str, Any]]
    not_applied: list[dict[str, Any]]


routes = Routes[Dependencies](tag="Activities")
_ERRORS: Final[Any] = (
    BusyError,
    DependencyUnavailableError,
    InvalidFieldError,
    MemberNotFoundError,
    NoProgramError,
    NotClaimableError,
    ReceiptNotFoundError,
)


@routes.post(
    "/v1/me/receipt-claims",
    scopes=("member",),
    status=CREATED,
    also=(OK,),
    errors=(*_ERRORS, RateLimitedError),
)
def claim_my_receipt(built: Dependencies, call: Call, request: ReceiptClaimRequest) -> Answer[ReceiptClaimView]:
    """Claim a receipt of mine that was recorded without me: once; a second time is answered as the first."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id, store_id=request.store_id)
    return _answer(claim_receipt(request.claim(member_id), built.earning, built.claim_tries, call.patience), call)


@routes.post(
    "/v1/admin/members/<id>/receipt-claims",
    scopes=("staff:adjust",),
    status=CREATED,
    also=(OK,),
    errors=(*_ERRORS, SelfApprovalError, StoreNotAllowedError),
)
def claim_members_receipt(
    built: Dependencies,
    call: Call,
    request: ReceiptClaimRequest,
    id: str,  # noqa: A002 the path names it
) -> Answer[ReceiptClaimView]:
    """Credit a member with a receipt that was recorded without one; who did it is kept."""
    call.principal.require_store(request.store_id)
    telemetry.note(member_id=member_named(id), store_id=request.store_id)
    claim = request.claim(id, actor_of(built.members, call))
    return _answer(claim_receipt(claim, built.earning, built.claim_tries, call.patience), call)


def _answer(outcome: Outcome, call: Call) -> Answer[ReceiptClaimView]:
    if outcome.key is None:
        raise ValueError("a claim has an entry")
    told = outcome.to_json(without_region(call.language))
    repeated = outcome.result == "duplicate"
    telemetry.count("ReceiptsClaimed", int(not repeated))
    view = ReceiptClaimView(
        entry_id=entry_id(outcome.key),
        points=outcome.points,
        points_pending=outcome.points_pending,
        explain=told["explain"],
        not_applied=told["not_applied"],
    )
    return Answer(body=view, status=OK if repeated else CREATED)
