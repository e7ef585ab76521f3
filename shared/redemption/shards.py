"""Stock in shards: where to take pieces from, and where new ones go. Pure.

SHD-1 A shard is never below zero; what is taken is exactly what was asked for.
SHD-2 A change of what is offered leaves the shards as even as it can, and takes back only what is left.
"""

from collections.abc import Callable, Mapping, Sequence

from shared.errors import OutOfStockError

Left = Mapping[int, int]
"""Pieces left per shard."""

Pick = Callable[[Sequence[int]], int]
"""Picks one of several shards, at random."""


def take_from(left: Left, quantity: int, pick: Pick, *, reward_id: str) -> dict[int, int]:
    """Say how many pieces to take from which shard: from one if one has enough, else from the fullest ones.

    Raises OutOfStockError where all together have too little.
    """
    enough = [shard for shard, pieces in sorted(left.items()) if pieces >= quantity]
    if enough:
        return {pick(enough): quantity}
    available = sum(left.values())
    if available < quantity:
        raise OutOfStockError(reward_id=reward_id, required=quantity, available=available)
    taken: dict[int, int] = {}
    for shard in sorted(left, key=lambda one: (-left[one], one)):
        taken[shard] = min(left[shard], quantity)
        quantity -= taken[shard]
        if not quantity:
            break
    return taken


def changes(left: Left, delta: int, *, reward_id: str) -> dict[int, int]:
    """Spread a change of what is offered over the shards: new pieces to the emptiest, taken back from the fullest.

    Raises OutOfStockError where fewer pieces are left than are to be taken back.
    """
    available = sum(left.values())
    if available + delta < 0:
        raise OutOfStockError(reward_id=reward_id, required=-delta, available=available)
    level = _level(left, delta)
    changed = {shard: level[shard] - pieces for shard, pieces in left.items()}
    return {shard: change for shard, change in changed.items() if change}


def _level(left: Left, delta: int) -> dict[int, int]:
    """Give the shards after the change: raised from the lowest up, or lowered from the highest down."""
    sign = 1 if delta > 0 else -1
    after = dict(left)
    order = sorted(left, key=lambda shard: (sign * left[shard], shard))
    remaining = abs(delta)
    for count, shard in enumerate(order, start=1):
        following = left[order[count]] if count < len(order) else None
        step = remaining if following is None else min(remaining, count * abs(following - after[shard]))
        each, more = divmod(step, count)
        for place, one in enumerate(order[:count]):
            after[one] += sign * (each + (place < more))
        remaining -= step
        if not remaining:
            break
    return after
