"""Whatever the rules and the basket: the sale that follows a quote is answered as the quote said.

Members buy at several stores, with rules of every kind in force; each sale is quoted first. Between the two nothing
is stored.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from shared.earning.events import MemberReference, SaleEvent
from shared.earning.explain import CapLine
from shared.earning.outcomes import Outcome
from shared.earning.quote_sale import quote_sale
from shared.earning.sale import Sale
from shared.ledger.store import Ledger
from shared.program.model import Eligible, Program, Safety, Stacking, StackingMode
from shared.program.rules import (
    Budget,
    Count,
    DateRange,
    EarnRule,
    ExtraPercent,
    FixedPoints,
    Hours,
    Multiply,
    PerAmount,
    RuleLimit,
    Step,
    Steps,
    Totals,
    When,
)
from tests.builders import (
    BIRTHDAYS,
    NOW,
    HandClock,
    Till,
    a_ladder,
    a_line,
    a_program,
    a_sale,
    container,
    patience,
    publish,
)
from tests.integration.earning.club import EXTRA, INVITE, open_club
from tests.observed import observed
from tests.profile import FULL

STORIES: Final = 20 if FULL else 8
SALES: Final = 6
BORN: Final = date(1990, 12, 16)


def rules(suffix: str, count: Count) -> tuple[EarnRule, ...]:
    """Give a rule of every kind; the ids differ, so that every story has budgets of its own."""

    def rule(id_: str, give: Any, when: When | None = None, **others: Any) -> EarnRule:
        return EarnRule(id=id_ + suffix, name=id_, give=give, when=when or When(), **others)

    fresh = When(categories=frozenset({"生鲜"}))
    return (
        rule("base", PerAmount(points=1, per_amount_minor=1_000, count=count)),
        rule("fresh", PerAmount(points=3, per_amount_minor=1_000, count=count), fresh),
        rule("tag", ExtraPercent(percent=Decimal(30)), When(item_tags=frozenset({"当日"}))),
        rule("sku", Multiply(factor=Decimal("1.5")), When(skus=frozenset({"S-1"}))),
        rule("steps", Steps(steps=(Step(from_amount_minor=20_000, multiply=Decimal(2)),))),
        rule("100+10", FixedPoints(points=10), When(min_amount_minor=9_000), limit=RuleLimit(per_member=2)),
        rule("evening", Multiply(factor=Decimal(2)), When(hours=Hours(start=18 * 60, end=2 * 60))),
        rule("weekday", FixedPoints(points=2), When(days=frozenset({2}))),
        rule("day", FixedPoints(points=1), When(days_of_month=frozenset({16, 17}))),
        rule("dates", ExtraPercent(percent=Decimal(5)), When(dates=(DateRange(first=NOW.date(), last=NOW.date()),))),
        rule("store", FixedPoints(points=3), When(stores=frozenset({"A"}))),
        rule("silver", FixedPoints(points=4), When(tiers=frozenset({"silver"}))),
        rule("birthday", FixedPoints(points=8), When(birthday="week"), limit=RuleLimit(per_member=1, every="year")),
        rule("first", Multiply(factor=Decimal(2)), When(order_number=1)),
        rule("third", FixedPoints(points=5), When(order_number_in_month=3)),
        rule("cross", FixedPoints(points=9), When(totals=Totals(within_days=9, distinct_stores=2, amount_minor=9_000))),
        rule("budget", Multiply(factor=Decimal(3)), budget=Budget(points_total=100)),
        rule("gift", FixedPoints(points=20), budget=Budget(points_total=90, per_member_per_day=30)),
    )  # fmt: skip


def a_random_program(seed: int, chance: random.Random) -> Program:
    return a_program(
        *rules(f"-{seed}", list(Count)[seed % 2]),
        pending_days=chance.choice([0, 7]),
        tiers=a_ladder(silver=60, gold=400),
        eligible=Eligible(payment_methods=frozenset({"cash"}), exclude_categories=frozenset({"烟草"})),
        stacking=Stacking(campaigns=list(StackingMode)[seed % 4], max_multiplier=chance.choice([None, Decimal(4)])),
        safety=Safety(per_order_max_points=90, per_member_per_day_max_points=120),
    )


def a_basket(receipt_id: str, chance: random.Random) -> Sale:
    """Build a sale: at one of two stores, some hours ago, partly paid with what does not earn."""
    lines = [
        a_line(
            chance.randrange(chance.choice([5_000, 60_000])),
            str(at),
            sku=chance.choice(["S-1", "S-2"]),
            quantity=chance.choice([1, 2, "0.738"]),
            category=chance.choice(["生鲜", "家居", "烟草", None]),
            tags=chance.choice([(), ("当日",)]),
            gift_card=chance.random() < 0.2,
        )
        for at in range(chance.randint(1, 4))
    ]
    total = int(sum(line.net_minor for line in lines))
    voucher = total * chance.choice([0, 0, 1, 4]) // 4
    return a_sale(
        lines=lines,
        tenders={"cash": total - voucher, "voucher": voucher},
        receipt_id=receipt_id,
        store_id=chance.choice("AB"),
        occurred_at=NOW - timedelta(hours=chance.randrange(30)),
    )


def told(outcome: Outcome) -> Iterator[str]:
    """Name what an explanation speaks of, without the story's own suffix."""
    for line in outcome.explain:
        yield f"cap:{line.cap}" if isinstance(line, CapLine) else line.kind
        yield from (one.id.rpartition("-")[0] for one in getattr(line, "campaigns", ()))
        yield getattr(line, "rule_id", "").rpartition("-")[0]
    yield from (f"not:{missed.code}" for missed in outcome.not_applied)


