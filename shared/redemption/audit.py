"""INV-7: the pieces taken from stock are those of the redemptions that live; INV-11: who may wait for the staff. Pure.

A redemption lives until it is cancelled; one that was handed over lives on. A table that is in use is seen at many
instants: what an audit finds there is looked at again before it is believed.
"""

from collections import Counter
from collections.abc import Iterable

from shared import keys
from shared.ledger.entries import EntryKind
from shared.names import STOCK_PREFIX
from shared.runtime.attributes import Item

Pieces = Counter[tuple[str, int]]
"""Pieces per reward and shard."""


def is_shard(item: Item) -> bool:
    return bool(item["pk"].startswith(STOCK_PREFIX))


def live_pieces(items: Iterable[Item]) -> Pieces:
    """Count what live redemptions took, given a member's items, or those of several members; others are passed over."""
    taken: Pieces = Counter()
    for item in items:
        if item["sk"] == keys.REDEEMED and item["k"] == EntryKind.REDEEMED:
            taken.update(_pieces(item["de"]["r"], item["de"]))
        elif item["sk"] == keys.OUTCOME and item["k"] == EntryKind.RETURNED:
            taken.subtract(_pieces(item["de"]["r"], item["de"]))
    return taken


def may_wait(items: Iterable[Item]) -> set[str]:
    """Name the redemptions that need an approval and gave no points back: they wait, or were handed over (INV-11)."""
    asked, returned = set(), set()
    for item in items:
        if item["sk"] == keys.REDEEMED and item["k"] == EntryKind.REDEEMED and item["de"].get("rv"):
            asked.add(_redemption_id(item))
        elif item["sk"] == keys.OUTCOME and item["k"] == EntryKind.RETURNED:
            returned.add(_redemption_id(item))
    return asked - returned


def _redemption_id(item: Item) -> str:
    return str(item["pk"]).partition("#")[2]


def _pieces(reward_id: str, details: Item) -> dict[tuple[str, int], int]:
    return {(reward_id, int(shard)): pieces for shard, pieces in details.get("sh", {}).items()}


def stock_differences(shards: Iterable[Item], taken: Pieces) -> list[str]:
    """Name every shard that has other pieces gone than live redemptions took, or fewer than none left."""
    found = []
    gone: Pieces = Counter()
    for shard in shards:
        _, reward_id, number = shard["pk"].split("#")
        gone[reward_id, int(number)] = shard["given"] - shard["left"]
        if shard["left"] < 0:
            found.append(f"INV-3 {shard['pk']} has {shard['left']} left")
    for place in sorted(gone.keys() | taken.keys()):
        if gone[place] != taken[place]:
            reward_id, number = place
            found.append(
                f"INV-7 of {reward_id} shard {number} {gone[place]} are gone, live redemptions took {taken[place]}"
            )
    return found
