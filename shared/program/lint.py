"""Doubts about a program that is correct: rules that never count, settings that surprise. Warnings only."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from shared.program import lint_slips
from shared.program.actions import ActionRule
from shared.program.breadth import asks_no_more
from shared.program.calendar import business_date
from shared.program.compile import Compiled
from shared.program.currency import minor_digits, plain
from shared.program.findings import Reporter
from shared.program.guesses import closest
from shared.program.messages import joined
from shared.program.model import StackingMode
from shared.program.notation import shown
from shared.program.occurrences import falls_on
from shared.program.places import Path
from shared.program.rules import DateRange, EarnRule, ExtraPercent, FixedPoints, Multiply, PerAmount, Steps, When
from shared.program.source import Document
from shared.program.walk import items_at

DAYS_IN_EVERY_MONTH = 28
MOST_OF_SALES_PERCENT = 20


def lint(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Report every doubt."""
    for check in (
        _dates_over,
        _categories,
        _tier_rates,
        _short_months,
        _above_cap,
        _always_loses,
        _limits,
        _budgets,
        _stock,
        _default,
        _generous,
        _poor_rewards,
        *lint_slips.CHECKS,
    ):
        check(compiled, document, reporter)


def _rules(compiled: Compiled, document: Document) -> Iterable[tuple[Path, EarnRule]]:
    """Give the rules on purchases with their places in the file."""
    places = {rule["id"]: at for at, rule in enumerate(document.value(("earn",)))}
    return ((("earn", places[rule.id]), rule) for rule in compiled.draft.program.earn)


def _all_rules(compiled: Compiled, document: Document) -> Iterable[tuple[Path, EarnRule | ActionRule]]:
    """Give all rules, on purchases or not, with their places in the file."""
    places = {rule["id"]: at for at, rule in enumerate(document.value(("earn",)))}
    return ((("earn", places[rule.id]), rule) for rule in compiled.draft.program.rules)


