"""The staff changes one reward at a time: adds it, changes it, takes it off the list, offers more or fewer pieces.

Each is one transaction: the catalogue by its revision, the reward's shards, and the record of who did it. Somebody who
published in between is no obstacle, unless it is the same reward: then what the change was based on has moved.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from shared import keys
from shared.errors import (
    IdempotencyKeyReusedError,
    OutOfStockError,
    RewardExistsError,
    RewardNotFoundError,
    VersionMovedError,
)
from shared.ledger.once import REFUSED, KeyTakenError, key_free
from shared.ledger.store import StaleReadError, settled, stale
from shared.redemption.catalogue import Catalogue, changed
from shared.redemption.catalogue_items import reward_tag
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.rewards import Reward
from shared.redemption.shards import changes
from shared.redemption.stock import Stock
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, commit, put_if_absent
from shared.trail.deeds import Deed, What
from shared.trail.store import recording

STOCKED: Final = "stocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What the staff's changes work with: `currency` is that of a catalogue that has none yet, `by` is who changes."""

    catalogues: Catalogues
    stock: Stock
    currency: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChange:
    """How many pieces more or fewer are offered, and the code of the reason. The digest stands for the request."""

    change_id: str
    digest: str
    reward_id: str
    delta: int
    reason: str


class Changed(NamedTuple):
    """A reward after a change, and the catalogue that it stands in; `before`: it was so already."""

    reward: Reward
    catalogue: Catalogue
    before: bool


class Stocked(NamedTuple):
    """How many pieces were left after a change of stock, and how many have been offered in all."""

    left: int
    given: int
    replayed: bool


def add_reward(reward: Reward, shelf: Shelf, patience: Patience) -> Changed:
    """Add a reward with its stock, or tell that it is there already.

    Raises RewardExistsError where another one has its id, and BusyError. AP-32.
    """

    def decide(catalogue: Catalogue) -> _Step | Changed:
        known = catalogue.latest.get(reward.id)
        if known is None:
            return _Step(reward, What.REWARD_ADDED, delta=reward.stock or 0)
        if replace(known, shards=reward.shards) != reward:
            raise RewardExistsError(reward_id=reward.id)
        return Changed(known, catalogue, before=True)

    return settled(lambda: _change(decide, shelf, patience), patience)


def change_reward(
    reward_id: str, base_tag: str, change: Callable[[Reward], Reward], shelf: Shelf, patience: Patience
) -> Changed:
    """Change a reward from the state that its author has seen. What is so already is done, whatever state that was.

    Raises RewardNotFoundError, VersionMovedError where it is in another state, what `change` raises, BusyError. AP-32.
    """

    def decide(catalogue: Catalogue) -> _Step | Changed:
        known = _known(catalogue, reward_id)
        reward = change(known)
        if reward == known:
            return Changed(known, catalogue, before=True)
        if reward_tag(known) != base_tag:
            raise VersionMovedError(base=base_tag, current=reward_tag(known))
        return _Step(reward, What.REWARD_CHANGED)

    return settled(lambda: _change(decide, shelf, patience), patience)


def archive_reward(reward_id: str, shelf: Shelf, patience: Patience) -> Changed:
    """Take a reward off the list; what was redeemed of it stays. Raises RewardNotFoundError and BusyError. AP-32."""

    def decide(catalogue: Catalogue) -> _Step | Changed:
        known = _known(catalogue, reward_id)
        if not known.listed:
            return Changed(known, catalogue, before=True)
        return _Step(replace(known, listed=False), What.REWARD_ARCHIVED)

    return settled(lambda: _change(decide, shelf, patience), patience)


