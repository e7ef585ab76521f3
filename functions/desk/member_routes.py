"""A member's tier set by hand, and accounts that are frozen and opened again."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from functions.desk.dependencies import Dependencies
from functions.desk.people import acting_on
from shared.adjustments.freeze_member import Freezing, freeze_member
from shared.errors import (
    BusyError,
    DependencyUnavailableError,
    IdempotencyKeyReusedError,
    InvalidFieldError,
    MemberNotFoundError,
    NoProgramError,
    SelfApprovalError,
    StoreNotAllowedError,
)
from shared.http.call import Answer, Call
from shared.http.fields import AnswerModel, BusinessId, Day, RequestModel
from shared.http.idempotency import request_digest
from shared.http.routes import Routes
from shared.ledger.entry_ids import entry_id
from shared.runtime import telemetry
from shared.tiers.set_tier import Setting, set_tier

ID_PREFIX: Final = "tsr"

TierReason = Literal["goodwill", "correction", "agreement", "abuse"]
FreezeReason = Literal["fraud-suspected", "abuse", "lost-device", "member-request"]
UnfreezeReason = Literal["cleared", "mistake", "member-request"]
ForStore = Annotated[
    BusinessId | None, Field(description="For which store; a token for some stores must name one of them.")
]


class TierRequest(RequestModel):
    """Which tier the member gets, through which day, and why. The lowest tier has no last day."""

    tier_id: Annotated[BusinessId, Field(examples=["gold"])]
    valid_until: Day | None = None
    reason: TierReason
    store_id: ForStore = None


class TierSetView(AnswerModel):
    """The tier as it was set. The entry tells of it in the member's history."""

    member_id: str
    tier_id: str
    name: Annotated[str, Field(examples=["金卡会员"])]
    valid_until: date | None
    entry_id: str


class FreezeRequest(RequestModel):
    """Why the account is frozen; the member is told that it is, and not why."""

    reason: FreezeReason
    store_id: ForStore = None


class UnfreezeRequest(RequestModel):
    """Why the account is opened again."""

    reason: UnfreezeReason
    store_id: ForStore = None


class FrozenView(AnswerModel):
    """How the account stands now."""

    member_id: str
    frozen: bool


routes = Routes[Dependencies](tag="Staff")
_ERRORS: Final = (
    BusyError,
    DependencyUnavailableError,
    InvalidFieldError,
    MemberNotFoundError,
    NoProgramError,
    SelfApprovalError,
    StoreNotAllowedError,
)


@routes.put(
    "/v1/admin/members/<id>/tier",
    scopes=("staff:approve",),
    idempotent=True,
    errors=(*_ERRORS, IdempotencyKeyReusedError),
)
def put_tier(built: Dependencies, call: Call, request: TierRequest, id: str) -> Answer[TierSetView]:  # noqa: A002 the path names it
    """Set a member's tier, up or down, until a day; afterwards it is reviewed like any other."""
    actor = acting_on(built, call, id, store_id=request.store_id)
    setting = _setting(call, request, id, author=actor.by)
    entry, replayed = set_tier(setting, built.rules, built.ledger, call.patience, clock=built.clock)
    view = TierSetView(
        member_id=id,
        tier_id=request.tier_id,
        name=entry.label,
        valid_until=request.valid_until,
        entry_id=entry_id(entry.key),
    )
    return Answer(body=view, replayed=replayed)


def _setting(call: Call, request: TierRequest, member_id: str, *, author: str) -> Setting:
    return Setting(
        setting_id=call.derived_id(ID_PREFIX),
        digest=request_digest(request, member_id=member_id),
        member_id=member_id,
        tier_id=request.tier_id,
        valid_until=request.valid_until,
        reason=request.reason,
        reason_code=request.reason,
        author=author,
        store_id=request.store_id or "",
    )


@routes.post("/v1/admin/members/<id>/freeze", scopes=("staff:approve",), errors=_ERRORS)
def freeze(built: Dependencies, call: Call, request: FreezeRequest, id: str) -> FrozenView:  # noqa: A002 the path names it
    """Freeze an account: its points are not spent until it is opened again; sales still earn."""
    return _frozen(built, call, id, request, frozen=True)


@routes.post("/v1/admin/members/<id>/unfreeze", scopes=("staff:approve",), errors=_ERRORS)
def unfreeze(built: Dependencies, call: Call, request: UnfreezeRequest, id: str) -> FrozenView:  # noqa: A002 the path names it
    """Open a frozen account again."""
    return _frozen(built, call, id, request, frozen=False)


def _frozen(
    built: Dependencies, call: Call, member_id: str, request: FreezeRequest | UnfreezeRequest, *, frozen: bool
) -> FrozenView:
    """Freeze or open an account; where it stands so already, nothing is written and the answer is the same."""
    actor = acting_on(built, call, member_id, store_id=request.store_id)
    store_id = request.store_id or ""
    freezing = Freezing(member_id=member_id, frozen=frozen, reason=request.reason, author=actor.by, store_id=store_id)
    changed = freeze_member(freezing, built.rules, built.ledger, call.patience, clock=built.clock)
    telemetry.note(result="changed" if changed else "unchanged")
    return FrozenView(member_id=member_id, frozen=frozen)
