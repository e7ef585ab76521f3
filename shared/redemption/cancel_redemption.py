"""A redemption is undone: the points to the lots that they came from, the pieces to their shards, the limit back.

Three AWS calls: the redemption and its fate, the account, the commit. The fate of a redemption is one item that is
written once, so that a cancellation and a hand-over exclude each other, and two cancellations too. For a
cancellation that item is the very entry that returns the points.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple

from shared import keys
from shared.errors import AlreadyCancelledError, AlreadyUsedError, RedemptionNotFoundError
from shared.ledger.account import Account, Movement
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_of
from shared.ledger.lots import Lots, add, has_lapsed, lot_of
from shared.ledger.movements import credit
from shared.ledger.once import KeyTakenError, key_free
from shared.ledger.posting import Posting, begin
from shared.ledger.store import settled
from shared.redemption.redeem_reward import Redeeming
from shared.redemption.redemptions import FULFILLED, Redemption, is_redemption_id, redemption_in, written_pieces
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """Who cancels what; the digest stands for the caller's key and the request.

    `grace_days` is for a merchant who cancels: lots that have lapsed meanwhile can be used that many days more.
    """

    redemption_id: str
    member_id: str
    digest: str
    grace_days: int = 0


class Cancelled(NamedTuple):
    redemption: Redemption
    returned: Entry
    replayed: bool


class _FateKnownError(Exception):
    """The redemption has its fate already."""

    def __init__(self, redemption: Redemption, outcome: Item) -> None:
        super().__init__(redemption.id)
        self.redemption = redemption
        self.outcome = outcome


def cancel_redemption(cancellation: Cancellation, redeeming: Redeeming, patience: Patience) -> Cancelled:
    """Cancel a member's redemption, or answer again what was answered to this key.

    Raises RedemptionNotFoundError (another's too), AlreadyCancelledError, AlreadyUsedError and BusyError.
    """
    try:
        return settled(lambda: _cancel(cancellation, redeeming, patience), patience)
    except _FateKnownError as known:
        return _answer_again(cancellation, known.redemption, known.outcome)


def _cancel(cancellation: Cancellation, redeeming: Redeeming, patience: Patience) -> Cancelled:
    redemption = _load(cancellation, redeeming)
    now = redeeming.clock()
    posting = begin(redeeming.ledger.account(cancellation.member_id), now, redeeming.rules_at(now))
    key = keys.outcome(redemption.id)
    posting = posting.add(
        EntryKind.RETURNED,
        key,
        _movement(posting, redemption, cancellation.grace_days),
        store_id=redemption.store_id,
        label=redemption.name,
        details=_details(cancellation, redemption),
    )
    try:
        redeeming.ledger.commit(
            posting,
            patience,
            guards={key: key_free()},
            beside=redeeming.stock.giving_back(redemption.reward_id, redemption.taken),
        )
    except KeyTakenError as taken:
        raise _FateKnownError(redemption, taken.item) from None
    return Cancelled(redemption, next(entry for entry in posting.entries if entry.key == key), replayed=False)


def _load(cancellation: Cancellation, redeeming: Redeeming) -> Redemption:
    """Read the redemption and its fate in one call. Raises RedemptionNotFoundError and _FateKnownError."""
    if not is_redemption_id(cancellation.redemption_id):
        raise RedemptionNotFoundError
    items = {item["sk"]: item for item in redeeming.ledger.collection(keys.redemption(cancellation.redemption_id).pk)}
    redemption = redemption_in(items.get(keys.REDEEMED), cancellation.member_id)
    if redemption is None:
        raise RedemptionNotFoundError
    if keys.OUTCOME in items:
        raise _FateKnownError(redemption, items[keys.OUTCOME])
    return redemption


def _movement(posting: Posting, redemption: Redemption, grace_days: int) -> Movement:
    lots: Lots = redemption.lots
    if grace_days:
        until = lot_of(posting.today + timedelta(days=grace_days))
        lapsed = {lot: points for lot, points in lots.items() if has_lapsed(lot, posting.today)}
        kept = {lot: points for lot, points in lots.items() if lot not in lapsed}
        lots = add(kept, {until: sum(lapsed.values())}) if lapsed else lots
    return replace(credit(posting.account, lots), counters=_given_back(posting.account, redemption))


def _given_back(account: Account, redemption: Redemption) -> dict[str, int]:
    """Give the limit back while its period is open; an account forgets its counter when it is over."""
    if redemption.counter is None or redemption.counter not in account.counters:
        return {}
    return {redemption.counter: -min(redemption.quantity, account.counters[redemption.counter])}


def _details(cancellation: Cancellation, redemption: Redemption) -> dict[str, Any]:
    details: dict[str, Any] = {"g": cancellation.digest, "r": redemption.reward_id}
    if redemption.taken:
        details["sh"] = written_pieces(redemption.taken)
    if cancellation.grace_days:
        details["gr"] = cancellation.grace_days
    return details


def _answer_again(cancellation: Cancellation, redemption: Redemption, outcome: Item) -> Cancelled:
    if outcome["k"] == FULFILLED:
        raise AlreadyUsedError(redemption_id=redemption.id)
    if outcome["de"]["g"] != cancellation.digest:
        raise AlreadyCancelledError(redemption_id=redemption.id)
    return Cancelled(redemption, entry_of(outcome), replayed=True)
