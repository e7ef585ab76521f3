"""An action becomes points: once, whatever is repeated.

Two AWS calls when warm: read the account, commit. The entry's key says what the action may count for once: the event,
its subject, or for a check-in the day. Whoever comes second finds the first answer there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from shared import keys
from shared.earning.acting import (
    LAST_CHECK_IN,
    Action,
    ActionAward,
    counting,
    details_of,
    earned,
    evaluate,
    key_part,
    label_of,
    rules_on,
)
from shared.earning.assembly import Earning
from shared.earning.budgets import wanted_of
from shared.earning.events import CLAIM_WINDOW
from shared.earning.explain import BonusLine, ExplainLine
from shared.earning.outcomes import Outcome
from shared.earning.record_sale import CLOCK_SKEW
from shared.earning.review import TOO_EARLY, TOO_LATE
from shared.earning.spending import Taken, parts_of
from shared.errors import MemberFrozenError
from shared.keys import Key
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_of
from shared.ledger.posting import Posting, begin
from shared.ledger.store import Guard, StaleReadError, settled
from shared.program.actions import CHECK_IN, Streak
from shared.program.model import Program
from shared.program.store import Programs
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite

NO_RULE = "no-rule"
TASK = "task."
NOTHING_GIVEN = "nothing-given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted(Outcome):
    """An outcome with its entry, where there is one."""

    entry: Entry | None = None

    def again(self) -> "Acted":
        return replace(self, result="duplicate")


def record_action(action: Action, earning: Earning, patience: Patience) -> Acted:
    """Record what a member did and credit its points; an action that gives nothing is ignored, with the reason.

    Raises MemberNotFoundError, MemberFrozenError, NoProgramError and BusyError.
    """
    now = earning.clock()
    if action.occurred_at > now + CLOCK_SKEW:
        return Acted(result="ignored", reason=TOO_EARLY)
    if action.occurred_at < now - CLAIM_WINDOW:
        return Acted(result="ignored", reason=TOO_LATE)
    try:
        return settled(lambda: _record(action, earning, patience), patience)
    except GivenBeforeError as given:
        return outcome_of_action(given.entry, earning.programs).again()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Who confirmed an action, if not the member's own word, and what is written with it."""

    by: str = ""
    beside: tuple[ConditionalWrite, ...]


def record_confirmed(action: Action, earning: Earning, patience: Patience, confirmation: Confirmation) -> Acted:
    """Record what a member tells of, confirmed or taken at the member's word, however long ago it was handed in.

    Raises as `record_action`, and what is written with it refuses with.
    """
    try:
        return settled(lambda: _record(action, earning, patience, confirmation), patience)
    except GivenBeforeError as given:
        return outcome_of_action(given.entry, earning.programs).again()


class GivenBeforeError(Exception):
    """The action has its entry already."""

    def __init__(self, entry: Entry) -> None:
        super().__init__("/".join(entry.key))
        self.entry = entry


def _given_before(old: Item | None) -> Exception:
    return GivenBeforeError(entry_of(old)) if old else StaleReadError()


class CheckedIn(NamedTuple):
    """Today's check-in, what tomorrow's gives, and whether it was done before."""

    entry: Entry
    next_day_points: int
    repeated: bool


def check_in(member_id: str, earning: Earning, patience: Patience) -> CheckedIn:
    """Check a member in for today, by the server's clock and the program's calendar.

    Raises as `record_action`, and NoCheckInError where no rule is on check-ins.
    """
    now = earning.clock()
    program = earning.programs.chain_wide(now)
    action = Action(member_id=member_id, action=CHECK_IN, event_id="", occurred_at=now)
    outcome = record_action(action, earning, patience)
    if outcome.entry is None:
        raise NoCheckInError
    entry = outcome.entry
    return CheckedIn(entry, _tomorrow(entry, program), outcome.result == "duplicate")


class NoCheckInError(Exception):
    """No rule of the program is on check-ins."""


def _tomorrow(entry: Entry, program: Program) -> int:
    following = entry.details["st"] + 1
    return sum(rule.give.on_day(following) for rule in rules_on(program, CHECK_IN) if isinstance(rule.give, Streak))


