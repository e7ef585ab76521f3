"""Doubts about values that are allowed, and most often slips of the pen: 0.5 for 50 %, a cap below what is given."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from shared.program.compile import Compiled
from shared.program.currency import plain
from shared.program.expiry import ExpiryMode
from shared.program.findings import Reporter
from shared.program.guesses import closest, option_meant
from shared.program.notation import shown
from shared.program.places import Path
from shared.program.rules import EarnRule, ExtraPercent, FixedPoints, Multiply
from shared.program.source import Document

PAYMENT_METHODS = ("cash", "card", "wechat_pay", "alipay", "stored_value")
SHORTEST_MONTH = 28
_NEARLY_ALIKE = 0.85
_MUCH_ALIKE = 0.72
"""`wechat` is like `wechat_pay`; `apple_pay` is not like `alipay`."""


def small_factors(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Find 0.5 where 50 % are meant, and campaigns that multiply by one."""
    for path, rule in _rules(compiled, document):
        match rule.give:
            case ExtraPercent(percent=percent) if percent < 1:
                place = document.place_of_value((*path, "give", "extra_percent"))
                reporter.warning("tiny-percent", place, value=shown(percent), meant=shown(plain(percent * 100)))
            case Multiply(factor=factor) if factor == Decimal(1):
                reporter.warning("times-one", document.place_of_value((*path, "give", "multiply")))
            case _:
                pass


def caps(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Find caps that cut what a rule gives by itself, or that another cap makes pointless."""
    safety = compiled.draft.program.safety
    order, day = safety.per_order_max_points, safety.per_member_per_day_max_points
    if order is not None and day is not None and day < order:
        place = document.place_of_value(("safety", "per_member_per_day_max_points"))
        reporter.warning("day-below-order", place, day=day, order=order)
    for path, rule in _rules(compiled, document):
        if order is not None and isinstance(rule.give, FixedPoints) and rule.give.points > order:
            place = document.place_of_value((*path, "give", "points"))
            reporter.warning("order-below-gift", place, points=rule.give.points, cap=order)


def reminders(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Find reminders that would come before the points do."""
    expire = compiled.draft.program.points.expire
    life = expire.days if expire.mode is ExpiryMode.DAYS_AFTER_EARNING else expire.months * SHORTEST_MONTH
    for at, days in enumerate(expire.remind.days_before if expire.remind and life else ()):
        if days >= life:
            place = document.place_of_value(("points", "expire", "remind", "days_before", at))
            reporter.warning("reminder-too-early", place, days=days, life=life)


def groups(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Find two groups of one rule each whose names are nearly alike: they would add up instead of competing."""
    used = Counter(rule.group for rule in compiled.draft.program.earn if rule.group)
    for (path, rule), other in itertools.product(_rules(compiled, document), used):
        if rule.group and used[rule.group] == 1 and _is_slip(rule.group, other, used):
            place = document.place_of_value((*path, "group"))
            reporter.warning("group-alike", place, group=rule.group, other=other)


def _is_slip(group: str, other: str, used: Mapping[str, int]) -> bool:
    """Say whether one group is probably the other one, misspelt; two that are numbered are two."""
    numbered = any(letter.isdigit() for letter in group + other)
    later = (used[group], other) < (used[other], group)
    return later and not numbered and closest(group, [other], _NEARLY_ALIKE) is not None


def payments(compiled: Compiled, document: Document, reporter: Reporter) -> None:
    """Find ways to pay that resemble a common one: what a till sends otherwise would earn nothing."""
    for at, method in enumerate(document.value(("eligible", "payment_methods")) or ()):
        meant = option_meant(method, PAYMENT_METHODS, _MUCH_ALIKE)
        if meant and method not in PAYMENT_METHODS and meant not in compiled.draft.program.eligible.payment_methods:
            place = document.place_of_value(("eligible", "payment_methods", at))
            reporter.warning("payment-alike", place, value=method, meant=meant)


def _rules(compiled: Compiled, document: Document) -> Iterator[tuple[Path, EarnRule]]:
    places = {rule["id"]: at for at, rule in enumerate(document.value(("earn",)))}
    return ((("earn", places[rule.id]), rule) for rule in compiled.draft.program.earn)


CHECKS = (small_factors, caps, reminders, groups, payments)
