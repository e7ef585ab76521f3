"""A second person approves an adjustment, or rejects it: once (ADJ-4), and never for themselves (ADJ-1, ADJ-2).

Both decisions want the one place `DECIDED`, so of two at once one stands, and the other is answered with it.
"""

from shared import keys
from shared.adjustments.adjustment import Decision, Known
from shared.adjustments.request_adjustment import Adjusting, deed_of, posted
from shared.errors import AdjustmentDecidedError, AdjustmentNotFoundError, SelfApprovalError
from shared.ledger.items import as_kept
from shared.ledger.store import Guard, settled, stale
from shared.runtime.patience import Patience
from shared.trail.actor import Actor
from shared.trail.deeds import What
from shared.trail.store import recording


def approve_adjustment(identifier: str, actor: Actor, adjusting: Adjusting, patience: Patience) -> Known:
    """Apply what waits; applied already, it is answered as it was.

    Raises AdjustmentNotFoundError, also for another store's, AdjustmentDecidedError (it was rejected),
    SelfApprovalError, InsufficientPointsError (it still waits then), InvalidFieldError where its last day is over,
    MemberNotFoundError, NoProgramError and BusyError.
    """
    return settled(lambda: _approve(identifier, actor, adjusting, patience), patience)


def _approve(identifier: str, actor: Actor, adjusting: Adjusting, patience: Patience) -> Known:
    known = _known(identifier, actor, adjusting)
    adjustment, decision = known
    if decision:
        return _answered(known, "applied")
    moment = adjusting.rules.moment(adjusting.clock())
    posting = posted(adjustment, adjusting, moment, approver=actor.by)
    key = keys.adjustment_decided(identifier)
    deed = deed_of(What.ADJUSTMENT_APPROVED, adjustment, moment, by=actor.by)
    beside = [adjusting.adjustments.delisting(adjustment), recording(deed, table=adjusting.ledger.tables.ledger)]
    adjusting.ledger.commit(posting, patience, guards={key: Guard(refusal=stale)}, beside=beside)
    return Known(adjustment, Decision(status="applied", at=as_kept(posting.at), approver=actor.by))


def reject_adjustment(identifier: str, reason: str, actor: Actor, adjusting: Adjusting, patience: Patience) -> Known:
    """Refuse what waits, with a reason for its author; rejected already, it is answered as it was.

    Raises AdjustmentNotFoundError, also for another store's, AdjustmentDecidedError (it was applied),
    SelfApprovalError, NoProgramError and BusyError.
    """
    return settled(lambda: _reject(identifier, reason, actor, adjusting, patience), patience)


def _reject(identifier: str, reason: str, actor: Actor, adjusting: Adjusting, patience: Patience) -> Known:
    known = _known(identifier, actor, adjusting)
    adjustment, decided = known
    if decided:
        return _answered(known, "rejected")
    moment = adjusting.rules.moment(adjusting.clock())
    decision = Decision(status="rejected", at=as_kept(moment.now), approver=actor.by)
    deed = deed_of(What.ADJUSTMENT_REJECTED, adjustment, moment, by=actor.by)
    writes = adjusting.adjustments.rejecting(adjustment, decision, reason)
    adjusting.adjustments.write([*writes, recording(deed, table=adjusting.ledger.tables.ledger)], patience)
    return Known(adjustment, decision)


def _known(identifier: str, actor: Actor, adjusting: Adjusting) -> Known:
    """Read an adjustment that a person may decide on. Raises AdjustmentNotFoundError and SelfApprovalError."""
    known = adjusting.adjustments.find(identifier)
    if not actor.may_use(known.adjustment.store_id):
        raise AdjustmentNotFoundError
    actor.require_other(known.adjustment.member_id)
    if known.adjustment.author == actor.by:
        raise SelfApprovalError
    return known


def _answered(known: Known, wanted: str) -> Known:
    if known.decision and known.decision.status != wanted:
        raise AdjustmentDecidedError(decision=known.decision.status)
    return known
