"""The staff approves a redemption that needs it, and the store hands over what was redeemed.

Both are items that are written once. An approval holds only while there is no fate: the transaction checks it, and
whoever would take it back checks that there is no approval, so exactly one of the two happens (FATE-2).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from shared import keys
from shared.errors import (
    AlreadyApprovedError,
    AlreadyCancelledError,
    AlreadyUsedError,
    ApprovalRequiredError,
    IdempotencyKeyReusedError,
    RedemptionNotFoundError,
)
from shared.ledger.once import Once, key_taken, refuse_once
from shared.ledger.store import Ledger, settled, stale
from shared.redemption.redeem_reward import Redeeming
from shared.redemption.redemptions import (
    Fate,
    Status,
    admit,
    approval_item,
    decision_of,
    fate_in,
    fulfilment_item,
    is_redemption_id,
)
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, check, commit, put_if_absent
from shared.trail.actor import Actor
from shared.trail.deeds import Deed, What
from shared.trail.store import recording


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What is handed over, and in which store; the digest stands for the caller's key.

    `recorded`: the staff does it, and the trail says so. What a till does stands in the redemption alone.
    """

    redemption_id: str
    digest: str
    store_id: str | None
    recorded: bool


class Decided(NamedTuple):
    fate: Fate
    replayed: bool


def find_fate(redemption_id: str, ledger: Ledger) -> Fate:
    """Read a redemption and its fate as they are now, in one call. Raises RedemptionNotFoundError."""
    if not is_redemption_id(redemption_id):
        raise RedemptionNotFoundError
    fate = fate_in({item["sk"]: item for item in ledger.collection(keys.redemption(redemption_id).pk)})
    if fate is None:
        raise RedemptionNotFoundError
    return fate


def approve(redemption_id: str, actor: Actor, redeeming: Redeeming, patience: Patience) -> Decided:
    """Approve a redemption, or tell that it was approved already.

    Raises RedemptionNotFoundError, SelfApprovalError, AlreadyApprovedError (it needs no approval),
    AlreadyCancelledError and BusyError. AP-94.
    """

    def attempt() -> Decided:
        fate = find_fate(redemption_id, redeeming.ledger)
        admit(actor, fate)
        if fate.returned:
            raise AlreadyCancelledError(redemption_id=redemption_id)
        if fate.approval:
            return Decided(fate, replayed=True)
        if not fate.redemption.needs_approval:
            raise AlreadyApprovedError(redemption_id=redemption_id)
        now = redeeming.clock()
        item, table = approval_item(redemption_id, at=now, by=actor.by), redeeming.ledger.tables.ledger
        writes = [
            put_if_absent(table, item, refusal=stale),
            check(table, keys.outcome(redemption_id)._asdict(), condition="attribute_not_exists(pk)", refusal=stale),
            redeeming.requests.approving(fate.redemption),
            _recording(What.REDEMPTION_APPROVED, fate, actor, now, table),
        ]
        commit(redeeming.ledger.client, writes, patience)
        return Decided(replace(fate, approval=decision_of(item)), replayed=False)

    return settled(attempt, patience)


def hand_over(handing: HandOver, actor: Actor, redeeming: Redeeming, patience: Patience) -> Decided:
    """Hand a redemption over, or answer again what was answered to this key.

    Raises RedemptionNotFoundError, SelfApprovalError, ApprovalRequiredError, AlreadyUsedError, AlreadyCancelledError,
    IdempotencyKeyReusedError where the key came with another store, and BusyError. AP-94.
    """
    once = Once(key=keys.refusal(handing.redemption_id, handing.digest), digest=handing.store_id or "")

    def attempt() -> Decided:
        fate = find_fate(handing.redemption_id, redeeming.ledger)
        admit(actor, fate)
        if fate.outcome:
            return _known(fate, handing)
        if fate.status is Status.REQUESTED:
            raise ApprovalRequiredError(redemption_id=handing.redemption_id)
        now, table = redeeming.clock(), redeeming.ledger.tables.ledger
        item = fulfilment_item(
            handing.redemption_id, at=now, digest=handing.digest, by=actor.by, store_id=handing.store_id
        )
        writes = [put_if_absent(table, item, refusal=stale)]
        if fate.redemption.needs_approval:  # and may have been refused for want of an approval
            absent = "attribute_not_exists(pk)"
            writes.append(check(table, once.key._asdict(), condition=absent, refusal=key_taken))
            writes.append(redeeming.requests.removing(fate.redemption))
        if handing.recorded:
            writes.append(_recording(What.REDEMPTION_FULFILLED, fate, actor, now, table))
        commit(redeeming.ledger.client, writes, patience)
        return Decided(replace(fate, outcome=decision_of(item)), replayed=False)

    return refuse_once(once, lambda: settled(attempt, patience), redeeming.ledger, patience, clock=redeeming.clock)


def _known(fate: Fate, handing: HandOver) -> Decided:
    """Answer for a redemption that has its fate: the same hand-over again, or why it cannot be any more."""
    if fate.returned:
        raise AlreadyCancelledError(redemption_id=handing.redemption_id)
    if fate.outcome is None or fate.outcome.digest != handing.digest:
        raise AlreadyUsedError(redemption_id=handing.redemption_id)
    if fate.outcome.store_id != handing.store_id:
        raise IdempotencyKeyReusedError
    return Decided(fate, replayed=True)


def _recording(what: What, fate: Fate, actor: Actor, at: datetime, table: str) -> ConditionalWrite:
    redemption = fate.redemption
    deed = Deed(
        what=what,
        at=at,
        who=actor.by,
        about=redemption.id,
        member_id=redemption.member_id,
        store_id=redemption.store_id or "",
    )
    return recording(deed, table=table)
