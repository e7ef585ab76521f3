"""What earning must keep true, checked on items as they stand. Pure.

INV-9: what budgets count as spent is what sales and actions took of them less what returns gave back.
INV-10: a member is referred once, by another one; no chain of referrals closes; who is rewarded for a friend has
referred that friend; and what is taken back of a referral is exactly what it gave (L12).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared import keys
from shared.ledger.entries import EntryKind
from shared.names import BUDGET_PREFIX, REFERRAL_PREFIX
from shared.runtime.attributes import Item

Spent = Counter[tuple[str, int]]
"""Thousandths of points by rule and shard."""


def is_budget(item: Item) -> bool:
    return bool(item["pk"].startswith(BUDGET_PREFIX))


def spent_of_budgets(items: Iterable[Item]) -> Spent:
    """Add up what sales took and returns gave back, given a member's items, or those of several members."""
    spent: Spent = Counter()
    for item in items:
        if item.get("k") in {EntryKind.EARNED, EntryKind.ACTED, EntryKind.REFERRED}:
            spent.update(_parts(item))
        elif item.get("k") in {EntryKind.REVERSED, EntryKind.REFERRAL_REVERSED}:
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


@dataclass(slots=True)
class Referrals:
    """Who was referred by whom, as friends' entries say; and who was rewarded for whom, as referrers' say."""

    by_friend: dict[str, str] = field(default_factory=dict)
    rewarded: set[tuple[str, str]] = field(default_factory=set)

    def update(self, other: "Referrals") -> None:
        self.by_friend.update(other.by_friend)
        self.rewarded.update(other.rewarded)


def referrals_in(items: Iterable[Item]) -> Referrals:
    """Gather the referrals of a member's items, or of several members'."""
    found = Referrals()
    for item in items:
        if item.get("k") != EntryKind.REFERRED:
            continue
        friend_id = item["pk"].removeprefix(REFERRAL_PREFIX)
        if item["sk"].endswith("#referrer"):
            found.rewarded.add((friend_id, item["m"]))
        elif "by" in item["de"]:
            found.by_friend[friend_id] = item["de"]["by"]
    return found


def reversal_differences(items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    """Name the members of whom more or less was taken back of a referral than it gave them."""
    given = {(item["pk"], item["sk"]): item for item in items if item.get("k") == EntryKind.REFERRED}
    for item in items:
        if item.get("k") == EntryKind.REFERRAL_REVERSED:
            gave = given.get((item["pk"], item["sk"].removeprefix(keys.UNDONE_PREFIX)))
            points = gave.get("p", 0) + gave.get("pp", 0) if gave and gave["m"] == item["m"] else None
            if points != item["de"]["tk"]:
                yield item["m"], f"INV-10 {item['pk']} took {item['de']['tk']} back of {points}"


def referral_differences(referrals: Referrals) -> list[str]:
    """Name what cannot be: a member who referred themselves, a closed chain, a reward for another's friend."""
    found = [
        f"INV-10 {referrer} is rewarded for {friend}, who was referred by {referrals.by_friend.get(friend)}"
        for friend, referrer in sorted(referrals.rewarded)
        if referrals.by_friend.get(friend) != referrer
    ]
    closed = sorted(friend for friend in referrals.by_friend if _closes(friend, referrals.by_friend))
    return [*found, *(f"INV-10 {friend} is in a closed chain of referrals" for friend in closed)]


def _closes(friend_id: str, by_friend: Mapping[str, str]) -> bool:
    """Say whether the chain above a member comes back to that member."""
    seen: set[str] = set()
    at = by_friend.get(friend_id)
    while at is not None and at not in seen:
        if at == friend_id:
            return True
        seen.add(at)
        at = by_friend.get(at)
    return False
