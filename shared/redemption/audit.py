"""INV-7: the pieces taken from stock are those of the redemptions that live. Pure.

A redemption lives until it is cancelled; one that was handed over lives on. An audit of a table that is being written
to sees the two at different instants: what it finds there is looked at again before it is believed.
"""

from collections import Counter
from collections.abc import Iterable

from shared import keys
from shared.ledger.entries import EntryKind
from shared.names import STOCK_PREFIX
from shared.runtime.attributes import Item

Pieces = Counter[tuple[str, int]]
"""Pieces by reward and shard."""


def is_shard(item: Item) -> bool:
    return str(item["pk"]).startswith(STOCK_PREFIX)


def live_pieces(items: Iterable[Item]) -> Pieces:
    """Count the pieces of redemptions that live, given items of the ledger table (others are passed over)."""
    redeemed: dict[str, Item] = {}
    returned: set[str] = set()
    for item in items:
        if item["sk"] == keys.REDEEMED and item["k"] == EntryKind.REDEEMED:
            redeemed[item["pk"]] = item["de"]
        elif item["sk"] == keys.OUTCOME and item["k"] == EntryKind.RETURNED:
            returned.add(item["pk"])
    pieces: Pieces = Counter()
    for details in (details for pk, details in redeemed.items() if pk not in returned):
        for shard, taken in details.get("sh", {}).items():
            pieces[details["r"], int(shard)] += taken
    return pieces


def stock_differences(shards: Iterable[Item], taken: Pieces) -> list[str]:
    """Name every shard whose stock is wrong, given all shards and all live pieces."""
    gone: Pieces = Counter()
    findings = []
    for item in shards:
        _, reward_id, shard = item["pk"].split("#")
        gone[reward_id, int(shard)] = item["given"] - item["left"]
        if item["left"] < 0:
            findings.append(f"INV-3 {item['pk']}: {item['left']} left")
    return findings + [
        f"INV-7 {reward_id} shard {shard}: {gone[reward_id, shard]} taken, live redemptions have {taken[reward_id, shard]}"
        for reward_id, shard in sorted(gone.keys() | taken.keys())
        if gone[reward_id, shard] != taken[reward_id, shard]
    ]


def check_stock(items: Iterable[Item]) -> list[str]:
    """Name every shard whose stock is wrong, given all items of the ledger table."""
    listed = list(items)
    return stock_differences(filter(is_shard, listed), live_pieces(listed))
