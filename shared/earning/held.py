"""What a sale still holds, by its own entries: what it gave, less what returns and the undoing of bonuses took. Pure.

HELD-1 A return brings what a sale holds - lots, counters, budgets - to what the rest of it deserves, and compares with
       nothing else. So the steps add up however a sale comes back, and once nothing is left it holds nothing.
"""

from collections import Counter
from collections.abc import Iterator

from shared.earning.receipts import Receipt
from shared.ledger.account import Movement
from shared.ledger.items import entry_of
from shared.ledger.lots import Lots, read_pending_lot, take_soonest


def counters_held(receipt: Receipt) -> dict[str, int]:
    """Give what a sale counts for in the account's counters."""
    held: Counter[str] = Counter()
    for movement in (entry_of(receipt.item).movement, *_taken(receipt)):
        held.update(movement.counters)
    return {name: n for name, n in held.items() if n}


def lots_held(receipt: Receipt, gave: Lots) -> Lots:
    """Give what is left of what a sale gave, by lot, as far as it was taken back from there."""
    held = dict(gave)
    for movement in _taken(receipt):
        pending = ((read_pending_lot(one).lot, points) for one, points in movement.pending.items())
        for lot, points in (*movement.lots.items(), *pending):
            if lot in held:
                held[lot] = max(0, held[lot] + points)
    return held


def budgets_held(receipt: Receipt) -> dict[str, dict[str, int]]:
    """Give what a sale took of budgets, by rule and shard, less what returns gave back: thousandths of points."""
    left = {rule: dict(shards) for rule, shards in receipt.item["de"].get("bu", {}).items()}
    for one in receipt.returns:
        for rule, shards in one.item["de"].get("bu", {}).items():
            for shard, amount in shards.items():
                left[rule][shard] -= amount
    return left


def in_excess(held: Lots, deserved: Lots, due: int) -> Lots:
    """Say which lots a return takes its points from: from each what it holds beyond what it deserves."""
    excess = {lot: points - deserved.get(lot, 0) for lot, points in held.items() if points > deserved.get(lot, 0)}
    return take_soonest(excess, due)


def _taken(receipt: Receipt) -> Iterator[Movement]:
    items = (*(one.item for one in receipt.returns), *receipt.undone)
    return (entry_of(item).movement for item in items)