def key_of(action: Action, program: Program) -> Key:
    """Give the key of the entry that an action makes."""
    name = f"{TASK}{action.rule_id}" if action.rule_id else action.action
    return keys.action(action.member_id, name, key_part(action, program))


def _record(action: Action, earning: Earning, patience: Patience, confirmation: Confirmation | None = None) -> Acted:
    now = earning.clock()
    program = _program(action, earning.programs)
    if not counting(action, program):
        return Acted(result="ignored", reason=NO_RULE)
    posting = begin(earning.ledger.account(action.member_id), now, earning.rules.at(now))
    action = _dated(action, posting)
    key = key_of(action, program)
    if action.action == CHECK_IN and (known := _known_today(posting, key, earning)):
        return outcome_of_action(known, earning.programs).again()
    if posting.account.frozen:
        raise MemberFrozenError
    award = evaluate(action, posting.account, posting.today, program)

    def attempt(taken: Taken, short: Mapping[str, int]) -> Acted:
        final = evaluate(action, posting.account, posting.today, program, rooms=short) if short else award
        if not final.given or not (final.points or final.rewards or action.action == CHECK_IN):
            known_item = earning.ledger.item(key)
            if known_item:
                raise GivenBeforeError(entry_of(known_item))
            return Acted(result="ignored", reason=NOTHING_GIVEN, not_applied=final.not_applied)
        parts = parts_of(taken, final.spent)
        posted = _posted(action, posting, key, final, program, parts)
        for reward_id in final.rewards:
            posted = earning.give_reward(posted, reward_id, "/".join(key))
        if confirmation and confirmation.by:
            posted = _confirmed(posted, key, confirmation)
        beside = [*earning.budgets.taking(parts, program), *(confirmation.beside if confirmation else ())]
        earning.ledger.commit(posted, patience, guards={key: Guard(refusal=_given_before)}, beside=beside)
        entry = posted.entry_at(key)
        return replace(outcome_of_action(entry, earning.programs), explain=final.explain, not_applied=final.not_applied)

    return earning.budgets.spending(wanted_of(award.spent, program), program, now, patience, attempt)


def _confirmed(posting: Posting, key: Key, confirmation: Confirmation) -> Posting:
    """Note in the entry who confirmed it."""
    entries = (
        replace(entry, details={**entry.details, "by": confirmation.by}) if entry.key == key else entry
        for entry in posting.entries
    )
    return replace(posting, entries=tuple(entries))


def _dated(action: Action, posting: Posting) -> Action:
    """Name a check-in by the day that the account counts: midnight may pass while it is recorded."""
    return replace(action, event_id=f"{posting.today:%y%m%d}") if action.action == CHECK_IN else action


def _program(action: Action, programs: Programs) -> Program:
    if action.store_id:
        return programs.in_force(action.occurred_at, action.store_id)
    return programs.chain_wide(action.occurred_at)


def _known_today(posting: Posting, key: Key, earning: Earning) -> Entry | None:
    """Find today's check-in where the account says that there is one, before anything is written."""
    if posting.account.counters.get(LAST_CHECK_IN) != posting.today.toordinal():
        return None
    item = earning.ledger.item(key)
    return entry_of(item) if item else None


def _posted(
    action: Action,
    posting: Posting,
    key: Key,
    award: ActionAward,
    program: Program,
    budget: Mapping[str, Mapping[str, int]],
) -> Posting:
    return posting.add(
        EntryKind.ACTED,
        key,
        earned(award, action, posting.account, posting.today, program),
        occurred_at=action.occurred_at,
        store_id=action.store_id,
        label=label_of(award, program),
        details=details_of(action, award, program, budget),
    )


def explain_action(entry: Entry, programs: Programs) -> tuple[ExplainLine, ...]:
    """Say again which rules gave what."""
    names = {rule.id: rule.name for rule in programs.numbered(entry.details["v"]).actions}
    return tuple(
        BonusLine(rule_id=rule, name=names[rule], points=points) for rule, points in entry.details["ru"].items()
    )


def outcome_of_action(entry: Entry, programs: Programs) -> Acted:
    """Give the answer to the event that made an entry."""
    return Acted(
        result="applied",
        entry=entry,
        key=entry.key,
        points=entry.movement.points,
        balance=entry.balance,
        explain=explain_action(entry, programs),
    )
