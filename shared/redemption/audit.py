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


def check_stock(items: Iterable[Item]) -> list[str]:
    """Name every shard whose stock is wrong, given all items of the ledger table (others are passed over)."""
    gone: Counter[tuple[str, int]] = Counter()
    taken: Counter[tuple[str, int]] = Counter()
    findings = []
    redeemed: dict[str, Item] = {}
    returned: set[str] = set()
    for item in items:
        pk, sk = item["pk"], item["sk"]
        if pk.startswith(STOCK_PREFIX):
            _, reward_id, shard = pk.split("#")
            gone[reward_id, int(shard)] = item["given"] - item["left"]
            if item["left"] < 0:
                findings.append(f"{pk}: {item['left']} left")
        elif sk == keys.REDEEMED and item["k"] == EntryKind.REDEEMED:
            redeemed[pk] = item
        elif sk == keys.OUTCOME and item["k"] == EntryKind.RETURNED:
            returned.add(pk)
    for pk, item in redeemed.items():
        if pk not in returned:
            for shard, pieces in item["de"].get("sh", {}).items():
                taken[item["de"]["r"], int(shard)] += pieces
    findings += [
        f"{reward_id} shard {shard}: {gone[reward_id, shard]} taken, {taken[reward_id, shard]} in live redemptions"
        for reward_id, shard in sorted(gone.keys() | taken.keys())
        if gone[reward_id, shard] != taken[reward_id, shard]
    ]
    return findings
