"""Checks across fields, on the raw document: they hold their tongue about whatever the schema finds wrong anyway."""

import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from shared.program.actions import ENROLL, REFERRAL_FIRST_ORDER, REFERRALS
from shared.program.currency import minor_digits, plain, to_minor
from shared.program.expiry import ExpiryMode
from shared.program.findings import Reporter
from shared.program.guesses import closest, parts_meant
from shared.program.messages import joined
from shared.program.notation import shown
from shared.program.places import Path
from shared.program.rules import Count
from shared.program.schema_rules import OCCASIONS
from shared.program.source import Document

_OF_ACTIONS = {
    "rule": frozenset({"once_per_subject", "confirmed_by"}),
    "when": frozenset({"min_likes", "min_chars", "has_photo", "page", "equals", "streak_days"}),
    "give": frozenset({"streak", "after_last", "first_match", "to"}),
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
_MONEY = (("when", "min_amount"), ("when", "total_amount"), ("give", "per_amount"))
_LISTS = frozenset(
    {"days", "dates", "stores", "tiers", "categories", "item_tags", "skus", "payment_methods", "exclude_categories"}
    | {"pilot_stores", "by"}
)
_EXPIRE_FIELDS = {
    ExpiryMode.MONTHS_AFTER_EARNING: ({"months"}, {"months", "round_to"}),
    ExpiryMode.DAYS_AFTER_EARNING: ({"days"}, {"days", "round_to"}),
    ExpiryMode.EXTEND_ON_ACTIVITY: ({"months"}, {"months", "round_to"}),
    ExpiryMode.END_OF_YEAR: (set[str](), set[str]()),
    ExpiryMode.NEVER: (set[str](), set[str]()),
}


def check_document(document: Document, reporter: Reporter) -> None:
    """Run every cross check on what the file says, wrong or not."""
    for check in (
        _lists,
        _ids,
        _tier_names,
        _tier_upgrades,
        _benefits,
        _rollout,
        _levels,
        _rates,
        _steps,
        _streaks,
        _kinds,
        _totals,
        _budgets,
        _expire,
        _money,
    ):
        check(document, reporter)


def _items(document: Document, *path: str | int) -> Iterator[tuple[Path, dict[str, Any]]]:
    items = document.value(path)
    if isinstance(items, list):
        yield from (((*path, at), item) for at, item in enumerate(items) if isinstance(item, dict))


def _lists(document: Document, reporter: Reporter) -> None:
    """Find items of lists that are two items behind a Chinese comma."""
    for path, value in document.scalars():
        if len(path) > 1 and isinstance(path[-1], int) and path[-2] in _LISTS and isinstance(value, str):
            meant = parts_meant(value)
            if meant is not None:
                reporter.error("chinese-comma", document.place_of_value(path), value=value, suggestion=meant)


def _ids(document: Document, reporter: Reporter) -> None:
    lists = (
        (("earn",), "duplicate-rule"),
        (("tiers", "levels"), "duplicate-level"),
        (("redeem", "catalog"), "duplicate-reward"),
    )
    for path, code in lists:
        first: dict[str, int | str] = {}
        for place, item in _items(document, *path):
            id_ = item.get("id")
            if not isinstance(id_, str):
                continue
            if id_ in first:
                reporter.error(code, document.place_of_value((*place, "id")), id=id_, first=first[id_])
            else:
                first[id_] = int(place[-1]) + 1


def _tier_names(document: Document, reporter: Reporter) -> None:
    levels = [item for _, item in _items(document, "tiers", "levels") if isinstance(item.get("id"), str)]
    known = [level["id"] for level in levels]
    by_name = {str(level.get("name")): level["id"] for level in levels}
    wanted = [(*place, "when", "tiers") for place, _ in _items(document, "earn")]
    wanted += [(*place, "tiers") for place, _ in _items(document, "redeem", "catalog")]
    named = [(*path, at) for path in wanted for at in range(_length(document.value(path)))]
    named += [(*place, "to") for place, item in _items(document, "tiers", "tasks") if "to" in item]
    named += [(*place, "to_tier") for place, item in _items(document, "redeem", "catalog") if "to_tier" in item]
    for path in named:
        name = document.value(path)
        place = document.place_of_value(path)
        if not isinstance(name, str) or name in known or reporter.has_error_at(place):
            continue
        if not known:
            reporter.error("no-tiers", place, value=name)
            continue
        guess = closest(name, known) or by_name.get(closest(name, list(by_name)) or "")
        reporter.error("unknown-tier", place, value=name, known=joined(known, reporter.language), suggestion=guess)


def _length(value: Any) -> int:  # noqa: ANN401 whatever the file says
    return len(value) if isinstance(value, list) else 0


def _tier_upgrades(document: Document, reporter: Reporter) -> None:
    """Check that a reward that gives a tier says which, and no other reward does."""
    for path, item in _items(document, "redeem", "catalog"):
        gives = item.get("type") == "tier_upgrade"
        if gives and "to_tier" not in item:
            reporter.error("upgrade-needs-tier", document.place_of_value((*path, "type")))
        elif not gives and "to_tier" in item:
            reporter.error("tier-needs-upgrade", document.place_of_key((*path, "to_tier")))


def _benefits(document: Document, reporter: Reporter) -> None:
    """Check that a benefit is either a name, or can be claimed so many times in a period."""
    for level, _ in _items(document, "tiers", "levels"):
        for path, item in _items(document, *level, "benefits"):
            missing = sorted({"id", "times", "every"} - item.keys())
            if missing and item.keys() & {"id", "times", "every", "birthday"}:
                reporter.error("benefit-needs", document.place_of_value((*path, "name")), field=missing[0])


def _rollout(document: Document, reporter: Reporter) -> None:
    effective, everywhere = document.value(("effective",)), document.value(("rollout", "all_stores_from"))
    # Local times of one notation compare as texts.
    if isinstance(effective, str) and isinstance(everywhere, str) and everywhere < effective:
        place = document.place_of_value(("rollout", "all_stores_from"))
        reporter.error("rollout-before-effective", place, all=everywhere, effective=effective)


def _levels(document: Document, reporter: Reporter) -> None:
    measure = document.value(("tiers", "measure"))
    before: int | Decimal | None = None
    for path, level in _items(document, "tiers", "levels"):
        for name in ("reach", "keep"):
            value = level.get(name)
            if measure in ("points_earned", "visits") and isinstance(value, Decimal) and value != int(value):
                place = document.place_of_value((*path, name))
                reporter.error("not-whole-measure", place, measure=measure, value=value)
        reach, keep = _number(level.get("reach")), _number(level.get("keep"))
        if reach is None:
            continue
        place = document.place_of_value((*path, "reach"))
        if before is None and reach != 0:
            reporter.error("first-level-not-zero", place, value=shown(level["reach"]))
        if before is not None and reach <= before:
            reporter.error("levels-not-rising", place, value=reach, before=before)
        elif keep is not None and keep > reach:
            place = document.place_of_value((*path, "keep"))
            reporter.error("keep-above-reach", place, keep=keep, reach=reach)
        before = reach


def _rates(document: Document, reporter: Reporter) -> None:
    gives = [((*path, "give"), rule.get("give")) for path, rule in _items(document, "earn")]
    rates = [(path, give) for path, give in gives if isinstance(give, dict) and "per_amount" in give]
    if not rates and document.value(("earn",)) and isinstance(document.value(("earn",)), list):
        reporter.error("no-base-rate", document.place_of_key(("earn",)))
    for path, give in rates:
        if give.get("count") == Count.FULL_UNITS and len(rates) > 1:
            reporter.error("full-units-alone", document.place_of_value((*path, "count")), count=len(rates))


def _steps(document: Document, reporter: Reporter) -> None:
    for path, _ in _items(document, "earn"):
        before: dict[str, Any] = {}
        for place, step in _items(document, *path, "give", "steps"):
            amount, factor = _number(step.get("from_amount")), _number(step.get("multiply"))
            amount_before, factor_before = _number(before.get("from_amount")), _number(before.get("multiply"))
            if amount is not None and amount_before is not None and amount <= amount_before:
                at = document.place_of_value((*place, "from_amount"))
                reporter.error("steps-not-rising", at, value=amount, before=amount_before)
            if factor is not None and factor_before is not None and factor < factor_before:
                at = document.place_of_value((*place, "multiply"))
                reporter.error("steps-falling", at, value=factor, before=factor_before)
            before = step


def _streaks(document: Document, reporter: Reporter) -> None:
    """Check that a later day of a streak gives no less: who keeps coming is not worse off."""
    for path, rule in _items(document, "earn"):
        give = rule.get("give")
        ladder = give.get("streak") if isinstance(give, dict) else None
        if not isinstance(ladder, list):
            continue
        for at, (before, value) in enumerate(itertools.pairwise(map(_number, ladder)), start=1):
            if before is not None and value is not None and value < before:
                place = document.place_of_value((*path, "give", "streak", at))
                reporter.error("streak-falling", place, value=value, before=before)


def _kinds(document: Document, reporter: Reporter) -> None:
    """Check that a rule asks and gives only what makes sense for what it is on."""
    for path, rule in _items(document, "earn"):
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


def _totals(document: Document, reporter: Reporter) -> None:
    """Check that totals say over how many days, and that what is given for them is given once."""
    for path, rule in _items(document, "earn"):
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
    for path, rule in _items(document, "earn"):
        give = rule.get("give")
        if "budget" in rule and isinstance(give, dict) and "per_amount" in give:
            reporter.error("budget-of-rate", document.place_of_key((*path, "budget")))


def _expire(document: Document, reporter: Reporter) -> None:
    path = ("points", "expire")
    _expire_fields(path, document, reporter)
    if document.value((*path, "halve_in_last_days")) is not None and document.value(("notice",)) is None:
        reporter.error("halving-needs-notice", document.place_of_key((*path, "halve_in_last_days")))
    for rule, item in _items(document, "earn"):
        if "expire" not in item:
            continue
        give = item.get("give")
        if isinstance(give, dict) and "points" not in give:
            reporter.error("expire-of-multiplier", document.place_of_key((*rule, "expire")))
        elif document.value((*path, "mode")) == ExpiryMode.EXTEND_ON_ACTIVITY:
            reporter.error("expire-against-activity", document.place_of_key((*rule, "expire")))
        _expire_fields((*rule, "expire"), document, reporter)


def _expire_fields(path: Path, document: Document, reporter: Reporter) -> None:
    expire = document.value(path)
    mode = expire.get("mode") if isinstance(expire, dict) else None
    if mode not in _EXPIRE_FIELDS:
        return
    needed, allowed = _EXPIRE_FIELDS[ExpiryMode(mode)]
    for name in sorted(needed - expire.keys()):
        reporter.error("expire-needs", document.place_of_value((*path, "mode")), mode=mode, field=name)
    for name in sorted(expire.keys() & ({"months", "days", "round_to"} - allowed)):
        reporter.error("expire-not-with", document.place_of_key((*path, name)), mode=mode, field=name)


def _money(document: Document, reporter: Reporter) -> None:
    currency = document.value(("currency",))
    if not isinstance(currency, str):
        return
    paths = [(*path, *field) for path, _ in _items(document, "earn") for field in _MONEY]
    paths += [(*path, "cash") for path, _ in _items(document, "redeem", "catalog")]
    for rule, _ in _items(document, "earn"):
        paths += [(*step, "from_amount") for step, _ in _items(document, *rule, "give", "steps")]
    if document.value(("tiers", "measure")) == "amount_spent":
        paths += [(*level, name) for level, _ in _items(document, "tiers", "levels") for name in ("reach", "keep")]
    for path in paths:
        value = document.value(path)
        if isinstance(value, Decimal) and not _is_money(value, currency):
            place = document.place_of_value(path)
            reporter.error("not-money", place, value=value, currency=currency, digits=minor_digits(currency))


def _is_money(value: Decimal, currency: str) -> bool:
    try:
        to_minor(value, currency)
    except ValueError:
        return False
    return True


def _number(value: Any) -> int | Decimal | None:  # noqa: ANN401 whatever the file says
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return plain(value) if isinstance(value, Decimal) else value
