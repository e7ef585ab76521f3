"""A program with every kind of rule for purchases at once, sales that meet them all, and what is known of buyers."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from shared.earning.sale import Facts, Sale
from shared.program.expiry import ExpirePolicy, ExpiryMode
from shared.program.model import Eligible, Program, Rounding, Safety, Stacking, StackingMode
from shared.program.rules import (
    Budget,
    Count,
    DateRange,
    EarnRule,
    ExtraPercent,
    FixedPoints,
    Give,
    Hours,
    Multiply,
    PerAmount,
    RuleLimit,
    Step,
    Steps,
    Totals,
    When,
)
from tests.builders import GOLD, NORMAL, SILVER, a_ladder, a_line, a_program, a_sale, days, months

FIRST_DAY: Final = date(2026, 12, 1)
STORES: Final = ("SH001", "SH002")
CATEGORIES: Final = ("生鲜", "服饰", "家居", "烟草")
TAGS: Final = ((), ("当日鲜品",), ("当日鲜品", "新品"))
ZONE: Final = "Asia/Shanghai"

PROPORTIONAL: Final = (
    EarnRule(id="base", name="base", give=PerAmount(points=1, per_amount_minor=1_000)),
    EarnRule(
        id="clothes",
        name="clothes",
        give=PerAmount(points=3, per_amount_minor=2_000),
        when=When(categories=frozenset({"服饰"})),
        expire=months(3),
    ),
)
FULL_UNITS: Final = (
    EarnRule(id="base", name="base", give=PerAmount(points=1, per_amount_minor=1_000, count=Count.FULL_UNITS)),
)


def times(factor: str) -> Multiply:
    return Multiply(factor=Decimal(factor))


def _rule(id_: str, give: Give, *, when: When | None = None, **more: Any) -> EarnRule:
    return EarnRule(id=id_, name=id_, give=give, when=when or When(), **more)


def _steps(*steps: tuple[int, str]) -> Steps:
    return Steps(steps=tuple(Step(from_amount_minor=start, multiply=Decimal(factor)) for start, factor in steps))


def campaigns() -> Sequence[EarnRule]:
    """Give a rule of every kind that multiplies, in groups and without."""
    night, window = Hours(start=20 * 60, end=2 * 60), "window"
    christmas = DateRange(first=date(2026, 12, 24), last=date(2026, 12, 26))
    return (
        _rule("steps", _steps((0, "1"), (5_000, "1.2"), (20_000, "1.5"))),
        _rule("home-steps", _steps((3_000, "1.4")), when=When(categories=frozenset({"家居"})), group="home"),
        _rule("wednesday", times("2"), when=When(days=frozenset({2}), categories=frozenset({"生鲜"})), group=window),
        _rule("weekend", times("1.5"), when=When(days=frozenset({5, 6})), group=window),
        _rule("eighth", times("2"), when=When(days_of_month=frozenset({8, -1})), group=window),
        _rule("christmas", times("3"), when=When(dates=(christmas,)), group=window),
        _rule("night", ExtraPercent(percent=Decimal("12.5")), when=When(hours=night)),
        _rule("fresh", ExtraPercent(percent=Decimal(50)), when=When(item_tags=frozenset({"当日鲜品"}))),
        _rule("skus", times("1.4"), when=When(skus=frozenset({"A", "B"})), group="home"),
        _rule("here", times("1.1"), when=When(stores=frozenset({"SH001"}))),
        _rule("gold", ExtraPercent(percent=Decimal(10)), when=When(tiers=frozenset({GOLD}), min_amount_minor=5_000)),
        _rule("birthday", times("2"), when=When(birthday="day")),
        _rule("first", times("2"), when=When(order_number=1)),
        _rule(
            "twice",
            times("1.3"),
            limit=RuleLimit(per_member=2, every="week"),
            budget=Budget(points_total=150, per_member_per_day=9),
        ),
        _rule("clothing", times("1.3"), when=When(categories=frozenset({"服饰"})), budget=Budget(points_total=80)),
    )


def bonuses() -> Sequence[EarnRule]:
    """Give a rule of every kind that gives points besides, with lifetimes and budgets of its own and without."""
    totals = Totals(within_days=5, distinct_stores=2, amount_minor=30_000)
    return (
        _rule("hundred", FixedPoints(points=10), when=When(min_amount_minor=10_000)),
        _rule("soon-over", FixedPoints(points=7), when=When(min_amount_minor=8_000), expire=days(60)),
        _rule("year-end", FixedPoints(points=5), expire=ExpirePolicy(mode=ExpiryMode.END_OF_YEAR)),
        _rule("third", FixedPoints(points=50), when=When(order_number_in_month=3), expire=days(50)),
        _rule("fourth", FixedPoints(points=20), when=When(order_number_in_month=4), budget=Budget(points_total=500)),
        _rule(
            "cross-store",
            FixedPoints(points=100),
            when=When(totals=totals),
            limit=RuleLimit(per_member=1, every="month"),
        ),
        _rule("while-it-lasts", FixedPoints(points=30), budget=Budget(points_total=200, per_member_per_day=40)),
    )


def a_program_of_every_kind(chance: random.Random) -> Program:
    """Build one with every kind of rule on; how rules stack, round and are capped is left to chance."""
    rates = chance.choice((PROPORTIONAL, FULL_UNITS))
    rules = [*rates, *campaigns(), *bonuses()]
    chance.shuffle(rules)
    cap = chance.choice((None, Decimal(2), Decimal(5)))
    program = a_program(
        *rules,
        expire=months(12),
        tiers=a_ladder(silver=300, gold=900),
        eligible=Eligible(payment_methods=frozenset({"cash"}), exclude_categories=frozenset({"烟草"})),
        stacking=Stacking(campaigns=chance.choice(list(StackingMode)), max_multiplier=cap),
        safety=Safety(
            per_order_max_points=chance.choice((None, 60, 300)),
            per_member_per_day_max_points=chance.choice((None, 100, 400)),
        ),
    )
    return replace(program, points=replace(program.points, rounding=chance.choice(list(Rounding))))


def a_moment(chance: random.Random) -> datetime:
    """Give an instant of December 2026 on which several windows are open or just shut, or of any other second."""
    day = datetime(2026, 12, chance.randrange(1, 32), tzinfo=UTC) - timedelta(hours=8)
    edges = (0, 1, 2 * 3600, 20 * 3600 - 1, 20 * 3600, 86_399)
    return day + timedelta(seconds=chance.choice((chance.choice(edges), chance.randrange(86_400))))


def a_sale_of_any_kind(chance: random.Random, number: int, at: datetime) -> Sale:
    lines = [
        a_line(
            chance.choice((0, 990, 1_000, chance.randrange(30_000))),
            str(line),
            sku=chance.choice("ABCD"),
            category=chance.choice(CATEGORIES),
            tags=chance.choice(TAGS),
            quantity=chance.randrange(1, 4),
            gift_card=chance.random() < 0.05,
        )
        for line in range(1, chance.randrange(2, 7))
    ]
    total = int(sum(line.net_minor for line in lines))
    points = chance.choice((0, 0, total // 3))
    return a_sale(
        receipt_id=f"T-{number}",
        store_id=chance.choice(STORES),
        occurred_at=at,
        lines=lines,
        tenders={"cash": total - points, "points": points},
    )


def facts_of_anybody(chance: random.Random, program: Program) -> Facts:
    """Give what the account of a buyer might say."""
    some = [rule.id for rule in program.earn if chance.random() < 0.3]
    return Facts(
        tier_id=chance.choice((NORMAL, SILVER, GOLD)),
        zone=ZONE,
        order_number=chance.randrange(1, 4),
        order_in_month=chance.randrange(2, 6),
        birthday=chance.choice((frozenset(), frozenset({"day"}))),
        reached=chance.choice((frozenset(), frozenset({"cross-store"}))),
        barred=frozenset(rule.id for rule in program.earn if rule.limit and rule.id in some),
        day_room=None if program.safety.per_member_per_day_max_points is None else chance.randrange(100),
        rooms={rule.id: chance.randrange(40_000) for rule in program.earn if rule.budget and rule.id in some},
    )
