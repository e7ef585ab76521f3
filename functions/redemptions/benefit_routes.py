"""Tills claim the benefits of a member's tier."""

from typing import Annotated, Final

from pydantic import Field

from functions.redemptions.dependencies import Dependencies
from shared.errors import (
    BenefitNotFoundError,
    BirthdayOnlyError,
    BusyError,
    DependencyUnavailableError,
    IdempotencyKeyReusedError,
    InvalidFieldError,
    LimitReachedError,
    MemberFrozenError,
    MemberNotFoundError,
    NoProgramError,
    StoreNotAllowedError,
    TierRequiredError,
)
from shared.http.call import CREATED, Answer, Call
from shared.http.fields import AnswerModel, BusinessId, ObjectId, RequestModel
from shared.http.idempotency import request_digest
from shared.http.routes import Routes
from shared.ledger.entry_ids import entry_id
from shared.runtime import telemetry
from shared.tiers.claim_benefit import Claim, claim_benefit

ID_PREFIX: Final = "clm"


class ClaimRequest(RequestModel):
    """Which benefit of which member is claimed, and where."""

    member_id: ObjectId
    benefit_id: Annotated[BusinessId, Field(examples=["parking"])]
    store_id: BusinessId


class ClaimView(AnswerModel):
    """A claim. The entry tells of it in the member's history."""

    id: Annotated[str, Field(examples=["clm_01JF3Z8Q4X9V6T2N5R7W1Y0K8B"])]
    benefit_id: str
    name: Annotated[str, Field(examples=["免费停车"])]
    entry_id: str


routes = Routes[Dependencies](tag="Tiers")


@routes.post(
    "/v1/benefits/claims",
    scopes=("pos:redeem",),
    status=CREATED,
    idempotent=True,
    errors=(
        BenefitNotFoundError,
        BirthdayOnlyError,
        IdempotencyKeyReusedError,
        InvalidFieldError,
        LimitReachedError,
        MemberFrozenError,
        MemberNotFoundError,
        StoreNotAllowedError,
        TierRequiredError,
        BusyError,
        DependencyUnavailableError,
        NoProgramError,
    ),
)
def claim(built: Dependencies, call: Call, request: ClaimRequest) -> Answer[ClaimView]:
    """Claim a benefit of a member's tier: counted, so that its quota holds."""
    call.principal.require_store(request.store_id)
    claimed = Claim(claim_id=call.derived_id(ID_PREFIX), digest=request_digest(request), **request.model_dump())
    telemetry.note(member_id=request.member_id, store_id=request.store_id)
    entry, replayed = claim_benefit(claimed, built.claiming, call.patience)
    telemetry.count("BenefitsClaimed", int(not replayed))
    view = ClaimView(id=claimed.claim_id, benefit_id=request.benefit_id, name=entry.label, entry_id=entry_id(entry.key))
    return Answer(body=view, replayed=replayed)
