"""A redemption is undone: the points to the lots that they came from, the pieces to their shards, the limit back.

Three AWS calls: the redemption and its fate, the account, the commit. The fate of a redemption is one item that is
written once, so that a cancellation and a hand-over exclude each other, and two cancellations too. For a
cancellation that item is the very entry that returns the points.

Its member cancels until it is approved, where it needs that; the staff rejects it until then and cancels it until it
is handed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple

from shared import keys
from shared.errors import (
    AlreadyApprovedError,
    AlreadyCancelledError,
    AlreadyUsedError,
    RedemptionNotFoundError,
)
from shared.ledger.account import Account, Movement
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_item
from shared.ledger.lots import Lots, add, has_lapsed, lot_of
from shared.ledger.movements import credit
from shared.ledger.once import KeyTakenError, Once, key_free, refuse_once
from shared.ledger.posting import Posting, begin
from shared.ledger.store import settled, stale
from shared.redemption.decide_redemption import find_fate
from shared.redemption.redeem_reward import Redeeming
from shared.redemption.redemptions import Fate, Redemption, admit, decision_of, written_pieces
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, check
from shared.trail.actor import Actor
from shared.trail.deeds import Deed, What
from shared.trail.store import recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """The staff's part in a cancellation: who decides, whether it is rejected, and the code of the reason."""

    actor: Actor
    rejected: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """Who cancels what: its member, or the staff (`undoing`). The digest stands for the caller's key and the request.

    `grace_days` is for a merchant who cancels: lots that have lapsed meanwhile can be used that many days more.
    """

    redemption_id: str
    digest: str
    member_id: str | None = None
    undoing: Undoing | None = None
    grace_days: int = 0

    @property
    def before_approval(self) -> bool:
        """Say whether an approval excludes it: all but the staff's own cancellation."""
        return self.undoing is None or self.undoing.rejected


class Cancelled(NamedTuple):
    fate: Fate
    replayed: bool

    @property
    def returned(self) -> Entry:
        """The entry that returned the points."""
        if self.fate.returned is None:
            raise ValueError("it was not cancelled")
        return self.fate.returned


class _FateKnownError(Exception):
    """The redemption has its fate already."""

    def __init__(self, fate: Fate) -> None:
        super().__init__(fate.redemption.id)
        self.fate = fate


def cancel_redemption(cancellation: Cancellation, redeeming: Redeeming, patience: Patience) -> Cancelled:
    """Cancel a redemption, or answer again what was answered to this key.

    Raises RedemptionNotFoundError (another's too), AlreadyCancelledError, AlreadyUsedError, AlreadyApprovedError,
    SelfApprovalError and BusyError.
    """

    def decide() -> Cancelled:
        try:
            return settled(lambda: _cancel(cancellation, redeeming, patience), patience)
        except _FateKnownError as known:
            return _answer_again(cancellation, known.fate)

    if cancellation.undoing:
        return decide()
    once = Once(key=keys.refusal(cancellation.redemption_id, cancellation.digest), digest="")
    return refuse_once(once, decide, redeeming.ledger, patience, clock=redeeming.clock)


def undo_digest(*, rejected: bool) -> str:
    """Give what stands for the staff's request: whoever decides the same again is answered as the first one was."""
    return "staff:rejected" if rejected else "staff:cancelled"


def _cancel(cancellation: Cancellation, redeeming: Redeeming, patience: Patience) -> Cancelled:
    fate = _load(cancellation, redeeming)
    redemption, now = fate.redemption, redeeming.clock()
    posting = begin(redeeming.ledger.account(redemption.member_id), now, redeeming.rules_at(now))
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
            beside=list(_beside(cancellation, posting, redemption, redeeming)),
        )
    except KeyTakenError as taken:
        raise _FateKnownError(replace(fate, outcome=decision_of(taken.item))) from None
    returned = posting.entry_at(key)
    return Cancelled(replace(fate, outcome=decision_of(entry_item(returned))), replayed=False)


def _load(cancellation: Cancellation, redeeming: Redeeming) -> Fate:
    """Read the redemption and its fate in one call. Raises what says that it cannot be cancelled (any more)."""
    fate, undoing = find_fate(cancellation.redemption_id, redeeming.ledger), cancellation.undoing
    if undoing:
        admit(undoing.actor, fate)
    elif fate.redemption.member_id != cancellation.member_id:
        raise RedemptionNotFoundError
    if fate.outcome:
        raise _FateKnownError(fate)
    needless = undoing is not None and not fate.redemption.needs_approval
    if cancellation.before_approval and (fate.approval or needless):
        raise AlreadyApprovedError(redemption_id=cancellation.redemption_id)
    return fate


def _beside(
    cancellation: Cancellation, posting: Posting, redemption: Redemption, redeeming: Redeeming
) -> Iterator[ConditionalWrite]:
    """Make what goes with the points: pieces back, off the staff's list, no approval meanwhile, and the record."""
    yield from redeeming.stock.giving_back(redemption.reward_id, redemption.taken)
    table, undoing = redeeming.ledger.tables.ledger, cancellation.undoing
    if redemption.needs_approval:
        yield redeeming.requests.removing(redemption)
        if cancellation.before_approval:
            approval = keys.approval(redemption.id)._asdict()
            absent = "attribute_not_exists(pk)"
            yield check(table, approval, condition=absent, refusal=stale)
    if undoing:
        deed = Deed(
            what=What.REDEMPTION_REJECTED if undoing.rejected else What.REDEMPTION_CANCELLED,
            at=posting.at,
            who=undoing.actor.by,
            about=redemption.id,
            member_id=redemption.member_id,
            store_id=redemption.store_id or "",
            why=undoing.reason,
        )
        yield recording(deed, table=table)


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
    undoing = cancellation.undoing
    details: dict[str, Any] = {"g": cancellation.digest, "r": redemption.reward_id}
    if redemption.taken:
        details["sh"] = written_pieces(redemption.taken)
    if cancellation.grace_days:
        details["gr"] = cancellation.grace_days
    if undoing:
        details |= {"by": undoing.actor.by, "why": undoing.reason}
        details |= {"rj": True} if undoing.rejected else {}
    return details


def _answer_again(cancellation: Cancellation, fate: Fate) -> Cancelled:
    if fate.returned is None:
        raise AlreadyUsedError(redemption_id=fate.redemption.id)
    if fate.outcome is None or fate.outcome.digest != cancellation.digest:
        raise AlreadyCancelledError(redemption_id=fate.redemption.id)
    return Cancelled(fate, replayed=True)
