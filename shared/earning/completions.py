"""What members say they did, where a rule takes their word or has a person confirm it.

COMP-1 A rule says who confirms: the chain's signed event (nobody else then), the member, or staff.
COMP-2 Evidence is what the member shows: a text, photos, likes, a page. Its length is counted here, not told.
COMP-3 What waits is decided once, by somebody else than the member; the points come with the decision, by the rules of
       the instant at which it was handed in. A refusal says why, and the member may hand in again.
COMP-4 One thing waits at a time for a member, a task and a subject. Where a rule gives once per subject (S0-05), an
       approved one is never given again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from shared.earning.acting import Action, evaluate, task_action
from shared.earning.completion_store import Completion, Completions, Evidence
from shared.earning.explain import NotApplied
from shared.earning.record_action import Acted, Confirmation, record_confirmed
from shared.earning.record_sale import Earning
from shared.errors import (
    CompletionDecidedError,
    InvalidFieldError,
    MemberFrozenError,
    SelfApprovalError,
    TaskNotFoundError,
    TaskNotFulfilledError,
)
from shared.ledger.posting import begin
from shared.ledger.store import settled
from shared.program.actions import ActionRule
from shared.program.model import Program
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite
from shared.trail.deeds import Deed, What
from shared.trail.store import recording

WAITING: Final = "waiting"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a member hands in for a task. `event_id` names the request: repeated, it counts once."""

    member_id: str
    task_id: str
    event_id: str
    subject: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """Either what was given at once, or the completion that is kept for staff."""

    acted: Acted | None = None
    completion: Completion | None = None

    @property
    def kept(self) -> Completion:
        if self.completion is None:
            raise ValueError("it was given at once")
        return self.completion


def submit(submission: Submission, earning: Earning, completions: Completions, patience: Patience) -> Submitted:
    """Take a member's word, or keep it for a person to confirm.

    Raises TaskNotFoundError for a task that members cannot tell of, TaskNotFulfilledError with what is lacking,
    InvalidFieldError without a subject where one is needed, MemberNotFoundError, MemberFrozenError, BusyError.
    """
    now = earning.clock()
    program = earning.programs.chain_wide(now)
    rule = _rule(submission.task_id, program)
    if rule.once_per_subject and not submission.subject:
        raise InvalidFieldError(errors=[{"pointer": "/subject", "code": "missing"}])
    action = task_action(
        rule, submission.member_id, now, event_id=submission.event_id, subject=submission.subject,
        facts=submission.evidence.facts(),
    )  # fmt: skip
    if rule.confirmed_by == "member":
        acted = record_confirmed(action, earning, patience)
        if acted.entry is None:
            raise _not_fulfilled(rule, acted.not_applied)
        return Submitted(acted=acted)
    return Submitted(completion=_keep(action, submission, earning, completions, patience))


def _keep(
    action: Action, submission: Submission, earning: Earning, completions: Completions, patience: Patience
) -> Completion:
    def attempt() -> Completion:
        known = completions.read(submission.member_id, submission.task_id, submission.subject)
        if known and (known.status == WAITING or (known.status == APPROVED and submission.subject)):
            return known
        program = earning.programs.chain_wide(action.occurred_at)
        account = earning.ledger.account(action.member_id)
        if account.frozen:
            raise MemberFrozenError
        posting = begin(account, action.occurred_at, earning.rules.at(action.occurred_at))
        award = evaluate(action, posting.account, posting.today, program)
        if not award.points:
            raise _not_fulfilled(_rule(submission.task_id, program), award.not_applied)
        waiting = Completion(
            member_id=submission.member_id,
            task_id=submission.task_id,
            subject=submission.subject,
            number=known.number + 1 if known else 1,
            status=WAITING,
            submitted_at=action.occurred_at,
            evidence=submission.evidence,
        )
        completions.put(waiting, known, patience)
        return waiting

    return settled(attempt, patience)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Who decides, and which member that is, if any."""

    by: str
    member_id: str | None


def approve(
    completion_id: str, reviewer: Reviewer, earning: Earning, completions: Completions, patience: Patience
) -> Completion:
    """Confirm what waits, and give its points; confirmed already, it is answered as it was.

    Raises CompletionNotFoundError, CompletionDecidedError (it was rejected), SelfApprovalError,
    TaskNotFulfilledError where the rule gives nothing any more, MemberFrozenError, BusyError.
    """
    known = completions.find(completion_id)
    _not_oneself(known, reviewer)
    if known.status == APPROVED:
        return known
    if known.status == REJECTED:
        raise CompletionDecidedError(status=known.status)
    program = earning.programs.chain_wide(known.submitted_at)
    rule = _rule(known.task_id, program)
    action = task_action(
        rule, known.member_id, known.submitted_at, event_id=str(known.number), subject=known.subject,
        facts=known.evidence.facts(),
    )  # fmt: skip
    decided = replace(known, status=APPROVED, decided_at=earning.clock(), decided_by=reviewer.by)
    beside = (*completions.deciding(decided), _recording(What.COMPLETION_APPROVED, decided, reviewer, earning))
    confirmation = Confirmation(by=reviewer.by, beside=beside)
    acted = record_confirmed(action, earning, patience, confirmation)
    if acted.entry is None:
        raise _not_fulfilled(rule, acted.not_applied)
    return decided


def reject(
    completion_id: str,
    reason: str,
    reviewer: Reviewer,
    earning: Earning,
    completions: Completions,
    patience: Patience,
) -> Completion:
    """Refuse what waits, with a reason that the member sees; rejected already, it is answered as it was.

    Raises CompletionNotFoundError, CompletionDecidedError (it was approved), SelfApprovalError, BusyError.
    """

    def attempt() -> Completion:
        known = completions.find(completion_id)
        _not_oneself(known, reviewer)
        if known.status == REJECTED:
            return known
        if known.status == APPROVED:
            raise CompletionDecidedError(status=known.status)
        decided = replace(known, status=REJECTED, decided_at=earning.clock(), decided_by=reviewer.by, reason=reason)
        recorded = _recording(What.COMPLETION_REJECTED, decided, reviewer, earning)
        completions.decide(decided, patience, beside=[recorded])
        return decided

    return settled(attempt, patience)


def _recording(what: What, decided: Completion, reviewer: Reviewer, earning: Earning) -> ConditionalWrite:
    at = decided.decided_at or earning.clock()
    deed = Deed(what=what, at=at, who=reviewer.by, about=decided.id, member_id=decided.member_id)
    return recording(deed, table=earning.ledger.tables.ledger)


def _not_oneself(known: Completion, reviewer: Reviewer) -> None:
    if known.member_id == reviewer.member_id:
        raise SelfApprovalError


def _rule(task_id: str, program: Program) -> ActionRule:
    rule = next((rule for rule in program.actions if rule.id == task_id and rule.confirmed_by), None)
    if rule is None:
        raise TaskNotFoundError
    return rule


def _not_fulfilled(rule: ActionRule, missed: Sequence[NotApplied]) -> TaskNotFulfilledError:
    lacking: list[dict[str, Any]] = [{"code": one.code, "wanted": list(one.wanted)} for one in missed]
    return TaskNotFulfilledError(task_id=rule.id, lacking=lacking)