def change_stock(change: StockChange, shelf: Shelf, patience: Patience) -> Stocked:
    """Offer more or fewer pieces of a reward, or answer again what was answered to this key.

    Raises RewardNotFoundError, OutOfStockError where fewer are left than are taken back or it has no stock to count,
    IdempotencyKeyReusedError and BusyError. AP-95.
    """
    key, ledger = keys.stock_change(change.change_id), shelf.stock.ledger
    item: Item = {**key._asdict(), "g": change.digest, "r": change.reward_id}
    told: list[Stocked] = []

    def decide(catalogue: Catalogue) -> _Step | Changed:
        known = _known(catalogue, change.reward_id)
        if known.stock is None:
            raise OutOfStockError(reward_id=known.id, required=abs(change.delta), available=0)
        return _Step(
            replace(known, stock=known.stock + change.delta),
            What.STOCK_CHANGED,
            delta=change.delta,
            why=change.reason,
            note=lambda left, given: _noted(item, Stocked(left, given, replayed=False), told, shelf),
        )

    def attempt() -> Stocked:
        answered = ledger.item(key)
        if answered:
            return _answer_again(change, answered)
        _change(decide, shelf, patience)
        return told[-1]

    try:
        return settled(attempt, patience)
    except OutOfStockError as refusal:
        if refusal.replayed:
            raise
        refused: Item = {**item, "k": REFUSED, "f": refusal.fields}
        try:
            ledger.put([(refused, key_free())], patience)
        except KeyTakenError as taken:
            return _answer_again(change, taken.item)
        raise


class _Step(NamedTuple):
    """What a change makes of a reward: by how many pieces its stock changes, and what else is written then."""

    reward: Reward
    what: What
    delta: int = 0
    why: str = ""
    note: Callable[[int, int], Sequence[ConditionalWrite]] = lambda _left, _given: ()


def _change(decide: Callable[[Catalogue], _Step | Changed], shelf: Shelf, patience: Patience) -> Changed:
    base, at = shelf.catalogues.read()
    step = decide(base)
    if isinstance(step, Changed):
        return step
    currency = base.contents[-1].currency if base.contents else shelf.currency
    after = changed(base, step.reward, currency=currency, now=at)
    reward = after.latest[step.reward.id]
    about = f"{reward.id}@{after.revision}"
    deed = Deed(what=step.what, at=at, who=shelf.by, about=about, why=step.why)
    writes = [
        shelf.catalogues.replacing(base, after),
        *_stock_writes(reward, step, after.revision, shelf, patience),
        recording(deed, table=shelf.catalogues.table),
    ]
    try:
        commit(shelf.catalogues.client, writes, patience)
    except VersionMovedError:
        raise StaleReadError from None
    return Changed(reward, after, before=False)


def _stock_writes(
    reward: Reward, step: _Step, revision: int, shelf: Shelf, patience: Patience
) -> list[ConditionalWrite]:
    if not step.delta:
        return []
    shards = shelf.stock.read([reward], patience)[reward.id]
    writes: list[ConditionalWrite] = []
    for place, pieces in changes(
        {place: shard.left for place, shard in shards.items()}, step.delta, reward_id=reward.id
    ).items():
        given = shards[place].given
        if pieces > 0:
            writes.append(shelf.stock.adding(reward.id, place, given=given, pieces=pieces, revision=revision))
        else:
            writes.append(shelf.stock.taking_back(reward.id, place, given=given, pieces=-pieces))
    left = sum(shard.left for shard in shards.values()) + step.delta
    given = sum(shard.given for shard in shards.values()) + step.delta
    return [*writes, *step.note(left, given)]


def _known(catalogue: Catalogue, reward_id: str) -> Reward:
    if reward_id not in catalogue.latest:
        raise RewardNotFoundError
    return catalogue.latest[reward_id]


def _noted(item: Item, stocked: Stocked, told: list[Stocked], shelf: Shelf) -> list[ConditionalWrite]:
    told.append(stocked)
    noted = {**item, "k": STOCKED, "left": stocked.left, "given": stocked.given}
    return [put_if_absent(shelf.catalogues.table, noted, refusal=stale)]


def _answer_again(change: StockChange, item: dict[str, Any]) -> Stocked:
    if item["g"] != change.digest:
        raise IdempotencyKeyReusedError
    if item["k"] == REFUSED:
        refusal = OutOfStockError(**item["f"])
        refusal.replayed = True
        raise refusal
    return Stocked(item["left"], item["given"], replayed=True)
