"""Adjustments as the staff asks for and sees them."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from shared import keys
from shared.adjustments.adjustment import Adjustment, Decision, Known, Notes, Reason
from shared.adjustments.adjustment_store import MOST_LISTED
from shared.http.fields import LARGEST_INTEGER, AnswerModel, BusinessId, Day, Note, RequestModel, Why
from shared.ledger.entry_ids import entry_id


def _not_zero(points: int) -> int:
    if points == 0:
        raise PydanticCustomError("zero", "must not be 0")
    return points


SignedPoints = Annotated[
    int, Field(strict=True, ge=-LARGEST_INTEGER, le=LARGEST_INTEGER, examples=[300]), AfterValidator(_not_zero)
]


class AdjustmentRequest(RequestModel):
    """Points to give, or below zero to take, and why. The member sees the reason and the note for customers."""

    points: SignedPoints
    reason_code: Reason
    store_id: Annotated[BusinessId, Field(description="The store that answers for it, with its limit.")]
    internal_note: Annotated[Note, Field(description="For the staff: what happened.")]
    customer_note: Annotated[Note | None, Field(description="For the member.")] = None
    valid_through: Annotated[
        Day | None,
        Field(description="The last day of points that are given; else by the program."),
    ] = None

    def notes(self) -> Notes:
        return Notes(customer=self.customer_note or "", internal=self.internal_note)


class AdjustmentView(AnswerModel):
    """An adjustment. Once it is applied, its entry tells of it in the member's history."""

    id: Annotated[str, Field(examples=["adj_01JF3Z8Q4X9V6T2N5R7W1Y0K8B"])]
    status: Literal["applied", "awaiting-approval", "rejected"]
    member_id: str
    store_id: str
    points: int
    reason_code: Reason
    valid_through: date | None
    requested_by: str
    requested_at: datetime
    decided_by: Annotated[str | None, Field(description="Who approved or rejected it; null within the limit.")]
    decided_at: datetime | None
    entry_id: str | None

    @classmethod
    def as_requested(cls, adjustment: Adjustment) -> Self:
        """Tell what came of a request at once, whatever became of it later."""
        applied = Decision(status="applied", at=adjustment.requested_at, approver=None)
        return cls.of(Known(adjustment, None if adjustment.needs_approval else applied))

    @classmethod
    def of(cls, known: Known) -> Self:
        adjustment, decision = known
        applied = decision is not None and decision.status == "applied"
        return cls(
            id=adjustment.id,
            status=decision.status if decision else "awaiting-approval",
            member_id=adjustment.member_id,
            store_id=adjustment.store_id,
            points=adjustment.points,
            reason_code=adjustment.reason,
            valid_through=adjustment.valid_through,
            requested_by=adjustment.author,
            requested_at=adjustment.requested_at,
            decided_by=decision.approver if decision else None,
            decided_at=decision.at if decision else None,
            entry_id=entry_id(keys.adjustment_decided(adjustment.id)) if applied else None,
        )


class NotesView(AnswerModel):
    """What staff wrote about an adjustment."""

    customer_note: str | None
    internal_note: str | None
    rejection_reason: str | None

    @classmethod
    def of(cls, notes: Notes) -> Self:
        return cls(
            customer_note=notes.customer or None,
            internal_note=notes.internal or None,
            rejection_reason=notes.rejection or None,
        )


class AdjustmentDetailView(AnswerModel):
    """An adjustment with what staff wrote about it."""

    adjustment: AdjustmentView
    notes: NotesView


class AdjustmentList(AnswerModel):
    """What waits for a second person, a hundred at most, oldest first: deciding makes room for the next."""

    items: Annotated[list[AdjustmentDetailView], Field(max_length=MOST_LISTED)]
    next_cursor: None = None


class AdjustmentRejectionRequest(RequestModel):
    """Why it is rejected; who asked for it can read it."""

    reason: Why