@pytest.fixture
def born() -> Iterator[dict[str, date]]:
    yield BIRTHDAYS
    BIRTHDAYS.clear()


def test_a_sale_is_answered_as_its_quote_said_and_a_quote_writes_nothing(ledger: Ledger, born: dict[str, date]) -> None:
    seen: set[str] = set()
    for seed in range(STORIES):
        chance = random.Random(seed)  # noqa: S311 a story repeats itself by its seed
        publish(ledger, a_random_program(seed, chance))
        till, another = Till(ledger=ledger), container(ledger, HandClock())
        members = [till.a_member() for _ in range(2)]
        born[members[0]] = BORN
        for number in range(SALES):
            member, sale = chance.choice(members), a_basket(f"Q-{seed}-{number}", chance)
            event = SaleEvent(sale=sale, member=MemberReference(kind="member_id", value=member))
            with observed(ledger.client) as traffic:
                quote = quote_sale(event, another, patience())
            assert (traffic.write_units, set(traffic.calls) - {"GetItem", "BatchGetItem", "Query"}) == (0, set())
            sold = till.sell(sale, member)
            assert quote.outcome == sold, f"seed {seed}"
            seen.update(told(sold))
    wanted = {rule.id.rpartition("-")[0] for rule in rules("-0", Count.PROPORTIONAL)}
    wanted |= {"total", "items", "excluded", "tenders", "bonus", "budget", "cap:per_order", "cap:per_day"}
    wanted |= {"not:limit", "not:only-the-best", "not:totals", "not:min-amount"}
    assert wanted - seen == set(), "every kind of rule and of line came up"


def test_the_first_order_of_a_friend_is_answered_as_quoted_too(ledger: Ledger) -> None:
    """The gifts of a referral come with it and are no part of what the till is told."""
    till = Till(ledger=ledger)
    _, mei = open_club(till, INVITE, EXTRA).invited()
    for receipt_id in ("first", "second"):
        sale = a_sale(receipt_id=receipt_id)
        event = SaleEvent(sale=sale, member=MemberReference(kind="member_id", value=mei))
        quote = quote_sale(event, container(ledger, till.clock), patience())
        assert quote.outcome == till.sell(sale, mei)
