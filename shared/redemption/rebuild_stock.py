"""Set stock right that does not follow from its redemptions: after a change by hand. An operator's act.

STOCK-1 What was offered in a shard, and the redemptions that live, are right; what is left follows from them.
STOCK-2 Shards are read before redemptions, and a shard is written only as it was read: whoever redeems in between is
counted, or is in the way. So no piece is offered twice. Where somebody redeemed and cancelled in between, a piece may
be missing until the next time.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from shared.redemption.audit import Pieces
from shared.redemption.stock import Shard, Stock
from shared.runtime.patience import Patience
from shared.runtime.transactions import commit
from shared.trail.deeds import Deed, What
from shared.trail.store import recording


class Miscount(NamedTuple):
    """A shard, as it was read, and how many pieces must be left in it; below zero: more were taken than offered."""

    reward_id: str
    shard: int
    stands: Shard
    left: int

    def __str__(self) -> str:
        return f"{self.reward_id} shard {self.shard}: {self.stands.left} left, its redemptions make it {self.left}"


def miscounts(shards: Mapping[str, Mapping[int, Shard]], taken: Pieces) -> Iterator[Miscount]:
    """Name the shards in which something else is left than was offered less what live redemptions took."""
    for reward_id, parts in sorted(shards.items()):
        for shard, stands in sorted(parts.items()):
            left = stands.given - taken[reward_id, shard]
            if left != stands.left:
                yield Miscount(reward_id, shard, stands, left)


def set_right(miscount: Miscount, stock: Stock, patience: Patience, *, author: str, at: datetime) -> None:
    """Write what must be left, and record who did it.

    Raises StaleReadError where somebody redeemed, cancelled or published meanwhile, and BusyError. AP-75.
    """
    about = f"{miscount.reward_id}.{miscount.shard}"
    deed = Deed(what=What.STOCK_REBUILT, at=at, who=author, about=about)
    write = stock.righting(miscount.reward_id, miscount.shard, miscount.stands, left=miscount.left)
    commit(stock.ledger.client, [write, recording(deed, table=stock.ledger.tables.ledger)], patience)
