"""What a marketer's file offers, and how it differs from what is published. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal, NamedTuple

from shared.program.catalog import CatalogItem
from shared.program.limits import Every, Limit
from shared.redemption.catalogue import Rewards
from shared.redemption.rewards import DEFAULT_SHARDS, Reward

FEWEST_PIECES_PER_SHARD: Final = 4
"""A small stock lies in fewer shards: one that begins with dry shards would cost every redemption a second try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The whole catalogue, and the currency of its cash."""

    rewards: Sequence[Reward]
    currency: str


class Change(NamedTuple):
    """How a reward differs: `fields` names what is changed, `before` is None for a new one."""

    kind: Literal["new", "changed", "delisted"]
    reward: Reward
    before: Reward | None
    fields: tuple[str, ...]


def offer_of(items: Iterable[CatalogItem], currency: str) -> Offer:
    """Give the offer of a file's list."""
    return Offer(rewards=[_reward_of(item) for item in items], currency=currency)


def _reward_of(item: CatalogItem) -> Reward:
    limit = item.limit
    return Reward(
        id=item.id,
        name=item.name,
        type=item.type,
        points=item.points,
        cash_minor=item.cash_minor,
        category=item.category or "",
        tiers=item.tiers,
        limit=Limit(per_member=limit.per_member, every=Every(limit.every or "ever")) if limit else None,
        stock=item.stock,
        low_stock=item.low_stock or 0,
        shards=item.shards or shards_of(item.stock or 0),
        hidden=item.hidden,
        review=item.review,
        to_tier=item.to_tier,
    )


def shards_of(stock: int) -> int:
    """Say over how many shards a stock is spread."""
    return max(1, min(DEFAULT_SHARDS, stock // FEWEST_PIECES_PER_SHARD))


def differences(before: Rewards, after: Rewards) -> list[Change]:
    """Name the rewards that a publication changes, in the order of the new catalogue."""
    changes = []
    for reward in after.values():
        known = before.get(reward.id)
        if known is None:
            changes.append(Change("new", reward, None, ()))
        elif known != reward:
            changed = tuple(one.name for one in fields(Reward) if getattr(known, one.name) != getattr(reward, one.name))
            changes.append(Change("changed" if reward.listed else "delisted", reward, known, changed))
    return changes
