"""What a member's other sales decide: how many there were, limits, the cap of a day, totals over days and stores. Pure.

The account keeps a counter for each, moved by entries like points are. A sale notes what it was decided by (`Facts`),
so that its own returns are calculated by the same. What a return of one sale undoes of another's is a bonus for a
count (`order_number_in_month`, totals): the account knows such bonuses by counter as long as they can be undone.

| counter | | forgotten |
|---|---|---|
| orders | sales with anything left of them, or that cost nothing and were not voided | never |
| l#rule | how often a limited rule gave in a period | 31 days after the period |
| d#day | points earned by the sales of a day, where there is a cap | 31 days later |
| p#rule#day | what a rule with a budget for a member's day added, in thousandths of points | 31 days later |
| s#day#store | minor units spent, where a rule asks for totals | 31 days after the last window |
| rf | 1 as long as the first order of a member who was invited is to come | with that order |
| fr | friends that the member invited, but for those whose first order came back | never |
| ci, cs | day of the last check-in, days of the streak that it ended | never |
| b#version#rule#day#store#receipt | points of a bonus that may be undone | 31 days after its window |
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from shared.earning.basis import eligible_minor
from shared.earning.calculate import Award, lessened
from shared.earning.conditions import circumstances, missed_window
from shared.earning.sale import Facts, Sale
from shared.earning.spending import MILLI
from shared.ledger.account import Account
from shared.ledger.lots import add, has_lapsed, lot_of, read_day, write_day
from shared.ledger.retention import counter_of
from shared.program.actions import ActionRule
from shared.program.calendar import business_date, end_of_month, is_birthday
from shared.program.limits import Every, last_day_of_period
from shared.program.model import Program
from shared.program.rules import EarnRule, Totals
from shared.tiers.counting import month_of

FOR_LATE_SALES: Final = timedelta(days=31)
"""Longer than sales may come late: what comes later waits for a person."""
UNDONE_WITHIN: Final = timedelta(days=31)
ORDERS: Final = counter_of("orders", lot_of(None))
REFERRED: Final = counter_of("rf", lot_of(None))
FRIENDS: Final = counter_of("fr", lot_of(None))
_SPENT: Final = "s#"

_OF_SALES: Final = ("l#", "d#", "p#", "s#")
_UNDOABLE: Final = "b#"

FindBirthday = Callable[[str], date | None]
Numbered = Callable[[int], Program]
Counters = Mapping[str, int]
Rule = EarnRule | ActionRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys: the account as it stands, on its business day, and how to learn the birthday if a rule asks."""

    account: Account
    today: date
    find_birthday: FindBirthday = lambda _: None


class Undoable(NamedTuple):
    """A bonus of a sale that hangs on other sales, as its counter tells."""

    counter: str
    program_version: int
    rule_id: str
    day: date
    store_id: str
    receipt_id: str
    points: int


def facts_of_sale(sale: Sale, buyer: Buyer, program: Program, zone: str) -> Facts:
    """Gather what the rules of the program ask about the member; what none asks for is left out."""
    account = buyer.account
    day = business_date(sale.occurred_at, program.business_zone)
    cap = program.safety.per_member_per_day_max_points
    whens = [rule.when for rule in program.earn]
    plain = Facts(tier_id=account.tier.tier_id, zone=zone)
    return Facts(
        tier_id=plain.tier_id,
        zone=zone,
        order_number=account.counters.get(ORDERS, 0) + 1 if any(when.order_number for when in whens) else None,
        order_in_month=_orders_in(account, day) + 1 if any(when.order_number_in_month for when in whens) else None,
        birthday=_birthday(sale, plain, buyer, program),
        reached=_totals_reached(sale, buyer, program, day),
        barred=frozenset(rule.id for rule in program.earn if rule.limit and is_used_up(rule, account, day)),
        rooms=rooms_of_day(program.earn, account, day),
        day_room=None if cap is None else max(0, cap - account.counters.get(day_counter(day), 0)),
    )


def counted_for_sale(sale: Sale, award: Award, program: Program, today: date) -> dict[str, int]:
    """Give what a sale adds to the counters."""
    day = business_date(sale.occurred_at, program.business_zone)
    counters = {ORDERS: 1}
    for counter in _limit_counters(award.counting, program, day):
        counters[counter] = 1
    if program.safety.per_member_per_day_max_points is not None:
        counters[day_counter(day)] = award.points
    for rule_id, points in award.undoable.items():
        rule = _rule(program, rule_id)
        counters[_undoable_counter(rule, program, day, sale)] = points
    if spent := _spent_counter(sale, program, day):
        counters[spent] = int(award.eligible_minor)
    counters |= {_budget_counter(rule_id, day): n for rule_id, n in _spent_by_member(award, program)}
    return {name: n for name, n in counters.items() if n and is_open(name, today)}


