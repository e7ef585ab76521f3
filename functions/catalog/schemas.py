"""Rewards as the staff edits and sees them."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from shared.http.fields import LARGEST_INTEGER, AmountMinor, AnswerModel, BusinessId, Name, ReasonCode, RequestModel
from shared.http.views import LimitView, MoneyView
from shared.program.limits import Every, Limit
from shared.redemption.catalogue_items import reward_tag
from shared.redemption.offers import shards_of
from shared.redemption.rewards import Reward, RewardType

RewardId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", examples=["tableware"])]
Pieces = Annotated[int, Field(strict=True, ge=0, le=LARGEST_INTEGER)]


class MoneyRequest(RequestModel):
    """An amount in minor units of the program's currency."""

    amount: AmountMinor
    currency: Annotated[str, Field(min_length=3, max_length=3, examples=["CNY"])]


class LimitRequest(RequestModel):
    """How many pieces one member may take in a period."""

    per_member: Annotated[int, Field(strict=True, ge=1, le=LARGEST_INTEGER)]
    every: Every = Every.EVER


class RewardFields(RequestModel):
    """What a reward is. Its stock is changed by differences, on a route of its own."""

    name: Name
    points: Annotated[int, Field(strict=True, ge=0, le=LARGEST_INTEGER, description="0: only rules give it, hidden.")]
    cash: MoneyRequest | None = None
    category: Name | None = None
    tiers: Annotated[tuple[BusinessId, ...], Field(max_length=20, description="Empty: everybody may have it.")] = ()
    limit: LimitRequest | None = None
    low_stock: Pieces = 0
    hidden: Annotated[bool, Field(strict=True)] = False
    review: Annotated[bool, Field(strict=True, description="Staff approves before it is handed over.")] = False

    def applied_to(self, reward: Reward) -> Reward:
        """Give a reward with these fields in the place of its own."""
        return Reward(
            id=reward.id,
            name=self.name,
            points=self.points,
            type=reward.type,
            cash_minor=self.cash.amount if self.cash else 0,
            category=self.category or "",
            tiers=frozenset(self.tiers),
            limit=Limit(per_member=self.limit.per_member, every=self.limit.every) if self.limit else None,
            stock=reward.stock,
            low_stock=self.low_stock,
            shards=reward.shards,
            hidden=self.hidden,
            review=self.review,
            listed=reward.listed,
            to_tier=reward.to_tier,
        )


class NewReward(RewardFields):
    """A reward to add. Without `stock` it never runs out, and no stock can be given to it later."""

    id: RewardId
    stock: Pieces | None = None

    def reward(self) -> Reward:
        blank = Reward(id=self.id, name="", points=0, stock=self.stock, shards=shards_of(self.stock or 0))
        return self.applied_to(blank)


class ChangedReward(RewardFields):
    """What a reward becomes, as a whole. `listed` brings an archived one back."""

    listed: Annotated[bool, Field(strict=True)] = True


class StockRequest(RequestModel):
    """How many more pieces are offered; below zero, how many fewer."""

    delta: Annotated[int, Field(strict=True, ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
    reason: Annotated[ReasonCode, Field(examples=["delivery"])]


class StaffRewardView(AnswerModel):
    """A reward as last changed. `etag` names this state, for If-Match."""

    id: str
    name: str
    type: RewardType
    points: int
    cash: MoneyView | None
    category: str | None
    tiers: list[str]
    limit: LimitView | None
    low_stock: int
    hidden: bool
    review: bool
    listed: bool
    left: Annotated[int | None, Field(description="Pieces left; null: it never runs out.")]
    given: Annotated[int | None, Field(description="Pieces ever offered.")]
    etag: str

    @classmethod
    def of(cls, reward: Reward, currency: str, left: int | None, given: int | None) -> Self:
        return cls(
            id=reward.id,
            name=reward.name,
            type=reward.type,
            points=reward.points,
            cash=MoneyView(amount=reward.cash_minor, currency=currency) if reward.cash_minor else None,
            category=reward.category or None,
            tiers=sorted(reward.tiers),
            limit=LimitView.of(reward.limit),
            low_stock=reward.low_stock,
            hidden=reward.hidden,
            review=reward.review,
            listed=reward.listed,
            left=left,
            given=given,
            etag=f'"{reward_tag(reward)}"',
        )


class StaffRewardList(AnswerModel):
    """The whole catalogue as last changed, hidden and archived rewards too; in force from `effective` on."""

    revision: int
    effective: datetime | None
    items: list[StaffRewardView]
    next_cursor: None = None


class StockView(AnswerModel):
    """Pieces left and ever offered, after the change."""

    reward_id: str
    left: int
    given: int
