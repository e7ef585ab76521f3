"""What members say they did, where a rule takes their word or has a person confirm it.

COMP-1 A rule says who confirms: the chain's signed event (nobody else then), the member, or staff.
COMP-2 Evidence is what the member shows: a text, photos, likes, a page. Its length is counted here, not told.
COMP-3 What waits is decided once, by somebody else than the member; the points come with the decision, by the rules of
       the instant at which it was handed in. A refusal says why, and the member may hand in again.
COMP-4 One thing waits at a time for a member, a task and a subject. Where a rule gives once per subject (S0-05), an
       approved one is never given again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from shared.earning.acting import task_action
from shared.earning.assembly import Earning
from shared.earning.completion_store import Completion, Completions
from shared.earning.explain import NotApplied
from shared.earning.record_action import Confirmation, record_confirmed
from shared.errors import (
    CompletionDecidedError,
    TaskNotFoundError,
    TaskNotFulfilledError,
)
from shared.ledger.items import as_kept
from shared.ledger.store import settled
from shared.program.actions import ActionRule
from shared.program.model import Program
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite
from shared.trail.actor import Actor
from shared.trail.deeds import Deed, What
from shared.trail.store import recording

WAITING: Final = "waiting"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"


def approve(
    completion_id: str, actor: Actor, earning: Earning, completions: Completions, patience: Patience
) -> Completion:
    """Confirm what waits, and give its points; confirmed already, it is answered as it was.

    Raises CompletionNotFoundError, CompletionDecidedError (it was rejected), SelfApprovalError,
    TaskNotFulfilledError where the rule gives nothing any more, MemberFrozenError, BusyError.
    """
    known = completions.find(completion_id)
    actor.require_other(known.member_id)
    if known.status == APPROVED:
        return known
    if known.status == REJECTED:
        raise CompletionDecidedError(status=known.status)
    program = earning.programs.chain_wide(known.submitted_at)
    rule = rule_of(known.task_id, program)
    action = task_action(
        rule, known.member_id, known.submitted_at, event_id=known.event_id, subject=known.subject,
        facts=known.evidence.facts(),
    )  # fmt: skip
    decided = replace(known, status=APPROVED, decided_at=as_kept(earning.clock()), decided_by=actor.by)
    recorded = _recording(What.COMPLETION_APPROVED, decided, actor, earning)
    beside = (*completions.deciding(decided, _rejected_meanwhile), recorded)
    confirmation = Confirmation(by=actor.by, beside=beside)
    acted = record_confirmed(action, earning, patience, confirmation)
    if acted.entry is None:
        raise not_fulfilled(rule, acted.not_applied)
    return completions.find(completion_id) if acted.result == "duplicate" else decided


def reject(
    completion_id: str,
    reason: str,
    actor: Actor,
    earning: Earning,
    completions: Completions,
    patience: Patience,
) -> Completion:
    """Refuse what waits, with a reason that the member sees; rejected already, it is answered as it was.

    Raises CompletionNotFoundError, CompletionDecidedError (it was approved), SelfApprovalError, BusyError.
    """

    def attempt() -> Completion:
        known = completions.find(completion_id)
        actor.require_other(known.member_id)
        if known.status == REJECTED:
            return known
        if known.status == APPROVED:
            raise CompletionDecidedError(status=known.status)
        decided = replace(
            known, status=REJECTED, decided_at=as_kept(earning.clock()), decided_by=actor.by, reason=reason
        )
        recorded = _recording(What.COMPLETION_REJECTED, decided, actor, earning)
        completions.decide(decided, patience, beside=[recorded])
        return decided

    return settled(attempt, patience)


def _rejected_meanwhile(_old: Item | None) -> Exception:
    """Say what stands in the way of an approval: another approval would have made the entry, which comes first."""
    return CompletionDecidedError(status=REJECTED)


def _recording(what: What, decided: Completion, actor: Actor, earning: Earning) -> ConditionalWrite:
    at = decided.decided_at or earning.clock()
    deed = Deed(what=what, at=at, who=actor.by, about=decided.id, member_id=decided.member_id)
    return recording(deed, table=earning.ledger.tables.ledger)


def rule_of(task_id: str, program: Program) -> ActionRule:
    rule = next((rule for rule in program.actions if rule.id == task_id and rule.confirmed_by), None)
    if rule is None:
        raise TaskNotFoundError
    return rule


def not_fulfilled(rule: ActionRule, missed: Sequence[NotApplied]) -> TaskNotFulfilledError:
    lacking: list[dict[str, Any]] = [{"code": one.code, "wanted": list(one.wanted)} for one in missed]
    return TaskNotFulfilledError(task_id=rule.id, lacking=lacking)
