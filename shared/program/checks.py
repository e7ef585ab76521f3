"""Checks across fields, on the raw document: they hold their tongue about whatever the schema finds wrong anyway."""

from decimal import Decimal
from typing import Any

from shared.program import checks_rules
from shared.program.currency import minor_digits, to_minor
from shared.program.expiry import ExpiryMode
from shared.program.findings import Reporter
from shared.program.guesses import closest, parts_meant
from shared.program.messages import joined
from shared.program.notation import shown
from shared.program.places import Path
from shared.program.source import Document
from shared.program.walk import items_at, number_of

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
        *checks_rules.CHECKS,
        _expire,
        _money,
    ):
        check(document, reporter)


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
        for place, item in items_at(document, *path):
            id_ = item.get("id")
            if not isinstance(id_, str):
                continue
            if id_ in first:
                reporter.error(code, document.place_of_value((*place, "id")), id=id_, first=first[id_])
            else:
                first[id_] = int(place[-1]) + 1


def _tier_names(document: Document, reporter: Reporter) -> None:
    levels = [item for _, item in items_at(document, "tiers", "levels") if isinstance(item.get("id"), str)]
    known = [level["id"] for level in levels]
    by_name = {str(level.get("name")): level["id"] for level in levels}
    wanted = [(*place, "when", "tiers") for place, _ in items_at(document, "earn")]
    wanted += [(*place, "tiers") for place, _ in items_at(document, "redeem", "catalog")]
    named = [(*path, at) for path in wanted for at in range(_length(document.value(path)))]
    named += [(*place, "to") for place, item in items_at(document, "tiers", "tasks") if "to" in item]
    named += [(*place, "to_tier") for place, item in items_at(document, "redeem", "catalog") if "to_tier" in item]
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
    for path, item in items_at(document, "redeem", "catalog"):
        gives = item.get("type") == "tier_upgrade"
        if gives and "to_tier" not in item:
            reporter.error("upgrade-needs-tier", document.place_of_value((*path, "type")))
        elif not gives and "to_tier" in item:
            reporter.error("tier-needs-upgrade", document.place_of_key((*path, "to_tier")))


def _benefits(document: Document, reporter: Reporter) -> None:
    """Check that a benefit is either a name, or can be claimed so many times in a period."""
    for level, _ in items_at(document, "tiers", "levels"):
        for path, item in items_at(document, *level, "benefits"):
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
    for path, level in items_at(document, "tiers", "levels"):
        for name in ("reach", "keep"):
            value = level.get(name)
            if measure in ("points_earned", "visits") and isinstance(value, Decimal) and value != int(value):
                place = document.place_of_value((*path, name))
                reporter.error("not-whole-measure", place, measure=measure, value=value)
        reach, keep = number_of(level.get("reach")), number_of(level.get("keep"))
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


def _expire(document: Document, reporter: Reporter) -> None:
    path = ("points", "expire")
    _expire_fields(path, document, reporter)
    if document.value((*path, "halve_in_last_days")) is not None and document.value(("notice",)) is None:
        reporter.error("halving-needs-notice", document.place_of_key((*path, "halve_in_last_days")))
    for rule, item in items_at(document, "earn"):
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
    paths = [(*path, *field) for path, _ in items_at(document, "earn") for field in _MONEY]
    paths += [(*path, "cash") for path, _ in items_at(document, "redeem", "catalog")]
    for rule, _ in items_at(document, "earn"):
        paths += [(*step, "from_amount") for step, _ in items_at(document, *rule, "give", "steps")]
    if document.value(("tiers", "measure")) == "amount_spent":
        paths += [(*level, name) for level, _ in items_at(document, "tiers", "levels") for name in ("reach", "keep")]
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
