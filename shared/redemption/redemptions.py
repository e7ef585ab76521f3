"""A redemption: the entry that took the points, and its fate, which is written once. Pure.

| details of the entry | | details of what cancels it | |
|---|---|---|---|
| r, q | reward, quantity | r | reward |
| ca, cu | cash due (minor units), currency | gr | days of grace, where lapsed lots came back with them |
| sh | shard → pieces taken | sh | shard → pieces put back |
| ck | the account's counter that it raised | | |
| pr | price in points, where it took more because some paid half | | |
| g | digest of the request | g | digest of the request |
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared import keys
from shared.keys import Key
from shared.ledger.account import Balance
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_of, write_instant
from shared.ledger.lots import Lots, negated
from shared.redemption.rewards import Reward
from shared.redemption.shards import Left
from shared.runtime.attributes import Item
from shared.runtime.ids import is_id

FULFILLED: Final = "fulfilled"
ID_PREFIX: Final = "rdm"


class Status(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    FULFILLED = "fulfilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """What a member got. `points` are those spent; `lots` says from which lots, `taken` from which shards."""

    id: str
    key: Key
    member_id: str
    reward_id: str
    name: str
    quantity: int
    points: int
    cash_minor: int
    currency: str
    lots: Lots
    taken: Left
    counter: str | None
    digest: str
    store_id: str | None
    redeemed_at: datetime
    balance: Balance


def redemption_details(reward: Reward, quantity: int, currency: str, taken: Left, counter: str | None) -> Item:
    """Give the details of the entry, but for the request's digest."""
    details: Item = {"r": reward.id, "q": quantity, "cu": currency}
    if reward.cash_minor:
        details["ca"] = reward.cash_minor * quantity
    if taken:
        details["sh"] = written_pieces(taken)
    if counter:
        details["ck"] = counter
    return details


def written_pieces(taken: Left) -> Item:
    return {str(shard): pieces for shard, pieces in taken.items()}


def redemption_of(entry: Entry) -> Redemption:
    details = entry.details
    return Redemption(
        id=entry.key.pk.partition("#")[2],
        key=entry.key,
        member_id=entry.member_id,
        reward_id=details["r"],
        name=entry.label,
        quantity=details["q"],
        points=-entry.movement.points,
        cash_minor=details.get("ca", 0),
        currency=details["cu"],
        lots=negated(entry.movement.lots),
        taken={int(shard): pieces for shard, pieces in details.get("sh", {}).items()},
        counter=details.get("ck"),
        digest=details["g"],
        store_id=entry.store_id,
        redeemed_at=entry.occurred_at,
        balance=entry.balance,
    )


def is_redemption_id(text: str) -> bool:
    return is_id(ID_PREFIX, text)


def redemption_in(item: Item | None, member_id: str) -> Redemption | None:
    """Read a member's redemption from what stands at its key: None for nothing, a refusal or another's."""
    if item is None or item["k"] != EntryKind.REDEEMED or item["m"] != member_id:
        return None
    return redemption_of(entry_of(item))


def fulfilment_item(redemption_id: str, *, at: datetime) -> Item:
    """Make the fate of a redemption that was handed over. It moves no points and is no entry."""
    return {**keys.outcome(redemption_id)._asdict(), "k": FULFILLED, "o": write_instant(at)}


def status_of(outcome: Item | None) -> Status:
    """Read the fate of a redemption from its outcome, where there is one yet."""
    if outcome is None:
        return Status.CONFIRMED
    return Status.FULFILLED if outcome["k"] == FULFILLED else Status.CANCELLED