def counted_for_return(
    sale: Sale, deserved: Award, program: Program, buyer: Buyer, *, held: Counters, points: int, stands: bool
) -> dict[str, int]:
    """Give what a return changes in the counters that the account still has: from what its sale holds to what is due.

    `deserved` is what the rest of the sale is worth, `points` how many it keeps: fewer, where a bonus that a cap had
    cut into was undone. A limit is never used again by a return.
    """
    day = business_date(sale.occurred_at, program.business_zone)
    due = {ORDERS: 1 if stands else 0, day_counter(day): points}
    due |= {counter: held.get(counter, 0) for counter in _limit_counters(deserved.counting, program, day)}
    due |= {_budget_counter(rule_id, day): n for rule_id, n in _spent_by_member(deserved, program)}
    if spent := _spent_counter(sale, program, day):
        due[spent] = int(deserved.eligible_minor)
    changed = {
        name: due.get(name, 0) - n
        for name, n in held.items()
        if name in buyer.account.counters and (name == ORDERS or name.startswith(_OF_SALES))
    }
    undoable = _undoable_changes(sale, lessened(deserved.undoable, deserved.points - points), program, held)
    changed |= {name: n for name, n in undoable.items() if is_open(name, buyer.today)}
    return {name: n for name, n in changed.items() if n}


def _undoable_changes(sale: Sale, undoable: Counters, program: Program, held: Counters) -> dict[str, int]:
    """Say how the bonuses of a sale that others may undo change: less of a sale may leave more of one below a cap."""
    day = business_date(sale.occurred_at, program.business_zone)
    due = {_undoable_counter(_rule(program, rule_id), program, day, sale): n for rule_id, n in undoable.items()}
    names = due.keys() | {name for name in held if name.startswith(_UNDOABLE)}
    return {name: due.get(name, 0) - held.get(name, 0) for name in names}


def was_undone(held: Counters, account: Account, today: date) -> bool:
    """Say whether a bonus that a sale holds is no longer on its counter."""
    bonuses = (name for name, points in held.items() if name.startswith(_UNDOABLE) and points)
    return any(is_open(name, today) and name not in account.counters for name in bonuses)


def no_longer_reached(account: Account, numbered: Numbered) -> Iterator[Undoable]:
    """Find the bonuses for counts whose counts the account no longer reaches."""
    for name, points in account.counters.items():
        if name.startswith(_UNDOABLE):
            bonus = _read_undoable(name, points)
            if not _is_reached(_rule(numbered(bonus.program_version), bonus.rule_id), account, bonus.day):
                yield bonus


def freed_by(bonus: Undoable, program: Program, account: Account) -> dict[str, int]:
    """Give what undoing a bonus changes in the counters."""
    counters = {bonus.counter: -bonus.points, day_counter(bonus.day): -bonus.points}
    for counter in _limit_counters({bonus.rule_id}, program, bonus.day):
        counters[counter] = -1
    return {name: n for name, n in counters.items() if name in account.counters}


def is_open(counter: str, today: date) -> bool:
    """Say whether an account still keeps a counter on a day."""
    return not has_lapsed(counter.rpartition(":")[2], today)


def _is_reached(rule: EarnRule, account: Account, day: date) -> bool:
    wanted = rule.when.order_number_in_month
    totals = rule.when.totals
    return (wanted is None or _orders_in(account, day) >= wanted) and (
        totals is None or _reaches(totals, account.counters, day)
    )


def _orders_in(account: Account, day: date) -> int:
    counted = account.qualifying.get(month_of(day))
    return counted.visits if counted else 0


def _birthday(sale: Sale, facts: Facts, buyer: Buyer, program: Program) -> frozenset[str]:
    """Ask for the birthday where a rule that holds so far does."""
    around = circumstances(sale, facts, program)
    asked = {rule.when.birthday for rule in program.earn if rule.when.birthday and missed_window(rule, around) is None}
    birthday = buyer.find_birthday(buyer.account.member_id) if asked else None
    if birthday is None:
        return frozenset()
    return frozenset(within for within in asked if within and is_birthday(birthday, around.moment.day, within))


def _totals_reached(sale: Sale, buyer: Buyer, program: Program, day: date) -> frozenset[str]:
    spent = _spent_counter(sale, program, day)
    if spent is None:
        return frozenset()
    counters = add(buyer.account.counters, {spent: int(eligible_minor(sale, program))})
    rules = [rule for rule in program.earn if rule.when.totals and _reaches(rule.when.totals, counters, day)]
    return frozenset(rule.id for rule in rules)


