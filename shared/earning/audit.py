"""INV-9: what budgets count as spent is what sales took of them less what returns gave back. Pure."""

from collections import Counter
from collections.abc import Iterable

from shared import keys
from shared.ledger.entries import EntryKind
from shared.names import BUDGET_PREFIX
from shared.runtime.attributes import Item

Spent = Counter[tuple[str, int]]
"""Thousandths of points by rule and shard."""


def is_budget(item: Item) -> bool:
    return bool(item["pk"].startswith(BUDGET_PREFIX))


def spent_of_budgets(items: Iterable[Item]) -> Spent:
    """Add up what sales took and returns gave back, given a member's items, or those of several members."""
    spent: Spent = Counter()
    for item in items:
        if item.get("k") in {EntryKind.EARNED, EntryKind.ACTED}:
            spent.update(_parts(item))
        elif item["sk"].startswith(keys.RETURN_PREFIX) and item["k"] == EntryKind.REVERSED:
            spent.subtract(_parts(item))
    return spent


def _parts(item: Item) -> dict[tuple[str, int], int]:
    budgets = item.get("de", {}).get("bu", {})
    return {(rule, int(shard)): amount for rule, shards in budgets.items() for shard, amount in shards.items()}


def budget_differences(shards: Iterable[Item], spent: Spent) -> list[str]:
    """Name every shard of a budget that counts other points than sales and returns say, or fewer than none."""
    counted: Spent = Counter()
    for shard in shards:
        _, rule_id, number = shard["pk"].split("#")
        counted[rule_id, int(number)] = shard["used"]
    found = [f"INV-3 the budget of {rule} shard {number} is at {n}" for (rule, number), n in counted.items() if n < 0]
    for place in sorted(counted.keys() | spent.keys()):
        if counted[place] != spent[place]:
            rule, number = place
            found.append(
                f"INV-9 the budget of {rule} shard {number} counts {counted[place]}, sales took {spent[place]} of it"
            )
    return found
