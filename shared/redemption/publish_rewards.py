"""Publishing the catalogue: rewards as of a minute from now, stock at once, and nothing twice.

What a shard offers is changed relative to what it has been `given`, and only while that is as read. So a publication
that died half-way is finished by making it again: what was done is no difference any more. Up to 98 shards change
in one transaction with the catalogue; where there are more, they change first, a hundred at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shared.errors import VersionMovedError
from shared.ledger.store import settled
from shared.program.store import publishing_patience
from shared.redemption.catalogue import Catalogue, published
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.offers import Offer
from shared.redemption.rewards import Reward
from shared.redemption.shards import changes
from shared.redemption.stock import Shard, Stock
from shared.runtime.patience import Patience
from shared.runtime.transactions import LARGEST_TRANSACTION, ConditionalWrite, commit
from shared.trail.deeds import Deed, What
from shared.trail.store import recording

MOST_BESIDE: Final = LARGEST_TRANSACTION - 2
"""How many shards change together with the catalogue and the record of who published it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What publishing an offer changes. `stock` is pieces per reward and shard; `shards` is how they were read.

    `at` is DynamoDB's own instant.
    """

    at: datetime
    base: Catalogue
    after: Catalogue
    stock: Mapping[str, Mapping[int, int]]
    shards: Mapping[str, Mapping[int, Shard]]

    @property
    def is_empty(self) -> bool:
        return self.after == self.base

    def added(self, reward_id: str) -> int:
        """Say how many pieces a reward gains, below zero how many it loses."""
        return sum(self.stock.get(reward_id, {}).values())

    def left(self, reward_id: str) -> int:
        """Say how many pieces were left when it was read."""
        return sum(shard.left for shard in self.shards.get(reward_id, {}).values())


def plan_publication(offer: Offer, catalogues: Catalogues, stock: Stock, patience: Patience) -> Plan:
    """Say what publishing would change now. Raises OutOfStockError where more is taken back than is left."""
    base, at = catalogues.read()
    after = published(base, offer.rewards, currency=offer.currency, now=at)
    limited = [reward for reward in after.latest.values() if reward.listed and reward.stock is not None]
    shards = stock.read(limited, patience)
    changed = {reward.id: _changes(reward, shards[reward.id]) for reward in limited}
    changed = {reward_id: some for reward_id, some in changed.items() if some}
    if changed and after == base:
        after = replace(base, revision=base.revision + 1)
    return Plan(at=at, base=base, after=after, stock=changed, shards=shards)


def _changes(reward: Reward, shards: Mapping[int, Shard]) -> dict[int, int]:
    delta = (reward.stock or 0) - sum(shard.given for shard in shards.values())
    return changes({place: shard.left for place, shard in shards.items()}, delta, reward_id=reward.id)


def publish_rewards(
    offer: Offer, base_revision: int, catalogues: Catalogues, stock: Stock, patience: Patience, *, author: str = ""
) -> Catalogue:
    """Publish an offer over the revision that its author has seen; nothing is written where nothing differs.

    Raises VersionMovedError where another revision stands, and OutOfStockError as `plan_publication` does.
    AP-32, AP-37, AP-38.
    """
    while True:
        plan = settled(lambda: _write(offer, base_revision, catalogues, stock, author), patience)
        if plan is not None:
            return plan.after


def _write(offer: Offer, base_revision: int, catalogues: Catalogues, stock: Stock, author: str) -> Plan | None:
    """Write the next step of a publication. Gives the plan when it was the last one."""
    in_time = publishing_patience()
    plan = plan_publication(offer, catalogues, stock, in_time)
    if plan.base.revision != base_revision:
        raise VersionMovedError(base=base_revision, current=plan.base.revision)
    if plan.is_empty:
        return plan
    writes = _stock_writes(plan, stock)
    last = len(writes) <= MOST_BESIDE
    step = [catalogues.replacing(plan.base, plan.after), *writes] if last else writes[:LARGEST_TRANSACTION]
    if last:
        about = str(plan.after.revision)
        deed = Deed(what=What.REWARDS_PUBLISHED, at=plan.at, who=author, about=about)
        step.append(recording(deed, table=catalogues.table))
    commit(catalogues.client, step, in_time)
    return plan if last else None


def _stock_writes(plan: Plan, stock: Stock) -> list[ConditionalWrite]:
    writes = []
    for reward_id, changed in plan.stock.items():
        for place, change in changed.items():
            given = plan.shards[reward_id][place].given
            if change > 0:
                writes.append(stock.adding(reward_id, place, given=given, pieces=change, revision=plan.after.revision))
            else:
                writes.append(stock.taking_back(reward_id, place, given=given, pieces=-change))
    return writes
