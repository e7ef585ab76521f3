"""Points for joining and for inviting: what a new member and a friend's first order give, and to whom. Pure.

REF-1 A referral is made by enrolling with a code and at no other time: a member is referred once, by somebody who was
      a member before. So nobody refers themselves, and no chain of referrals closes.
REF-2 Each side gets by its own limits, caps and tier; what is left of a budget goes to the friend first.
REF-3 A friend's first order counts once, whatever becomes of it. Its points are usable when those of the order are.
REF-4 A tier task counts the friends who joined, but for those whose first order came back (S3-18).
REF-5 Where all of that order comes back, what the referral gave is taken back from both (E15 e).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, NamedTuple

from shared import keys
from shared.earning.acting import AMOUNT, Action, ActionAward, details_of, earned, evaluate, label_of
from shared.earning.history import FRIENDS, REFERRED, Numbered, action_counters, day_counter
from shared.earning.shares import Share, lots_of
from shared.earning.spending import Taken, parts_of, together
from shared.keys import Key
from shared.ledger.account import Movement, TierState
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.lots import take_soonest
from shared.ledger.movements import claw_back
from shared.ledger.posting import Posting
from shared.program.actions import ENROLL, REFERRAL_ENROLLED, REFERRAL_FIRST_ORDER, ActionRule, Side
from shared.program.calendar import activates_on, business_date
from shared.program.model import Program
from shared.runtime.attributes import Item

SIDES: Final[tuple[Side, Side]] = ("friend", "referrer")

Postings = dict[str, Posting]
"""What is to be committed together, by member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Something that may give points to a member. `kept` says that its entry is made even where it gives none."""

    action: Action
    kind: EntryKind
    key: Key
    usable_on: date | None = None
    counters: Mapping[str, int] = field(default_factory=dict)
    details: Item = field(default_factory=dict)
    kept: bool = False


class HandedOut(NamedTuple):
    """The postings with the gifts, what they spend of budgets, and what they take of its shards."""

    postings: Postings
    spent: Mapping[str, int]
    taken: Taken


def for_joining(member_id: str, at: datetime) -> Gift:
    """Give what joining is to the new member: once, ever."""
    return Gift(
        action=Action(member_id=member_id, action=ENROLL, event_id="once", occurred_at=at),
        kind=EntryKind.ACTED,
        key=keys.action(member_id, ENROLL, "E-once"),
    )


def for_enrolling(friend_id: str, referrer_id: str, at: datetime) -> list[Gift]:
    """Give what a friend who joins is to both; both entries stand for the referral, whatever they give."""
    counters = {"friend": {REFERRED: 1}, "referrer": {FRIENDS: 1}}
    return [
        Gift(
            action=_of(side, friend_id, referrer_id, REFERRAL_ENROLLED, at),
            kind=EntryKind.REFERRED,
            key=keys.referral(friend_id, keys.ENROLLED, side),
            counters=counters[side],
            details={"by": referrer_id},
            kept=True,
        )
        for side in SIDES
    ]


def for_first_order(
    friend_id: str, referrer_id: str, at: datetime, *, amount_minor: int, store_id: str, program: Program
) -> list[Gift]:
    """Give what a friend's first order is to both, besides what it earns."""
    usable_on = activates_on(at, program.points.available_after_days, program.business_zone)
    return [
        Gift(
            action=replace(
                _of(side, friend_id, referrer_id, REFERRAL_FIRST_ORDER, at),
                facts={AMOUNT: amount_minor},
                store_id=store_id,
            ),
            kind=EntryKind.REFERRED,
            key=keys.referral(friend_id, keys.FIRST_ORDER, side),
            usable_on=usable_on,
            details={"ac": usable_on.isoformat()},
        )
        for side in SIDES
    ]


def _of(side: Side, friend_id: str, referrer_id: str, action: str, at: datetime) -> Action:
    member_id = friend_id if side == "friend" else referrer_id
    return Action(member_id=member_id, action=action, event_id=friend_id, occurred_at=at, side=side)


