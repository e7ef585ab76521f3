"""What members send and get when they redeem."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.http.fields import AnswerModel, BusinessId, RequestModel
from shared.http.views import MoneyView
from shared.ledger.entry_ids import entry_id
from shared.redemption.redemptions import Fate, Status


class RedemptionRequest(RequestModel):
    """What to redeem. `store_id` is where it will be picked up."""

    reward_id: Annotated[BusinessId, Field(examples=["tableware"])]
    quantity: Annotated[int, Field(strict=True, ge=1, le=99, description="Pieces.")] = 1
    store_id: Annotated[BusinessId, Field(description="Where it will be picked up.")] | None = None


class RedeemedView(AnswerModel):
    """A redemption right after what was asked for. A good has no code, and its claim does not expire."""

    id: Annotated[str, Field(examples=["rdm_01JF3Z8Q4X9V6T2N5R7W1Y0K8B"])]
    status: Status
    reward_id: str
    quantity: int
    points: Annotated[int, Field(description="Points that it took.")]
    cash_due: Annotated[MoneyView, Field(description="What is to be paid at the counter besides.")]
    code: str | None
    expires_at: datetime | None
    entry_id: Annotated[str, Field(description="The entry that took the points.")]
    returned_entry_id: Annotated[str | None, Field(description="The entry that returned them.")]

    @classmethod
    def of(cls, fate: Fate) -> Self:
        redemption = fate.redemption
        return cls(
            id=redemption.id,
            status=fate.status,
            reward_id=redemption.reward_id,
            quantity=redemption.quantity,
            points=redemption.points,
            cash_due=MoneyView(amount=redemption.cash_minor, currency=redemption.currency),
            code=None,
            expires_at=None,
            entry_id=entry_id(redemption.key),
            returned_entry_id=entry_id(fate.returned.key) if fate.returned else None,
        )
