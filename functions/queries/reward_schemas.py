"""Rewards and redemptions as their member sees them."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from shared.errors import Conflict
from shared.http.fields import AnswerModel
from shared.http.languages import Language
from shared.http.pages import NextCursor
from shared.http.texts import PROBLEMS
from shared.http.views import LimitView, MoneyView
from shared.ledger.entry_ids import entry_id
from shared.redemption.member_catalogue import Choice
from shared.redemption.redemptions import Fate, Status
from shared.redemption.rewards import RewardType


class ReasonView(AnswerModel):
    """Why a reward cannot be had now. What is required and available depends on the code: points, pieces, tiers."""

    code: Annotated[str, Field(examples=["insufficient-points"])]
    text: Annotated[str, Field(examples=["积分不足"], description="The reason, in the caller's language.")]
    required: int | list[str] | None = None
    available: int | str | None = None
    missing: int | None = None

    @classmethod
    def of(cls, obstacle: Conflict, language: Language) -> Self:
        fields = obstacle.fields
        return cls(
            code=obstacle.code,
            text=PROBLEMS[obstacle.code].title.told(language),
            required=fields.get("required"),
            available=fields.get("available", fields.get("tier")),
            missing=fields.get("missing"),
        )


class RewardView(AnswerModel):
    """A reward, and whether this member can have one piece of it now."""

    id: Annotated[str, Field(examples=["tableware"])]
    name: Annotated[str, Field(examples=["精致餐具"])]
    type: RewardType
    category: str
    points: int
    cash_due: MoneyView
    tiers: Annotated[list[str], Field(description="Tiers that may have it; empty: all.")]
    limit: LimitView | None
    left: Annotated[int | None, Field(description="Pieces left, as of some seconds ago; null: it never runs out.")]
    review: Annotated[bool, Field(description="Whether staff has to approve it before it is handed over.")]
    status: Literal["available", "unavailable"]
    reasons: list[ReasonView]

    @classmethod
    def of(cls, choice: Choice, currency: str, language: Language) -> Self:
        reward = choice.reward
        return cls(
            id=reward.id,
            name=reward.name,
            type=reward.type,
            category=reward.category,
            points=reward.points,
            cash_due=MoneyView(amount=reward.cash_minor, currency=currency),
            tiers=sorted(reward.tiers),
            limit=LimitView.of(reward.limit),
            left=choice.left,
            review=reward.review,
            status="unavailable" if choice.obstacles else "available",
            reasons=[ReasonView.of(obstacle, language) for obstacle in choice.obstacles],
        )


class RewardList(AnswerModel):
    """The whole catalogue, in its own order."""

    items: list[RewardView]
    next_cursor: NextCursor = None


class RedemptionView(AnswerModel):
    """A redemption and what became of it. A good has no code, and its claim does not expire."""

    id: Annotated[str, Field(examples=["rdm_01JF3Z8Q4X9V6T2N5R7W1Y0K8B"])]
    status: Status
    reward_id: str
    name: str
    quantity: int
    points: Annotated[int, Field(description="Points that it took.")]
    cash_due: MoneyView
    code: str | None
    expires_at: datetime | None
    store_id: str | None
    redeemed_at: datetime
    decided_at: Annotated[datetime | None, Field(description="When it got its status, where that was not at once.")]
    reason: Annotated[str | None, Field(description="Why the store cancelled or rejected it.")]
    entry_id: str
    returned_entry_id: str | None

    @classmethod
    def of(cls, fate: Fate) -> Self:
        redemption, latest = fate.redemption, fate.outcome or fate.approval
        return cls(
            id=redemption.id,
            status=fate.status,
            reward_id=redemption.reward_id,
            name=redemption.name,
            quantity=redemption.quantity,
            points=redemption.points,
            cash_due=MoneyView(amount=redemption.cash_minor, currency=redemption.currency),
            code=None,
            expires_at=None,
            store_id=redemption.store_id,
            redeemed_at=redemption.redeemed_at,
            decided_at=latest.at if latest else None,
            reason=latest.reason if latest else None,
            entry_id=entry_id(redemption.key),
            returned_entry_id=entry_id(fate.returned.key) if fate.returned else None,
        )


class RedemptionPage(AnswerModel):
    """Redemptions, newest first."""

    items: list[RedemptionView]
    next_cursor: NextCursor
