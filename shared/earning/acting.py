"""What an action earns: a check-in, a share, a review, an event of the chain's own. Pure.

ACT-1 Every rule on the action counts, each by its own evidence, times, stores, tiers and limit.
ACT-2 A streak counts days on which the member checked in, one after the other, on the program's calendar.
ACT-3 The points are whole and usable at once; they do not count for the tier.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final, NamedTuple

from shared.earning.conditions import Circumstances, missed_window, short_tier_name
from shared.earning.explain import BonusLine, BudgetLine, CapLine, ExplainLine, NotApplied
from shared.earning.history import action_counters, day_counter, is_used_up, rooms_of_day, times_left
from shared.earning.sale import Facts
from shared.earning.shares import Share, lots_of
from shared.earning.spending import MILLI
from shared.ledger.account import Account, Movement
from shared.ledger.lots import lot_of
from shared.ledger.movements import credit, credit_pending
from shared.ledger.retention import counter_of
from shared.program.actions import CHECK_IN, ENROLL, ActionRule, Evidence, FirstMatch, GiftReward, Side, Streak
from shared.program.calendar import local_moment
from shared.program.model import Program
from shared.program.rules import FixedPoints

LAST_CHECK_IN: Final = counter_of("ci", lot_of(None))
"""The day of the last check-in, as days since the year 1."""
STREAK: Final = counter_of("cs", lot_of(None))
"""How many days one after the other ended with it."""

AMOUNT: Final = "amount"
"""The fact that says what a friend's first order came to, in minor units that earn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a member did. `subject` is what it was about; `facts` what is known of it: likes, chars, photo, page.

    `side` is of a referral: who gets the points. `rule_id` names the one rule that counts, where the member's word or
    a person confirms what was done; those rules count at no other time.
    """

    member_id: str
    action: str
    event_id: str
    occurred_at: datetime
    subject: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    store_id: str | None = None
    side: Side | None = None
    rule_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionAward:
    """Points by rule, with what was cut; `spent` of budgets, in thousandths of points; `rewards` by their ids."""

    given: Mapping[str, int]
    points: int
    spent: Mapping[str, int]
    streak_day: int
    rewards: tuple[str, ...]
    explain: tuple[ExplainLine, ...]
    not_applied: tuple[NotApplied, ...]


def rules_on(program: Program, action: str, side: Side | None = None) -> tuple[ActionRule, ...]:
    return tuple(rule for rule in program.actions if rule.on == action and rule.is_for(side))


def task_action(
    rule: ActionRule, member_id: str, at: datetime, *, event_id: str, subject: str, facts: Mapping[str, Any]
) -> Action:
    """Make the action of a rule that the member's word, or a person, confirms."""
    return Action(
        member_id=member_id,
        action=rule.on,
        event_id=event_id,
        occurred_at=at,
        subject=subject,
        facts=facts,
        rule_id=rule.id,
    )


def counting(action: Action, program: Program) -> tuple[ActionRule, ...]:
    """Give the rules that count for an action."""
    rules = rules_on(program, action.action, action.side)
    if action.rule_id:
        return tuple(rule for rule in rules if rule.id == action.rule_id)
    return tuple(rule for rule in rules if rule.confirmed_by is None)


def key_part(action: Action, program: Program) -> str:
    """Name what an action may count for once: its subject where a rule says so, else the event."""
    once = any(rule.once_per_subject for rule in counting(action, program))
    return f"S-{action.subject}" if once and action.subject else f"E-{action.event_id}"


def streak_day(account: Account, today: date) -> int:
    """Give which day of the streak a check-in today is; the same for a second one on one day."""
    last, length = account.counters.get(LAST_CHECK_IN, 0), account.counters.get(STREAK, 0)
    if last == today.toordinal():
        return length
    return length + 1 if last == today.toordinal() - 1 else 1