def _dates_over(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Find rules whose dates are over, or hold no day that the rule's other conditions ask for."""
    begins = business_date(compiled.draft.schedule.effective, compiled.draft.program.business_zone)
    for path, rule in _all_rules(compiled, document):
        windows = [replace(window, first=max(window.first, begins)) for window in rule.when.dates]
        days = (window.first + timedelta(days=at) for window in windows for at in range(_length(window)))
        if windows and not any(falls_on(rule.when, day) for day in days):
            over = all(window.last < begins for window in windows)
            dates = joined([str(window) for window in rule.when.dates], reporter.language)
            place = document.place_of_value((*path, "when", "dates"))
            reporter.warning("dates-over" if over else "no-such-day", place, dates=dates, effective=begins)


def _length(window: DateRange) -> int:
    return (window.last - window.first).days + 1


def _categories(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    excluded = compiled.draft.program.eligible.exclude_categories
    known = sorted(set(compiled.draft.category_map.values()))
    file = document.value(("eligible", "category_map"))
    for path, _ in _rules(compiled, document):
        for at, category in enumerate(document.value((*path, "when", "categories")) or ()):
            place = document.place_of_value((*path, "when", "categories", at))
            if category in excluded:
                reporter.warning("excluded-category", place, category=category)
            elif known and category not in known:
                suggestion = closest(str(category), known)
                reporter.warning("category-not-in-map", place, category=category, file=file, suggestion=suggestion)


def _tier_rates(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    tiers = compiled.draft.program.tiers
    levels = tiers.levels if tiers else ()
    for at, (lower, higher) in enumerate(itertools.pairwise(levels), start=1):
        if higher.multiply < lower.multiply:
            place = document.place_of_value(("tiers", "levels", at, "multiply"))
            reporter.warning("tier-rate-falls", place, name=higher.name, value=higher.multiply, before=lower.multiply)


def _short_months(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    for path, _ in _rules(compiled, document):
        for at, day in enumerate(document.value((*path, "when", "days_of_month")) or ()):
            if abs(day) > DAYS_IN_EVERY_MONTH:
                place = document.place_of_value((*path, "when", "days_of_month", at))
                reporter.warning("short-months", place, day=day)


def _above_cap(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    cap = compiled.draft.program.stacking.max_multiplier
    for path, rule in _rules(compiled, document):
        factor = _highest_factor(rule)
        if cap is not None and factor is not None and factor > cap:
            reporter.warning("above-cap", document.place_of_key((*path, "give")), value=factor, cap=cap)


def _highest_factor(rule: EarnRule) -> Decimal | None:
    match rule.give:
        case Multiply(factor=factor):
            return factor
        case ExtraPercent(percent=percent):
            return 1 + percent / 100
        case Steps(steps=steps):
            return max(step.multiply for step in steps)
        case _:
            return None


def _always_loses(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    mode = compiled.draft.program.stacking.campaigns
    rules = list(_rules(compiled, document))
    for path, rule in rules:
        winner = next((other for _, other in rules if other is not rule and _always_beats(other, rule, mode)), None)
        if winner is not None:
            reporter.warning("always-loses", document.place_of_value((*path, "id")), winner=winner.name)


def _always_beats(winner: EarnRule, loser: EarnRule, mode: StackingMode) -> bool:
    rivals = mode is StackingMode.BEST or (winner.group is not None and winner.group == loser.group)
    best = _highest_factor(loser)
    if not rivals or best is None or winner.limit or not isinstance(winner.give, Multiply | ExtraPercent):
        return False
    gives = _highest_factor(winner) or Decimal(1)
    # Of equals the smaller id counts, as in the calculation.
    at_least = gives > best or (gives == best and winner.id < loser.id)
    return at_least and asks_no_more(winner.when, loser.when)


def _limits(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    for path, rule in _rules(compiled, document):
        if rule.limit is not None and rule.limit.every is None:
            reporter.warning("limit-for-ever", document.place_of_key((*path, "limit")), times=rule.limit.per_member)


def _budgets(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Find budgets that one member may use up on a day."""
    for path, rule in _all_rules(compiled, document):
        total = rule.budget.points_total if rule.budget else None
        if total is None or rule.budget is None:
            continue
        once = rule.give.points if isinstance(rule.give, FixedPoints) else 0
        both = isinstance(rule, ActionRule) and rule.to == "both"
        most = max(once * (2 if both else 1), rule.budget.per_member_per_day or 0)
        if total < most:
            place = document.place_of_value((*path, "budget", "points_total"))
            reporter.warning("budget-for-one", place, total=total, most=most)


def _stock(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    for at, reward in enumerate(compiled.catalog):
        if reward.stock is not None and reward.low_stock is not None and reward.stock < reward.low_stock:
            place = document.place_of_value(("redeem", "catalog", at, "low_stock"))
            reporter.warning("low-stock-at-start", place, stock=reward.stock, low_stock=reward.low_stock)


def _default(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    rates = [rule for _, rule in _rules(compiled, document) if isinstance(rule.give, PerAmount)]
    if all(rule.when != When() for rule in rates):
        reporter.warning("no-default-rate", document.place_of_key(("earn",)))


def _generous(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Find base rates that give back too much of what is sold, on the highest tier and without any campaign."""
    program = compiled.draft.program
    worth = program.points.worth
    if worth is None:
        return
    highest = max(level.multiply for level in program.tiers.levels) if program.tiers else Decimal(1)
    for path, rule in _rules(compiled, document):
        if isinstance(rule.give, PerAmount):
            amount = Decimal(rule.give.per_amount_minor) / 10 ** minor_digits(program.currency)
            percent = 100 * rule.give.points * worth * highest / amount
            if percent > MOST_OF_SALES_PERCENT:
                place = document.place_of_key((*path, "give"))
                reporter.warning("too-generous", place, percent=f"{percent:.0f}", most=MOST_OF_SALES_PERCENT)


def _poor_rewards(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Find rewards that cost a member more, in points and cash, than the shop sells them for."""
    worth = compiled.draft.program.points.worth
    for path, reward in items_at(document, "redeem", "catalog"):
        if worth is not None and "value" in reward:
            price = reward["points"] * worth + reward.get("cash", 0)
            if price > reward["value"]:
                place = document.place_of_value((*path, "points"))
                reporter.warning("poor-reward", place, price=shown(plain(price)), value=shown(reward["value"]))
