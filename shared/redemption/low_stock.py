"""A reward runs low: found by looking at all its shards, and noted once per restock. S2-17.

LOW-1 A total below the threshold needs every shard below it. So only a shard that fell below the whole threshold
      is worth adding up, and whoever takes the piece that crosses it is never passed over. A shard's share of the
      threshold would not do: the total can fall below it by a piece from a shard that is above its share.
LOW-2 The notice's key is the restock: it is put once, however often and by how many the crossing is seen. Pieces
      that come back and go again are no restock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared import keys
from shared.ledger.items import write_instant
from shared.ledger.store import Guard, Ledger
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.stock import Stock, pieces_left
from shared.runtime.attributes import Item
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience

NOTICE: Final = "stock_low"
STOCK_LOW: Final = "reward.stock_low"
"""The type of the event that tells of a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LowStock:
    """`left` pieces of a reward, fewer than `low_stock`, since the restock of a revision of the catalogue."""

    reward_id: str
    name: str
    left: int
    low_stock: int
    restock: int
    noticed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What watching stock works with."""

    ledger: Ledger
    catalogues: Catalogues
    stock: Stock
    clock: Clock


class _NoticedAlreadyError(Exception):
    """Somebody was first."""


def is_low_shard(reward_id: str, left: int, watch: Watch) -> bool:
    """Say whether a shard with so many pieces left makes it worth adding up its reward's shards (LOW-1)."""
    reward = watch.catalogues.in_force(watch.clock()).rewards.get(reward_id)
    return reward is not None and left < reward.low_stock


def notice_low_stock(reward_id: str, watch: Watch, patience: Patience) -> bool:
    """Add up a reward's shards as they are now, and note that it runs low if it does and nobody has.

    Says whether it was noted now. Raises BusyError.
    """
    now = watch.clock()
    reward = watch.catalogues.in_force(now).rewards[reward_id]
    shards = watch.stock.read([reward], patience)[reward_id]
    left = pieces_left(shards)
    if left >= reward.low_stock:
        return False
    low = LowStock(
        reward_id=reward_id,
        name=reward.name,
        left=left,
        low_stock=reward.low_stock,
        restock=max(shard.restock for shard in shards.values()),
        noticed_at=now,
    )
    try:
        watch.ledger.put([(low_stock_item(low), Guard(refusal=_noticed))], patience)
    except _NoticedAlreadyError:
        return False
    return True


def low_stock_item(low: LowStock) -> Item:
    return {
        **keys.stock_low(low.reward_id, low.restock)._asdict(),
        "k": NOTICE,
        "o": write_instant(low.noticed_at),
        "de": {"r": low.reward_id, "name": low.name, "left": low.left, "low": low.low_stock, "up": low.restock},
    }


def event_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is told about a notice; `id` is the same however often it is told."""
    details = item["de"]
    return {
        "id": f"{NOTICE}:{details['r']}:{details['up']}",
        "reward_id": details["r"],
        "name": details["name"],
        "left": details["left"],
        "low_stock": details["low"],
        "noticed_at": item["o"],
    }


def _noticed(_old: Item | None) -> Exception:
    return _NoticedAlreadyError()
