"""Points are adjusted at once, or the request is kept for a second person (ADJ-1, ADJ-2, ADJ-3).

Request, notes, what its author adjusted today, the record of it and, where it is within the limit, entry and account
are one transaction. The request's key guards it (`shared.ledger.once`).
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared import keys
from shared.adjustments.adjustment import Adjustment, Notes, Reason, movement_of
from shared.adjustments.adjustment_store import Adjustments, adjustment_of
from shared.errors import InvalidFieldError
from shared.ledger.entries import EntryKind
from shared.ledger.items import as_kept
from shared.ledger.once import Once, answer_once
from shared.ledger.posting import Posting, begin
from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience
from shared.tiers.time_rules import Moment, TimeRules
from shared.trail.actor import Actor
from shared.trail.deeds import Deed, What
from shared.trail.store import recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusting:
    """What adjusting works with."""

    adjustments: Adjustments
    rules: TimeRules
    clock: Clock

    @property
    def ledger(self) -> Ledger:
        return self.adjustments.ledger

    @property
    def programs(self) -> Programs:
        return self.rules.programs


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: points above zero are given, below it taken. Id and digest stand for key and content."""

    adjustment_id: str
    digest: str
    member_id: str
    store_id: str
    points: int
    reason: Reason
    notes: Notes
    valid_through: date | None


class Requested(NamedTuple):
    adjustment: Adjustment
    replayed: bool


def request_adjustment(wanted: Wanted, actor: Actor, adjusting: Adjusting, patience: Patience) -> Requested:
    """Adjust points within the limit, or ask a second person; answer again what was answered to this key.

    Raises SelfApprovalError, InsufficientPointsError, DailyCapReachedError, InvalidFieldError for an unknown store or a
    last day that does not fit, MemberNotFoundError, IdempotencyKeyReusedError, NoProgramError and BusyError.
    """
    actor.require_other(wanted.member_id)
    once = Once(key=keys.adjustment_requested(wanted.adjustment_id), digest=wanted.digest)
    answered = answer_once(
        once,
        lambda: _request(wanted, actor, adjusting, patience),
        adjustment_of,
        adjusting.ledger,
        patience,
        clock=adjusting.clock,
    )
    return Requested(*answered)


def _request(wanted: Wanted, actor: Actor, adjusting: Adjusting, patience: Patience) -> Adjustment:
    moment = adjusting.rules.moment(adjusting.clock())
    adjustment = _asked(wanted, actor, adjusting, moment)
    posting = posted(adjustment, adjusting, moment)
    adjustments, cap = adjusting.adjustments, adjusting.programs.chain().adjustments.per_author_per_day
    what = What.ADJUSTMENT_REQUESTED if adjustment.needs_approval else What.ADJUSTMENT_APPLIED
    table = adjusting.ledger.tables.ledger
    writes = [
        *adjustments.asking(adjustment, wanted.notes),
        adjustments.counting(adjustment, moment.today, cap=cap),
        recording(deed_of(what, adjustment, moment, by=actor.by), table=table),
    ]
    if adjustment.needs_approval:
        adjustments.write(writes, patience)
    else:
        adjusting.ledger.commit(posting, patience, guards={}, beside=writes)
    return adjustment


def _asked(wanted: Wanted, actor: Actor, adjusting: Adjusting, moment: Moment) -> Adjustment:
    store = adjusting.programs.stores().get(wanted.store_id)
    if store is None:
        raise InvalidFieldError(errors=[{"pointer": "/store_id", "code": "unknown-store"}])
    return Adjustment(
        id=wanted.adjustment_id,
        digest=wanted.digest,
        member_id=wanted.member_id,
        store_id=wanted.store_id,
        points=wanted.points,
        reason=wanted.reason,
        author=actor.by,
        requested_at=as_kept(moment.now),
        valid_through=wanted.valid_through,
        needs_approval=abs(wanted.points) > adjusting.programs.chain().adjustment_limit(store),
    )


def posted(adjustment: Adjustment, adjusting: Adjusting, moment: Moment, *, approver: str = "") -> Posting:
    """Post an adjustment to the account as it stands. Raises what `movement_of` raises, and MemberNotFoundError."""
    posting = begin(adjusting.ledger.account(adjustment.member_id), moment.now, moment.rules)
    policy = adjusting.programs.in_force(moment.now, adjustment.store_id).points.expire
    details = {"why": adjustment.reason.value, "by": adjustment.author}
    return posting.add(
        EntryKind.ADJUSTED,
        keys.adjustment_decided(adjustment.id),
        movement_of(adjustment, posting.account, posting.today, policy),
        store_id=adjustment.store_id,
        label=adjustment.reason.value,
        details=details | ({"ok": approver} if approver else {}),
    )


def deed_of(what: What, adjustment: Adjustment, moment: Moment, *, by: str) -> Deed:
    return Deed(
        what=what,
        at=moment.now,
        who=by,
        about=adjustment.id,
        member_id=adjustment.member_id,
        store_id=adjustment.store_id,
        why=adjustment.reason.value,
    )
