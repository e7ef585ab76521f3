"""A redemption: the entry that took the points, its approval where it needs one, and its fate. Pure.

FATE-1 Each of the three is written once. The fate (`OUTCOME`) excludes every other one by its key: cancelled by its
       member or the store, rejected, or handed over.
FATE-2 What needs an approval is handed over after it alone. Until then its member may cancel it and the staff reject
       it; afterwards the store alone can cancel. Approval and what it excludes never both happen.

| details of the entry | | details of what cancels it | |
|---|---|---|---|
| r, q | reward, quantity | r | reward |
| ca, cu | cash due (minor units), currency | gr | days of grace, where lapsed lots came back with them |
| sh | shard → pieces taken | sh | shard → pieces put back |
| ck | the account's counter that it raised | by, why | who of the staff did it, and the code of the reason |
| pr | price in points, where it took more because some paid half | rj | it was rejected |
| rv | it needs an approval | | |
| g | digest of the request | g | digest of the request |

An approval, and the fate of what was handed over, are no entries: `k` kind, `o` at, `de` with `by`; of a hand-over `g`
too, and `s`, the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared import keys
from shared.errors import RedemptionNotFoundError
from shared.keys import Key
from shared.ledger.account import Balance
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_of, instant, write_instant
from shared.ledger.lots import Lots, negated
from shared.redemption.rewards import Reward
from shared.redemption.shards import Left
from shared.runtime.attributes import Item
from shared.runtime.ids import is_id
from shared.trail.actor import Actor

FULFILLED: Final = "fulfilled"
APPROVED: Final = "approved"
ID_PREFIX: Final = "rdm"


class Status(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
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
    needs_approval: bool
    digest: str
    store_id: str | None
    redeemed_at: datetime
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An approval, or a fate: when, by whom where not by the member, for which reason, in which store.

    `status` is what it makes of the redemption, `digest` tells a repetition of it from another request, `entry` is
    what returned the points.
    """

    status: Status
    at: datetime
    digest: str = ""
    by: str | None = None
    reason: str | None = None
    store_id: str | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """A redemption and what became of it by now."""

    redemption: Redemption
    approval: Decision | None = None
    outcome: Decision | None = None

    @property
    def status(self) -> Status:
        latest = self.outcome or self.approval
        if latest:
            return latest.status
        return Status.REQUESTED if self.redemption.needs_approval else Status.CONFIRMED

    @property
    def returned(self) -> Entry | None:
        """The entry that returned the points, where they were."""
        return self.outcome.entry if self.outcome else None


def redemption_details(reward: Reward, quantity: int, currency: str, taken: Left, counter: str | None) -> Item:
    """Give the details of the entry, but for the request's digest."""
    details: Item = {"r": reward.id, "q": quantity, "cu": currency}
    if reward.cash_minor:
        details["ca"] = reward.cash_minor * quantity
    if taken:
        details["sh"] = written_pieces(taken)
    if counter:
        details["ck"] = counter
    if reward.review:
        details["rv"] = True
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
        needs_approval=details.get("rv", False),
        digest=details["g"],
        store_id=entry.store_id,
        redeemed_at=entry.occurred_at,
        balance=entry.balance,
    )


def is_redemption_id(text: str) -> bool:
    return is_id(ID_PREFIX, text)


def fate_in(items: Mapping[str, Item], member_id: str | None = None) -> Fate | None:
    """Read a redemption from the items of its partition, by sk; None for nothing, a refusal, or not the member's."""
    redeemed, approval, outcome = (items.get(sk) for sk in (keys.REDEEMED, keys.APPROVED, keys.OUTCOME))
    if redeemed is None or redeemed["k"] != EntryKind.REDEEMED or member_id not in (None, redeemed["m"]):
        return None
    return Fate(
        redemption=redemption_of(entry_of(redeemed)),
        approval=decision_of(approval) if approval else None,
        outcome=decision_of(outcome) if outcome else None,
    )


def decision_of(item: Item) -> Decision:
    details = item.get("de", {})
    status = {FULFILLED: Status.FULFILLED, APPROVED: Status.APPROVED}.get(item["k"], Status.CANCELLED)
    return Decision(
        status=Status.REJECTED if details.get("rj") else status,
        at=instant(item["o"]),
        digest=details.get("g", ""),
        by=details.get("by"),
        reason=details.get("why"),
        store_id=item.get("s"),
        entry=entry_of(item) if item["k"] == EntryKind.RETURNED else None,
    )


def approval_item(redemption_id: str, *, at: datetime, by: str) -> Item:
    """Make the approval of a redemption. It moves no points and is no entry."""
    return {**keys.approval(redemption_id)._asdict(), "k": APPROVED, "o": write_instant(at), "de": {"by": by}}


def fulfilment_item(
    redemption_id: str, *, at: datetime, digest: str = "", by: str = "", store_id: str | None = None
) -> Item:
    """Make the fate of a redemption that was handed over. It moves no points and is no entry."""
    item: Item = {**keys.outcome(redemption_id)._asdict(), "k": FULFILLED, "o": write_instant(at)}
    details = {name: text for name, text in (("g", digest), ("by", by)) if text}
    return item | ({"de": details} if details else {}) | ({"s": store_id} if store_id else {})


def admit(actor: Actor, fate: Fate) -> None:
    """Let an actor decide on a redemption; one without a store is every store's.

    Raises RedemptionNotFoundError for another store's, as if it were not there, and SelfApprovalError.
    """
    redemption = fate.redemption
    if redemption.store_id and not actor.may_use(redemption.store_id):
        raise RedemptionNotFoundError
    actor.require_other(redemption.member_id)
