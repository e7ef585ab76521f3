"""Checks across the fields of earning rules, on the raw document."""

import itertools
import re
from typing import Any, Final

from shared.program.actions import ENROLL, REFERRAL_FIRST_ORDER, REFERRALS
from shared.program.findings import Reporter
from shared.program.guesses import closest
from shared.program.places import Path
from shared.program.rules import Count
from shared.program.schema_rules import OCCASIONS
from shared.program.source import Document
from shared.program.walk import items_at, number_of

_OF_ACTIONS = {
    "rule": frozenset({"once_per_subject", "confirmed_by"}),
    "when": frozenset({"min_likes", "min_chars", "has_photo", "page", "equals", "streak_days"}),
    "give": frozenset({"streak", "after_last", "first_match", "reward", "to"}),
}

_OF_PURCHASES = {
    "rule": frozenset({"group"}),
    "when": frozenset(
        {"categories", "item_tags", "skus", "min_amount", "birthday", "order_number", "order_number_in_month"}
        | {"within_days", "distinct_stores", "total_amount"}
    ),
    "give": frozenset({"per_amount", "count", "steps", "multiply", "extra_percent"}),
}

_NEVER_TOLD = (ENROLL, *REFERRALS)
"""What nobody reports: it follows from what members do, so there is no evidence to ask for, nor more than one gift."""


def _rates(document: Document, reporter: Reporter) -> None:
    gives = [((*path, "give"), rule.get("give")) for path, rule in items_at(document, "earn")]
    rates = [(path, give) for path, give in gives if isinstance(give, dict) and "per_amount" in give]
    if not rates and document.value(("earn",)) and isinstance(document.value(("earn",)), list):
        reporter.error("no-base-rate", document.place_of_key(("earn",)))
    for path, give in rates:
        if give.get("count") == Count.FULL_UNITS and len(rates) > 1:
            reporter.error("full-units-alone", document.place_of_value((*path, "count")), count=len(rates))


def _steps(document: Document, reporter: Reporter) -> None:
    for path, _ in items_at(document, "earn"):
        before: dict[str, Any] = {}
        for place, step in items_at(document, *path, "give", "steps"):
            amount, factor = number_of(step.get("from_amount")), number_of(step.get("multiply"))
            amount_before, factor_before = number_of(before.get("from_amount")), number_of(before.get("multiply"))
            if amount is not None and amount_before is not None and amount <= amount_before:
                at = document.place_of_value((*place, "from_amount"))
                reporter.error("steps-not-rising", at, value=amount, before=amount_before)
            if factor is not None and factor_before is not None and factor < factor_before:
                at = document.place_of_value((*place, "multiply"))
                reporter.error("steps-falling", at, value=factor, before=factor_before)
            before = step


def _streaks(document: Document, reporter: Reporter) -> None:
    """Check that a later day of a streak gives no less: who keeps coming is not worse off."""
    for path, rule in items_at(document, "earn"):
        give = rule.get("give")
        ladder = give.get("streak") if isinstance(give, dict) else None
        if not isinstance(ladder, list):
            continue
        for at, (before, value) in enumerate(itertools.pairwise(map(number_of, ladder)), start=1):
            if before is not None and value is not None and value < before:
                place = document.place_of_value((*path, "give", "streak", at))
                reporter.error("streak-falling", place, value=value, before=before)


def _kinds(document: Document, reporter: Reporter) -> None:
    """Check that a rule asks and gives only what makes sense for what it is on."""
    for path, rule in items_at(document, "earn"):
        on = rule.get("on")
        if not isinstance(on, str) or not re.fullmatch(OCCASIONS, on):
            continue
        alien = _alien_to(on)
        for part in ("when", "give"):
            fields = rule.get(part)
            for name in fields if isinstance(fields, dict) else ():
                if name in alien[part]:
                    reporter.error("not-with-on", document.place_of_key((*path, part, name)), field=name, on=on)
        for name in sorted(rule.keys() & alien["rule"]):
            reporter.error("not-with-on", document.place_of_key((*path, name)), field=name, on=on)
        if isinstance(rule.get("give"), dict):
            _gifts(rule, path, document, reporter)


