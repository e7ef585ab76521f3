"""Rewards: what points are exchanged for, and what may stand in the way of one member. Pure.

RWD-1 The first obstacle that `obstacles` names is the refusal; all of them are what the member's catalogue shows.
RWD-2 A limit counts pieces per member in the period that the business day lies in (`shared.program.limits`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from shared.errors import (
    Conflict,
    InsufficientPointsError,
    LimitReachedError,
    MemberFrozenError,
    OutOfStockError,
    RewardNotAvailableError,
    TierRequiredError,
)
from shared.ledger.account import Account
from shared.ledger.lots import lot_of
from shared.ledger.movements import debit
from shared.ledger.retention import counter_of
from shared.program.limits import Limit, last_day_of_period

DEFAULT_SHARDS: Final = 16

RewardType = Literal["product", "tier_upgrade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """What `points` and `cash_minor` (minor units) per piece are exchanged for.

    No tiers: everybody may. `stock` counts all pieces ever offered, None where there is no end of them; they lie in
    `shards` items, so that many can be taken at one instant. Fewer than `low_stock` left is told once per restock.
    `to_tier` is what a `tier_upgrade` gives. Where `review` is set, staff approves before it is handed over. A hidden
    reward is in no list; one that is not `listed` any more can be cancelled, not redeemed.
    """

    id: str
    name: str
    points: int
    type: RewardType = "product"
    cash_minor: int = 0
    category: str = ""
    tiers: frozenset[str] = frozenset()
    limit: Limit | None = None
    stock: int | None = None
    low_stock: int = 0
    shards: int = DEFAULT_SHARDS
    hidden: bool = False
    review: bool = False
    listed: bool = True
    to_tier: str | None = None

    @property
    def is_gift(self) -> bool:
        """Say whether rules give it, and nobody can ask for it."""
        return self.hidden and not self.points


def obstacles(
    reward: Reward,
    quantity: int,
    account: Account,
    today: date,
    *,
    left: int | None = None,
    halved_through: str | None = None,
) -> Iterator[Conflict]:
    """Name all that keeps a member from taking `quantity` pieces; `left` is None where stock is not looked at.

    The account is as of now; `today` is the business day, `halved_through` as `movements.debit` has it.
    """
    if not reward.listed or reward.is_gift:
        yield RewardNotAvailableError(reward_id=reward.id)
    if account.frozen:
        yield MemberFrozenError()
    if reward.tiers and account.tier.tier_id not in reward.tiers:
        yield TierRequiredError(required=sorted(reward.tiers), tier=account.tier.tier_id)
    if reward.limit:
        yield from _limit_reached(reward, reward.limit, quantity, account, today)
    try:
        debit(account, reward.points * quantity, halved_through=halved_through)
    except InsufficientPointsError as short:
        yield short
    if left is not None and left < quantity:
        yield OutOfStockError(reward_id=reward.id, required=quantity, available=left)


def _limit_reached(
    reward: Reward, limit: Limit, quantity: int, account: Account, today: date
) -> Iterator[LimitReachedError]:
    available = limit.per_member - account.counters.get(_counter(reward, limit, today), 0)
    if quantity > available:
        yield LimitReachedError(
            reward_id=reward.id,
            limit=limit.per_member,
            every=limit.every.value,
            required=quantity,
            available=max(0, available),
        )


def counter_to_raise(reward: Reward, today: date) -> str | None:
    """Name the account's counter that a redemption raises by its quantity; None where nothing is limited."""
    return _counter(reward, reward.limit, today) if reward.limit else None


def _counter(reward: Reward, limit: Limit, today: date) -> str:
    return counter_of(f"r:{reward.id}", lot_of(last_day_of_period(limit.every, today)))
