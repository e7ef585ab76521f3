"""Whether a rule applies: to the sale (when, where, who) and to its lines (what, how much)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from shared.earning.explain import NotApplied, NotAppliedCode
from shared.earning.sale import Facts, Sale
from shared.program.actions import ActionRule
from shared.program.calendar import LocalMoment, is_day_of_month, local_moment, window_day
from shared.program.currency import format_minor
from shared.program.model import Program
from shared.program.rules import EarnRule, When

_BIRTHDAYS: Final[dict[str, NotAppliedCode]] = {
    "day": "not-birthday",
    "week": "not-birthday-week",
    "month": "not-birthday-month",
}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemGroup:
    """Lines that no rule of the program can tell apart, with their eligible amount together."""

    category: str
    tags: frozenset[str]
    sku: str | None
    amount_minor: Fraction
    line_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Everything about a sale but its lines that a rule may ask for."""

    facts: Facts
    moment: LocalMoment
    store_id: str
    tier_id: str
    tier_name: str
    currency: str


def circumstances(sale: Sale, facts: Facts, program: Program) -> Circumstances:
    level = program.level(facts.tier_id)
    return Circumstances(
        facts=facts,
        moment=local_moment(sale.occurred_at, facts.zone),
        store_id=sale.store_id,
        tier_id=level.id if level else facts.tier_id,
        tier_name=short_tier_name(level.name) if level else facts.tier_id,
        currency=sale.currency,
    )


def short_tier_name(name: str) -> str:
    """Shorten 金卡会员 to 金卡, where the word for member says nothing."""
    return name.removesuffix("会员") or name


def missed_circumstance(rule: EarnRule, around: Circumstances) -> NotApplied | None:
    """Name the first condition on time, place or member that does not hold; None when all hold."""
    return missed_window(rule, around) or _missed_history(rule, around.facts)


def missed_window(rule: EarnRule | ActionRule, around: Circumstances) -> NotApplied | None:
    """Name the first condition on time, place or tier that does not hold."""
    when = rule.when
    if when.stores and around.store_id not in when.stores:
        return _missed(rule, "store", around.store_id, sorted(when.stores))
    if when.tiers and around.tier_id not in when.tiers:
        return _missed(rule, "tier", around.tier_name, sorted(when.tiers))
    return _missed_time(rule, around.moment)


def _missed_history(rule: EarnRule, facts: Facts) -> NotApplied | None:
    """Name the first condition on the member's birthday and other sales that does not hold."""
    when = rule.when
    if when.birthday and when.birthday not in facts.birthday:
        return _missed(rule, _BIRTHDAYS[when.birthday], "", ())
    if when.order_number is not None and facts.order_number != when.order_number:
        return _missed(rule, "order-number", str(facts.order_number), [str(when.order_number)])
    if when.order_number_in_month is not None and facts.order_in_month != when.order_number_in_month:
        return _missed(rule, "order-in-month", str(facts.order_in_month), [str(when.order_number_in_month)])
    if when.totals is not None and rule.id not in facts.reached:
        return _missed(rule, "totals", "", [str(when.totals.within_days)])
    if rule.id in facts.barred:
        return _missed(rule, "limit", "", [str(rule.limit.per_member)] if rule.limit else ())
    return None


def _missed_time(rule: EarnRule | ActionRule, moment: LocalMoment) -> NotApplied | None:
    when = rule.when
    # Outside the hours, the calendar conditions are still told first: "today is Tuesday" says more than the time.
    inside = moment if when.hours is None else window_day(moment, when.hours)
    day = inside or moment
    if when.days and day.weekday not in when.days:
        return _missed(rule, "weekday", WEEKDAYS[day.weekday], [WEEKDAYS[weekday] for weekday in sorted(when.days)])
    if when.days_of_month and not is_day_of_month(day.day, when.days_of_month):
        return _missed(rule, "day-of-month", str(day.day.day), [str(wanted) for wanted in sorted(when.days_of_month)])
    if when.dates and not any(window.first <= day.day <= window.last for window in when.dates):
        return _missed(rule, "dates", day.day.isoformat(), [str(window) for window in when.dates])
    if inside is None:
        return _missed(rule, "hours", moment.clock, [str(when.hours)])
    return None


def matches(when: When, group: ItemGroup) -> bool:
    """Check what a rule asks of the items: every condition that is given, any of its values."""
    return (
        (not when.categories or group.category in when.categories)
        and (not when.item_tags or not when.item_tags.isdisjoint(group.tags))
        and (not when.skus or group.sku in when.skus)
    )


def missed_items(rule: EarnRule, amount_minor: Fraction, around: Circumstances) -> NotApplied | None:
    """Name the condition on items or their amount that fails; the amount is that of the lines the rule speaks of."""
    when = rule.when
    nothing = amount_minor.numerator <= 0
    if nothing and not when.speaks_of_items:
        return _missed(rule, "nothing-eligible", "", ())
    if nothing:
        return _missed(rule, "items", "", sorted(when.categories | when.item_tags | when.skus))
    if when.min_amount_minor is not None and amount_minor < when.min_amount_minor:
        actual = format_minor(amount_minor, around.currency)
        return _missed(rule, "min-amount", actual, [format_minor(when.min_amount_minor, around.currency)])
    return None


def only_the_best(rule: EarnRule, winner: str) -> NotApplied:
    """Say that the rule applied everywhere beside a better one with which it does not add up."""
    return _missed(rule, "only-the-best", "", [winner])


def _missed(rule: EarnRule | ActionRule, code: NotAppliedCode, actual: str, wanted: Iterable[str]) -> NotApplied:
    return NotApplied(rule_id=rule.id, name=rule.name, code=code, actual=actual, wanted=tuple(wanted))