def _alien_to(on: str) -> dict[str, frozenset[str]]:
    """Give the fields that make no sense for what a rule is on."""
    if on == "purchase":
        return _OF_ACTIONS
    alien = dict(_OF_PURCHASES)
    if on in _NEVER_TOLD:
        alien["rule"] |= _OF_ACTIONS["rule"]
        alien["when"] |= _OF_ACTIONS["when"]
        alien["give"] |= _OF_ACTIONS["give"] - {"to"}
    if on == REFERRAL_FIRST_ORDER:
        alien["when"] -= {"min_amount"}
    return alien


def _gifts(rule: dict[str, Any], path: Path, document: Document, reporter: Reporter) -> None:
    """Check that a ladder is one of check-ins, a referral says who gets the points, and a member's word has a limit."""
    on, give = rule["on"], rule["give"]
    if on not in {"purchase", "check_in", *_NEVER_TOLD} and "streak" in give:
        reporter.error("not-with-on", document.place_of_key((*path, "give", "streak")), field="streak", on=on)
    if on == "check_in" and "confirmed_by" in rule:
        reporter.error("not-with-on", document.place_of_key((*path, "confirmed_by")), field="confirmed_by", on=on)
    if rule.get("confirmed_by") == "member" and "limit" not in rule:
        reporter.error("member-needs-limit", document.place_of_value((*path, "confirmed_by")))
    if on in REFERRALS and "to" not in give:
        reporter.error("referral-to-whom", document.place_of_key((*path, "give")))
    if on not in {"purchase", *REFERRALS} and "to" in give:
        reporter.error("not-with-on", document.place_of_key((*path, "give", "to")), field="to", on=on)


def _gift_rewards(document: Document, reporter: Reporter) -> None:
    """Check that what a rule gives is in the catalogue, as something that nobody pays for."""
    prices = {item.get("id"): item.get("points") for _, item in items_at(document, "redeem", "catalog")}
    gifts = [id_ for id_, points in prices.items() if isinstance(id_, str) and points == 0]
    for path, rule in items_at(document, "earn"):
        give = rule.get("give")
        name = give.get("reward") if isinstance(give, dict) else None
        if not isinstance(name, str) or name in gifts:
            continue
        place = document.place_of_value((*path, "give", "reward"))
        if name in prices:
            reporter.error("gift-has-price", place, value=name)
        else:
            reporter.error("unknown-gift", place, value=name, suggestion=closest(name, gifts))


def _totals(document: Document, reporter: Reporter) -> None:
    """Check that totals say over how many days, and that what is given for them is given once."""
    for path, rule in items_at(document, "earn"):
        when, give, limit = rule.get("when"), rule.get("give"), rule.get("limit")
        if not isinstance(when, dict):
            continue
        of = [name for name in ("distinct_stores", "total_amount") if name in when]
        if of and "within_days" not in when:
            reporter.error("totals-need-days", document.place_of_key((*path, "when", of[0])), field=of[0])
        if "within_days" not in when:
            continue
        if not of:
            reporter.error("totals-of-nothing", document.place_of_key((*path, "when", "within_days")))
            continue
        once = isinstance(limit, dict) and limit.get("per_member") == 1
        if isinstance(give, dict) and "points" in give and not once:
            reporter.error("totals-once", document.place_of_key((*path, "give")))


def _budgets(document: Document, reporter: Reporter) -> None:
    """Check that a budget is of what a campaign adds: a base rate adds to nothing."""
    for path, rule in items_at(document, "earn"):
        give = rule.get("give")
        if "budget" in rule and isinstance(give, dict) and "per_amount" in give:
            reporter.error("budget-of-rate", document.place_of_key((*path, "budget")))


CHECKS: Final = (_rates, _steps, _streaks, _kinds, _gift_rewards, _totals, _budgets)
