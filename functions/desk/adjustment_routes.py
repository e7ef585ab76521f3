"""Points that staff give and take by hand, and the second person's decision above a store's limit (T11, S2)."""

from typing import Any, Final

from functions.desk.adjustment_schemas import (
    AdjustmentDetailView,
    AdjustmentList,
    AdjustmentRejectionRequest,
    AdjustmentRequest,
    AdjustmentView,
    NotesView,
)
from functions.desk.dependencies import Dependencies
from shared.adjustments.adjustment import Known
from shared.adjustments.decide_adjustment import approve_adjustment, reject_adjustment
from shared.adjustments.request_adjustment import Wanted, request_adjustment
from shared.errors import (
    AdjustmentDecidedError,
    AdjustmentNotFoundError,
    BusyError,
    DailyCapReachedError,
    DependencyUnavailableError,
    IdempotencyKeyReusedError,
    InsufficientPointsError,
    InvalidFieldError,
    MemberNotFoundError,
    NoProgramError,
    SelfApprovalError,
    StoreNotAllowedError,
)
from shared.http.actors import actor_of, member_named
from shared.http.call import ACCEPTED, CREATED, Answer, Call
from shared.http.idempotency import request_digest
from shared.http.routes import Routes
from shared.runtime import telemetry

ID_PREFIX: Final = "adj"

routes = Routes[Dependencies](tag="Staff")
_DECIDING: Final[Any] = (
    AdjustmentDecidedError,
    AdjustmentNotFoundError,
    BusyError,
    DependencyUnavailableError,
    InvalidFieldError,
    NoProgramError,
    SelfApprovalError,
)


@routes.post(
    "/v1/admin/members/<id>/adjustments",
    scopes=("staff:adjust",),
    status=CREATED,
    also=(ACCEPTED,),
    idempotent=True,
    errors=(
        BusyError,
        DailyCapReachedError,
        DependencyUnavailableError,
        IdempotencyKeyReusedError,
        InsufficientPointsError,
        InvalidFieldError,
        MemberNotFoundError,
        NoProgramError,
        SelfApprovalError,
        StoreNotAllowedError,
    ),
)
def adjust(built: Dependencies, call: Call, request: AdjustmentRequest, id: str) -> Answer[AdjustmentView]:  # noqa: A002 the path names it
    """Give or take points: at once within the store's limit, above it once a second person approves."""
    call.principal.require_store(request.store_id)
    wanted = _wanted(call, request, member_named(id))
    telemetry.note(member_id=id, adjustment_id=wanted.adjustment_id)
    telemetry.note(store_id=request.store_id, reason=request.reason_code)
    adjustment, replayed = request_adjustment(wanted, actor_of(built.members, call), built.adjusting, call.patience)
    waits = adjustment.needs_approval
    telemetry.count("AdjustmentsWaiting" if waits else "AdjustmentsApplied", int(not replayed))
    view = AdjustmentView.as_requested(adjustment)
    return Answer(body=view, status=ACCEPTED if waits else CREATED, replayed=replayed)


def _wanted(call: Call, request: AdjustmentRequest, member_id: str) -> Wanted:
    return Wanted(
        adjustment_id=call.derived_id(ID_PREFIX),
        digest=request_digest(request, member_id=member_id),
        member_id=member_id,
        store_id=request.store_id,
        points=request.points,
        reason=request.reason_code,
        notes=request.notes(),
        valid_through=request.valid_through,
    )


@routes.get("/v1/admin/adjustments", scopes=("staff:approve",), errors=(DependencyUnavailableError,))
def list_adjustments(built: Dependencies, call: Call) -> AdjustmentList:
    """List what waits for a second person. A token for some stores sees what waits there."""
    may_use = call.principal.may_use
    found = built.adjusting.adjustments.waiting(lambda adjustment: may_use(adjustment.store_id))
    return AdjustmentList(
        items=[
            AdjustmentDetailView(adjustment=AdjustmentView.of(Known(one, None)), notes=NotesView.of(notes))
            for one, notes in found
        ]
    )


@routes.get(
    "/v1/admin/adjustments/<id>",
    scopes=("staff:adjust", "staff:approve"),
    errors=(AdjustmentNotFoundError, DependencyUnavailableError),
)
def read_adjustment(built: Dependencies, call: Call, id: str) -> AdjustmentDetailView:  # noqa: A002 the path names it
    """Read an adjustment, what became of it, and what was written about it."""
    adjustments = built.adjusting.adjustments
    known = adjustments.find(id)
    call.principal.require_own(known.adjustment.store_id, AdjustmentNotFoundError)
    notes = adjustments.notes(known.adjustment.member_id, id)
    return AdjustmentDetailView(adjustment=AdjustmentView.of(known), notes=NotesView.of(notes))


@routes.post(
    "/v1/admin/adjustments/<id>/approve",
    scopes=("staff:approve",),
    errors=(*_DECIDING, InsufficientPointsError, MemberNotFoundError),
)
def approve(built: Dependencies, call: Call, id: str) -> AdjustmentView:  # noqa: A002 the path names it
    """Approve an adjustment that somebody else asked for: its points move with it, once."""
    known = approve_adjustment(id, actor_of(built.members, call), built.adjusting, call.patience)
    return _decided(known)


@routes.post("/v1/admin/adjustments/<id>/reject", scopes=("staff:approve",), errors=_DECIDING)
def reject(built: Dependencies, call: Call, request: AdjustmentRejectionRequest, id: str) -> AdjustmentView:  # noqa: A002 the path names it
    """Reject an adjustment that somebody else asked for, with a reason."""
    known = reject_adjustment(id, request.reason, actor_of(built.members, call), built.adjusting, call.patience)
    return _decided(known)


def _decided(known: Known) -> AdjustmentView:
    adjustment, view = known.adjustment, AdjustmentView.of(known)
    telemetry.note(member_id=adjustment.member_id, adjustment_id=adjustment.id, result=view.status)
    return view