def evaluate(
    action: Action, account: Account, today: date, program: Program, *, rooms: Mapping[str, int] | None = None
) -> ActionAward:
    """Say what an action gives. `rooms` are what is left of budgets, in thousandths, where that is too little."""
    day = streak_day(account, today) if action.action == CHECK_IN else 0
    rules = counting(action, program)
    left = rooms_of_day(rules, account, today)
    left |= {rule_id: min(room, left.get(rule_id, room)) for rule_id, room in (rooms or {}).items()}
    around = _around(action, account, program)
    explain: list[ExplainLine] = []
    missed: list[NotApplied] = []
    given: dict[str, int] = {}
    spent: dict[str, int] = {}
    for rule in rules:
        reason = missed_window(rule, around) or _missed_evidence(rule, action, day)
        if reason is None and is_used_up(rule, account, today):
            reason = NotApplied(rule_id=rule.id, name=rule.name, code="limit", actual="", wanted=(str(_most(rule)),))
        if reason is not None:
            missed.append(reason)
            continue
        points = _points(rule, action, day)
        got = min(points, left[rule.id] // MILLI) if rule.id in left else points
        explain.append(BonusLine(rule_id=rule.id, name=rule.name, points=points))
        if got < points:
            explain.append(BudgetLine(rule_id=rule.id, name=rule.name, points=Fraction(got - points)))
        given[rule.id] = got
        if rule.budget:
            spent[rule.id] = got * MILLI
    rewards = {rule.id: rule.give.reward_id for rule in rules if rule.id in given and isinstance(rule.give, GiftReward)}
    total, cap = _capped(sum(given.values()), account, today, program)
    return ActionAward(
        given={rule: points for rule, points in given.items() if points or day or rule in rewards},
        points=total,
        spent=spent,
        streak_day=day,
        rewards=tuple(dict.fromkeys(rewards.values())),  # one occasion gives a reward once, by whichever rules
        explain=(*explain, *cap),
        not_applied=tuple(missed),
    )


def earned(
    award: ActionAward,
    action: Action,
    account: Account,
    today: date,
    program: Program,
    *,
    activation: date | None = None,
) -> Movement:
    """Give what the account gains, usable from a day on (None: today), and what its counters count."""
    rules = {rule.id: rule for rule in program.actions}
    shares = [Share(rules[rule_id].expire, points) for rule_id, points in award.given.items()]
    over = sum(share.points for share in shares) - award.points
    kept: list[Share] = []
    for share in reversed(shares):
        cut = min(over, share.points)
        over -= cut
        kept.append(share._replace(points=share.points - cut))
    counters = action_counters([rules[rule_id] for rule_id in award.given], award.spent, today)
    if program.safety.per_member_per_day_max_points is not None and award.points:
        counters[day_counter(today)] = award.points
    if action.action == CHECK_IN:
        counters[LAST_CHECK_IN] = today.toordinal() - account.counters.get(LAST_CHECK_IN, 0)
        counters[STREAK] = award.streak_day - account.counters.get(STREAK, 0)
    usable_on = max(activation or today, today)
    lots = lots_of((share for share in kept if share.points), usable_on, program)
    gained = credit_pending(usable_on, lots) if usable_on > today else credit(account, lots)
    return replace(gained, counters={name: n for name, n in counters.items() if n})


def details_of(
    action: Action, award: ActionAward, program: Program, budget: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    """Give what the entry of an action keeps: enough to explain it and to take it back."""
    return {
        "g": hashlib.sha256(f"{action.action} {action.subject}".encode()).hexdigest()[:32],
        "v": program.version,
        "on": action.action,
        "ru": dict(award.given),
        **({"st": award.streak_day} if award.streak_day else {}),
        **({"su": action.subject} if action.subject else {}),
        **({"bu": {rule: dict(shards) for rule, shards in budget.items()}} if budget else {}),
    }


def label_of(award: ActionAward, program: Program) -> str:
    names = {rule.id: rule.name for rule in program.actions}
    return "、".join(names[rule] for rule in award.given)


def _around(action: Action, account: Account, program: Program) -> Circumstances:
    level = program.level(account.tier.tier_id)
    return Circumstances(
        facts=Facts(tier_id=account.tier.tier_id, zone=program.business_zone),
        moment=local_moment(action.occurred_at, program.business_zone),
        store_id=action.store_id or "",
        tier_id=level.id if level else account.tier.tier_id,
        tier_name=short_tier_name(level.name) if level else account.tier.tier_id,
        currency=program.currency,
    )


def _most(rule: ActionRule) -> int:
    return rule.limit.per_member if rule.limit else 0


def _points(rule: ActionRule, action: Action, day: int) -> int:
    if isinstance(rule.give, FirstMatch):
        fitting = (choice.points for choice in rule.give.choices if not any(_lacking(choice.when, action, day)))
        return next(fitting, 0)
    return _points_on(rule.give, day)


def _points_on(give: FixedPoints | Streak | GiftReward, day: int) -> int:
    match give:
        case FixedPoints(points=points):
            return points
        case Streak() as streak:
            return streak.on_day(day)
        case GiftReward():
            return 0


def _missed_evidence(rule: ActionRule, action: Action, day: int) -> NotApplied | None:
    lacking = tuple(_lacking(rule.evidence, action, day))
    if isinstance(rule.give, FirstMatch) and not lacking and not _points(rule, action, day):
        lacking = ("first_match",)
    if not lacking:
        return None
    return NotApplied(rule_id=rule.id, name=rule.name, code="evidence", actual="", wanted=lacking)


def _lacking(evidence: Evidence, action: Action, day: int) -> Iterator[str]:
    """Name what the evidence asks for and the action does not show."""
    facts = action.facts
    for name, least in (("likes", evidence.min_likes), ("chars", evidence.min_chars)):
        if least is not None and _number(facts.get(name)) < least:
            yield f"{name} ≥ {least}"
    if evidence.has_photo is not None and bool(facts.get("photo")) != evidence.has_photo:
        yield f"photo = {str(evidence.has_photo).lower()}"
    if evidence.page is not None and facts.get("page") != evidence.page:
        yield f"page = {evidence.page}"
    if evidence.streak_days is not None and day != evidence.streak_days:
        yield f"streak = {evidence.streak_days}"
    if evidence.min_amount_minor is not None and _number(facts.get(AMOUNT)) < evidence.min_amount_minor:
        yield f"amount ≥ {evidence.min_amount_minor}"
    for name, value in (evidence.equals or {}).items():
        if facts.get(name) != value or isinstance(facts.get(name), bool) != isinstance(value, bool):
            yield f"{name} = {str(value).lower() if isinstance(value, bool) else value}"


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _capped(points: int, account: Account, today: date, program: Program) -> tuple[int, tuple[CapLine, ...]]:
    cap = program.safety.per_member_per_day_max_points
    if cap is None:
        return points, ()
    room = max(0, cap - account.counters.get(day_counter(today), 0))
    if points <= room:
        return points, ()
    return room, (CapLine(cap="per_day", limit=cap, points=room - points),)


class Task(NamedTuple):
    """A rule as a member sees it: what it gives at most next time, and how often it still can in its period."""

    rule: ActionRule
    points: int
    left: int | None
    done_today: bool


def tasks_of(program: Program, account: Account, today: date) -> list[Task]:
    """List what earns points besides buying, as it stands for a member: not what they got by joining."""
    checked_in = account.counters.get(LAST_CHECK_IN) == today.toordinal()
    following = streak_day(account, today) + (1 if checked_in else 0)
    return [
        Task(
            rule=rule,
            points=_most_points(rule, following),
            left=times_left(rule, account, today),
            done_today=rule.on == CHECK_IN and checked_in,
        )
        for rule in program.actions
        if rule.on != ENROLL and (rule.to is None or rule.is_for("referrer"))
    ]


def _most_points(rule: ActionRule, day: int) -> int:
    if isinstance(rule.give, FirstMatch):
        return max(choice.points for choice in rule.give.choices)
    return _points_on(rule.give, day)