def _reaches(totals: Totals, counters: Counters, day: date) -> bool:
    """Say whether the days up to this one, and it, come to enough in enough stores."""
    first, last = write_day(day - timedelta(days=totals.within_days - 1)), write_day(day)
    by_store: dict[str, int] = {}
    for name, amount in counters.items():
        if not name.startswith(_SPENT):
            continue
        spent_on, _, store_id = name.removeprefix(_SPENT).rpartition(":")[0].partition("#")
        if first <= spent_on <= last and amount > 0:
            by_store[store_id] = by_store.get(store_id, 0) + amount
    return len(by_store) >= totals.distinct_stores and sum(by_store.values()) >= totals.amount_minor


def times_left(rule: Rule, account: Account, day: date) -> int | None:
    """Say how often a rule still can give in the period of a day; None: it has no limit."""
    counter = _limit_counter(rule, day)
    if counter is None or rule.limit is None:
        return None
    return max(0, rule.limit.per_member - account.counters.get(counter, 0))


def is_used_up(rule: Rule, account: Account, day: date) -> bool:
    """Say whether a rule gave as often as its limit lets it, in the period of a day."""
    return times_left(rule, account, day) == 0


def _limit_counters(rule_ids: Iterable[str], program: Program, day: date) -> Iterator[str]:
    for rule in program.earn:
        if rule.id in rule_ids and (counter := _limit_counter(rule, day)):
            yield counter


def _limit_counter(rule: Rule, day: date) -> str | None:
    if rule.limit is None:
        return None
    last = last_day_of_period(Every(rule.limit.every or Every.EVER), day)
    return counter_of(f"l#{rule.id}", lot_of(last + FOR_LATE_SALES if last else None))


def day_counter(day: date) -> str:
    """Name the counter of what a member earned on a day."""
    return counter_of(f"d#{write_day(day)}", lot_of(day + FOR_LATE_SALES))


def rooms_of_day(rules: Iterable[Rule], account: Account, day: date) -> dict[str, int]:
    """Say what rules may still add for the member on a day, in thousandths of points."""
    return {
        rule.id: max(0, rule.budget.per_member_per_day * MILLI - account.counters.get(_budget_counter(rule.id, day), 0))
        for rule in rules
        if rule.budget and rule.budget.per_member_per_day is not None
    }


def action_counters(rules: Iterable[ActionRule], spent: Mapping[str, int], day: date) -> dict[str, int]:
    """Give what an action adds to the counters of the rules that gave something."""
    counters: dict[str, int] = {}
    for rule in rules:
        if counter := _limit_counter(rule, day):
            counters[counter] = 1
        if rule.budget and rule.budget.per_member_per_day is not None:
            counters[_budget_counter(rule.id, day)] = spent.get(rule.id, 0)
    return counters


def _spent_by_member(award: Award, program: Program) -> Iterator[tuple[str, int]]:
    """Give what rules spent that have a budget for a member's day."""
    limited = {rule.id for rule in program.earn if rule.budget and rule.budget.per_member_per_day is not None}
    return ((rule_id, amount) for rule_id, amount in award.spent.items() if rule_id in limited)


def _budget_counter(rule_id: str, day: date) -> str:
    return counter_of(f"p#{rule_id}#{write_day(day)}", lot_of(day + FOR_LATE_SALES))


def _spent_counter(sale: Sale, program: Program, day: date) -> str | None:
    """Name what counts for totals; None where no rule asks for any."""
    longest = max((rule.when.totals.within_days for rule in program.earn if rule.when.totals), default=0)
    if not longest:
        return None
    last = lot_of(day + timedelta(days=longest) + UNDONE_WITHIN)
    return counter_of(f"{_SPENT}{write_day(day)}#{sale.store_id}", last)


def _undoable_counter(rule: EarnRule, program: Program, day: date, sale: Sale) -> str:
    window_ends = day if rule.when.order_number_in_month is None else end_of_month(day)
    subject = f"b#{program.version}#{rule.id}#{write_day(day)}#{sale.store_id}#{sale.receipt_id}"
    return counter_of(subject, lot_of(window_ends + UNDONE_WITHIN))


def _read_undoable(name: str, points: int) -> Undoable:
    _, version, rule_id, day, store_id, receipt_id = name.rpartition(":")[0].split("#")
    return Undoable(name, int(version), rule_id, read_day(day), store_id, receipt_id, points)


def _rule(program: Program, rule_id: str) -> EarnRule:
    return next(rule for rule in program.earn if rule.id == rule_id)
