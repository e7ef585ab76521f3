"""Redemptions as the staff and the tills see them, and what they decide."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.http.fields import AnswerModel, BusinessId, ReasonCode, RequestModel
from shared.http.pages import NextCursor
from shared.http.views import MoneyView
from shared.ledger.entry_ids import entry_id
from shared.redemption.redemptions import Decision, Fate, Status

MOST_GRACE_DAYS = 366


class RedemptionRejectionRequest(RequestModel):
    """Why it is refused; the member sees the code."""

    reason: Annotated[ReasonCode, Field(examples=["not-eligible"])]


class CancellationRequest(RequestModel):
    """Why the store cancels; the member sees the code."""

    reason: Annotated[ReasonCode, Field(examples=["out-of-stock"])]
    grace_days: (
        Annotated[
            int,
            Field(
                strict=True,
                ge=0,
                le=MOST_GRACE_DAYS,
                description="How long points may be used that lapsed meanwhile; at most the program's, as usual.",
            ),
        ]
        | None
    ) = None


class HandOverRequest(RequestModel):
    """Where it is handed over."""

    store_id: BusinessId | None = None


class RedemptionDecisionView(AnswerModel):
    """What was decided, when, by whom of the staff and why; `by` is null where the member did it."""

    at: datetime
    by: str | None
    reason: str | None
    store_id: Annotated[str | None, Field(description="Where it was handed over.")]

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls(at=decision.at, by=decision.by, reason=decision.reason, store_id=decision.store_id)


class StaffRedemptionView(AnswerModel):
    """A redemption with its approval and its fate. `store_id` is where it is picked up; null: in any store."""

    id: Annotated[str, Field(examples=["rdm_01JF3Z8Q4X9V6T2N5R7W1Y0K8B"])]
    status: Status
    member_id: str
    reward_id: str
    name: str
    quantity: int
    points: Annotated[int, Field(description="Points that it took.")]
    cash_due: MoneyView
    store_id: str | None
    redeemed_at: datetime
    approval: RedemptionDecisionView | None
    outcome: Annotated[
        RedemptionDecisionView | None, Field(description="How it ended: fulfilled, rejected or cancelled.")
    ]
    entry_id: str
    returned_entry_id: str | None

    @classmethod
    def of(cls, fate: Fate) -> Self:
        redemption = fate.redemption
        return cls(
            id=redemption.id,
            status=fate.status,
            member_id=redemption.member_id,
            reward_id=redemption.reward_id,
            name=redemption.name,
            quantity=redemption.quantity,
            points=redemption.points,
            cash_due=MoneyView(amount=redemption.cash_minor, currency=redemption.currency),
            store_id=redemption.store_id,
            redeemed_at=redemption.redeemed_at,
            approval=RedemptionDecisionView.of(fate.approval) if fate.approval else None,
            outcome=RedemptionDecisionView.of(fate.outcome) if fate.outcome else None,
            entry_id=entry_id(redemption.key),
            returned_entry_id=entry_id(fate.returned.key) if fate.returned else None,
        )


class StaffRedemptionPage(AnswerModel):
    """Redemptions that wait for the staff, newest first."""

    items: list[StaffRedemptionView]
    next_cursor: NextCursor