def hand_out(
    gifts: Iterable[Gift],
    postings: Postings,
    program: Program,
    *,
    taken: Taken | None = None,
    short: Mapping[str, int] | None = None,
) -> HandedOut:
    """Add gifts to the postings of their members; who has no posting gets none.

    `taken` are the shards of budgets to take from, `short` what is left of budgets where that is too little.
    """
    after, spent = dict(postings), dict[str, int]()
    left, shards = dict(short or {}), {rule: dict(parts) for rule, parts in (taken or {}).items()}
    all_taken: list[Taken] = []
    for gift in gifts:
        posting = after.get(gift.action.member_id)
        if posting is None:
            continue
        award = evaluate(gift.action, posting.account, posting.today, program, rooms=left)
        if not award.points and not gift.kept:
            continue
        parts = parts_of(shards, award.spent)
        after[gift.action.member_id] = _added(gift, award, posting, program, parts)
        all_taken.append(parts)
        for rule_id, amount in award.spent.items():
            spent[rule_id] = spent.get(rule_id, 0) + amount
            if rule_id in left:
                left[rule_id] -= amount
        for rule_id, part in parts.items():
            for shard, amount in part.items():
                shards[rule_id][shard] -= amount
    return HandedOut(after, spent, together(*all_taken))


def _added(gift: Gift, award: ActionAward, posting: Posting, program: Program, parts: Taken) -> Posting:
    action = gift.action
    movement = earned(award, action, posting.account, posting.today, program, activation=gift.usable_on)
    movement = replace(movement, counters={**movement.counters, **gift.counters})
    return posting.add(
        gift.kind,
        gift.key,
        replace(movement, tier=_upgrade(movement, posting, program)),
        occurred_at=action.occurred_at,
        store_id=action.store_id,
        label=label_of(award, program),
        details=details_of(action, award, program, parts) | gift.details,
    )


def _upgrade(movement: Movement, posting: Posting, program: Program) -> TierState | None:
    """Give the tier that one more friend brings, where a task says so (S3-18); it stays to the end of its period."""
    friends = posting.account.counters.get(FRIENDS, 0) + 1
    tasks = program.tiers.upgrade_tasks if program.tiers and movement.counters.get(FRIENDS) else ()
    reached = (
        posting.rules.granted(posting.account, task.tier_id, posting.today) for task in tasks if task.times == friends
    )
    return next((tier for tier in reached if tier), None)


class Undone(NamedTuple):
    """The postings with what was taken back, and what goes back to budgets."""

    postings: Postings
    given_back: Taken


def undo(entries: Sequence[Entry], postings: Postings, numbered: Numbered, at: datetime) -> Undone:
    """Take back what a referral gave, given its entries (REF-5)."""
    after = dict(postings)
    for entry in entries:
        if entry.kind is EntryKind.REFERRED and entry.member_id in after:
            after[entry.member_id] = _undone(entry, after[entry.member_id], numbered(entry.details["v"]), at)
    reversals = (one for posting in after.values() for one in posting.entries if _is_reversal(one))
    return Undone(after, together(*(one.details.get("bu", {}) for one in reversals)))


def _is_reversal(entry: Entry) -> bool:
    return entry.kind is EntryKind.REFERRAL_REVERSED


def _undone(entry: Entry, posting: Posting, program: Program, at: datetime) -> Posting:
    account = posting.account
    due = entry.movement.points + entry.movement.points_pending
    day = business_date(entry.posted_at, program.business_zone)
    activation = date.fromisoformat(entry.details["ac"]) if "ac" in entry.details else day
    rules = {rule.id: rule for rule in program.actions}
    shares = [Share(rules[rule_id].expire, points) for rule_id, points in entry.details["ru"].items()]
    clawback = claw_back(
        account,
        take_soonest(lots_of(shares, activation, program), due),
        activates_on=activation,
        policy=program.points.if_already_spent.value,
    )
    freed = _freed(entry, due, [rules[one] for one in entry.details["ru"]], day, posting)
    return posting.add(
        EntryKind.REFERRAL_REVERSED,
        keys.referral_undone(entry.key),
        replace(clawback.movement, counters=freed),
        occurred_at=at,
        store_id=entry.store_id,
        label=entry.label,
        details={
            "tk": due,
            **({"wo": clawback.written_off} if clawback.written_off else {}),
            **({"bu": entry.details["bu"]} if "bu" in entry.details else {}),
        },
    )


def _freed(entry: Entry, due: int, rules: Sequence[ActionRule], day: date, posting: Posting) -> dict[str, int]:
    """Give what taking a gift back changes in the counters that the account still has: limits are free again."""
    spent = {rule: sum(shards.values()) for rule, shards in entry.details.get("bu", {}).items()}
    counters = {name: -n for name, n in action_counters(rules, spent, day).items()}
    counters[day_counter(day)] = -due
    if entry.movement.counters.get(FRIENDS):
        counters[FRIENDS] = -1
    return {name: n for name, n in counters.items() if n and name in posting.account.counters}
