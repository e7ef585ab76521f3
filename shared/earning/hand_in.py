"""A member hands in what was done: counted at the member's word, or kept for a person to confirm (COMP-1, COMP-4).

The answer stands under the request's key (`shared.ledger.once`): which entry it was, or how the completion stood then.
It is written in the transaction that makes the one or the other, or by itself where there was one already.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from shared import keys
from shared.earning.acting import Action, evaluate, task_action
from shared.earning.assembly import Earning
from shared.earning.completion_store import Completion, Completions, Evidence
from shared.earning.completions import APPROVED, WAITING, not_fulfilled, rule_of
from shared.earning.record_action import Confirmation, key_of, record_confirmed
from shared.errors import InvalidFieldError, MemberFrozenError
from shared.keys import Key
from shared.ledger.entries import Entry
from shared.ledger.items import as_kept, entry_of, instant, write_instant
from shared.ledger.once import Once, answer_once, key_free, key_taken
from shared.ledger.posting import begin
from shared.program.actions import ActionRule
from shared.program.model import Program
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.runtime.transactions import put_if_absent

GIVEN: Final = "given"
GIVEN_BEFORE: Final = "given_before"
KEPT: Final = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a member hands in for a task. The id and the digest stand for the request's key and content."""

    id: str
    digest: str
    member_id: str
    task_id: str
    subject: str
    evidence: Evidence


class Submitted(NamedTuple):
    """What came of it: the entry of what was given, now or `before`; or the completion that is kept for staff."""

    outcome: Entry | Completion
    before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandingIn:
    """What handing in works with."""

    earning: Earning
    completions: Completions


def hand_in(submission: Submission, handing: HandingIn, patience: Patience) -> tuple[Submitted, bool]:
    """Take a member's word, or keep it for a person to confirm; say whether this key was answered so before.

    Raises TaskNotFoundError for a task that members cannot tell of, TaskNotFulfilledError with what is lacking,
    InvalidFieldError without a subject where one is needed, MemberNotFoundError, MemberFrozenError,
    IdempotencyKeyReusedError and BusyError.
    """
    earning = handing.earning
    return answer_once(
        Once(key=keys.handed_in(submission.id), digest=submission.digest),
        lambda: _hand_in(submission, handing, patience),
        lambda item: _submitted_of(item, submission, earning),
        earning.ledger,
        patience,
        clock=earning.clock,
    )


def _hand_in(submission: Submission, handing: HandingIn, patience: Patience) -> Submitted:
    now = as_kept(handing.earning.clock())
    program = handing.earning.programs.chain_wide(now)
    rule = rule_of(submission.task_id, program)
    if rule.once_per_subject and not submission.subject:
        raise InvalidFieldError(errors=[{"pointer": "/subject", "code": "missing"}])
    action = task_action(
        rule, submission.member_id, now, event_id=submission.id, subject=submission.subject,
        facts=submission.evidence.facts(),
    )  # fmt: skip
    if rule.confirmed_by == "member":
        return _give(action, rule, program, submission, handing.earning, patience)
    return _keep(action, rule, program, submission, handing, patience)


def _give(
    action: Action, rule: ActionRule, program: Program, submission: Submission, earning: Earning, patience: Patience
) -> Submitted:
    key = key_of(action, program)
    answer = put_if_absent(earning.ledger.tables.ledger, _answer(submission, GIVEN, e=list(key)), refusal=key_taken)
    acted = record_confirmed(action, earning, patience, Confirmation(beside=(answer,)))
    if acted.entry is None:
        raise not_fulfilled(rule, acted.not_applied)
    if acted.result == "duplicate":
        earning.ledger.put([(_answer(submission, GIVEN_BEFORE, e=list(key)), key_free())], patience)
        return Submitted(acted.entry, before=True)
    return Submitted(acted.entry)


def _keep(
    action: Action, rule: ActionRule, program: Program, submission: Submission, handing: HandingIn, patience: Patience
) -> Submitted:
    """Keep what was handed in, unless the same waits already or was approved. Raises StaleReadError."""
    earning, completions = handing.earning, handing.completions
    known = completions.read(submission.member_id, submission.task_id, submission.subject)
    if known and (known.status == WAITING or (known.status == APPROVED and submission.subject)):
        earning.ledger.put([(_kept(submission, known), key_free())], patience)
        return Submitted(known)
    account = earning.ledger.account(action.member_id)
    if account.frozen:
        raise MemberFrozenError
    posting = begin(account, action.occurred_at, earning.rules.at(action.occurred_at))
    award = evaluate(action, posting.account, posting.today, program)
    if not award.points:
        raise not_fulfilled(rule, award.not_applied)
    waiting = Completion(
        member_id=submission.member_id,
        task_id=submission.task_id,
        subject=submission.subject,
        number=known.number + 1 if known else 1,
        status=WAITING,
        submitted_at=action.occurred_at,
        evidence=submission.evidence,
    )
    answer = put_if_absent(earning.ledger.tables.ledger, _kept(submission, waiting), refusal=key_taken)
    completions.put(waiting, known, patience, beside=[answer])
    return Submitted(waiting)


def _kept(submission: Submission, completion: Completion) -> Item:
    """Note how a completion stood when it was the answer; what was shown in it stays in the table of members."""
    stood = {"n": completion.number, "st": completion.status, "o": write_instant(completion.submitted_at)}
    return _answer(submission, KEPT, **stood)


def _answer(submission: Submission, kind: str, **details: Any) -> Item:  # noqa: ANN401 values of an item
    return {**keys.handed_in(submission.id)._asdict(), "k": kind, "de": {"g": submission.digest, **details}}


def _submitted_of(item: Item, submission: Submission, earning: Earning) -> Submitted:
    details = item["de"]
    if item["k"] == KEPT:
        kept = Completion(
            member_id=submission.member_id,
            task_id=submission.task_id,
            subject=submission.subject,
            number=details["n"],
            status=details["st"],
            submitted_at=instant(details["o"]),
            evidence=submission.evidence,
        )
        return Submitted(kept)
    given = earning.ledger.item(Key(*details["e"]))
    if given is None:
        raise LookupError("an entry is gone")
    return Submitted(entry_of(given), before=item["k"] == GIVEN_BEFORE)
