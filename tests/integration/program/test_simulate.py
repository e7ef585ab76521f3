"""A simulation awards what the handlers award on the same sales, to the point, with every kind of rule on."""

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cli.simulation import Candidate, Happening, Result, simulate_all
from cli.simulation_input import read_ledger
from shared.earning.events import ReturnEvent
from shared.earning.sale import Sale
from shared.errors import RefundExceedsSaleError
from shared.program.model import Program, Safety
from shared.program.rules import Budget, EarnRule, FixedPoints, Multiply, RuleLimit, Totals, When
from tests.builders import NOW, Till, a_ladder, a_program, a_refund, a_sale, a_void, per_yuan, publish

STORES = ("SH001", "SH002")


def every_rule(*, budget: int | None) -> Program:
    rules = (
        EarnRule(id="first", name="首单", give=Multiply(factor=Decimal(2)), when=When(order_number=1)),
        EarnRule(id="third", name="第3单", give=FixedPoints(points=50), when=When(order_number_in_month=3)),
        EarnRule(
            id="cross",
            name="跨店",
            give=FixedPoints(points=100),
            when=When(totals=Totals(within_days=30, distinct_stores=2, amount_minor=20_000)),
            limit=RuleLimit(per_member=1, every="month"),
        ),
        EarnRule(
            id="double",
            name="双倍",
            give=Multiply(factor=Decimal(2)),
            limit=RuleLimit(per_member=2, every="week"),
            budget=Budget(points_total=budget, per_member_per_day=70),
        ),
    )
    program = a_program(per_yuan(), *rules, tiers=a_ladder(silver=200, gold=500))
    return replace(program, safety=Safety(per_order_max_points=300, per_member_per_day_max_points=400))


def a_story(chance: random.Random, members: Sequence[str]) -> list[Happening]:
    """Tell sales and returns of six weeks, in the order of time."""
    story: list[Happening] = []
    sold: list[tuple[str, Sale]] = []
    at = NOW - timedelta(days=42)
    for number in range(60):
        at += timedelta(hours=chance.randrange(1, 30))
        if sold and chance.random() < 0.3:
            member, sale = chance.choice(sold)
            story.append(Happening(member, at, _a_return(chance, sale, number, at)))
            continue
        member = chance.choice(members)
        sale = a_sale(
            *(chance.randrange(100, 20_000) for _ in range(chance.randrange(1, 4))),
            receipt_id=f"T-{number}",
            store_id=chance.choice(STORES),
            occurred_at=at,
        )
        sold.append((member, sale))
        story.append(Happening(member, at, sale))
    return story


def _a_return(chance: random.Random, sale: Sale, number: int, at: datetime) -> ReturnEvent:
    if chance.random() < 0.3:
        return a_void(receipt_id=sale.receipt_id, store_id=sale.store_id, occurred_at=at)
    amount = chance.randrange(1, 1 + sale.total_minor // 2)
    place = {"receipt_id": sale.receipt_id, "store_id": sale.store_id, "occurred_at": at}
    return a_refund(amount, refund_id=f"R-{number}", **place)  # type: ignore[arg-type]


def handled(till: Till, story: Sequence[Happening]) -> None:
    for one in story:
        till.clock.now = one.at
        with suppress(RefundExceedsSaleError):  # what is refused counts for nobody
            till.tell(one.event, one.member_id)


def simulated(story: Sequence[Happening], program: Program) -> Result:
    return simulate_all(story, [Candidate(program, {}, {})], processes=2)[0]


@pytest.mark.parametrize("budget", [None, 60])
@pytest.mark.parametrize("seed", range(4))
def test_a_simulation_equals_what_the_handlers_award(seed: int, budget: int | None, bare_till: Till) -> None:
    program = every_rule(budget=budget)
    publish(bare_till.ledger, program)
    bare_till.clock.now = NOW - timedelta(days=43)
    members = [bare_till.a_member() for _ in range(3)]
    story = a_story(random.Random(seed), members)  # noqa: S311 the same story every time
    handled(bare_till, story)
    result = simulated(story, program)
    awarded = {member: sum(bare_till.points(member)) for member in members}
    assert {member: result.by_member.get(member, 0) for member in members} == awarded
    assert result.points == sum(awarded.values())
    assert bare_till.audit(*members) == []


def test_the_sales_of_a_table_can_be_simulated_again(bare_till: Till) -> None:
    program = every_rule(budget=None)
    publish(bare_till.ledger, program)
    bare_till.clock.now = NOW - timedelta(days=43)
    members = [bare_till.a_member() for _ in range(3)]
    handled(bare_till, a_story(random.Random(9), members))  # noqa: S311 likewise
    client, table = bare_till.ledger.client, bare_till.ledger.tables.ledger
    read = list(read_ledger(client, table, NOW - timedelta(days=90)))
    result = simulated([one._replace(tier_id="") for one in read], program)
    assert result.points == sum(sum(bare_till.points(member)) for member in members)
    assert list(read_ledger(client, table, NOW + timedelta(days=90))) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_refund_of_any_split_equals_never_bought_with_every_rule_on(seed: int, bare_till: Till) -> None:
    program = every_rule(budget=200)
    publish(bare_till.ledger, program)
    chance = random.Random(seed)  # noqa: S311 likewise
    bare_till.clock.now = NOW
    member = bare_till.a_member()
    for number in range(12):
        sale = a_sale(chance.randrange(1_000, 20_000), receipt_id=f"T-{number}", store_id=chance.choice(STORES))
        bare_till.sell(sale, member)
    back = [(sale, part) for sale in bare_till.entries(member) for part in range(chance.randrange(1, 4))]
    chance.shuffle(back)
    for sold, part in back:
        _, store_id, receipt_id = sold.key.pk.split("#")
        event = a_refund(chance.randrange(1, 400), refund_id=f"R-{part}", receipt_id=receipt_id, store_id=store_id)
        bare_till.take_back(event)
    chance.shuffle(back)
    for sold, _ in back:
        _, store_id, receipt_id = sold.key.pk.split("#")
        bare_till.take_back(a_void(receipt_id=receipt_id, store_id=store_id))
    account = bare_till.account(member)
    spent = [item["used"] for item in bare_till.everything().values() if item.get("pk", "").startswith("BUDGET#")]
    assert (account.balance, dict(account.counters), sum(spent)) == ((0, 0, 0, 0), {}, 0)
    assert bare_till.audit(member) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_rules_changes_nothing(seed: int) -> None:
    program = every_rule(budget=100)
    story = a_story(random.Random(seed), ["a", "b", "c"])  # noqa: S311 likewise
    shuffled = replace(program, earn=tuple(random.Random(seed).sample(program.earn, len(program.earn))))  # noqa: S311
    first, second = simulated(story, program), simulated(story, shuffled)
    assert (first.by_member, first.by_day) == (second.by_member, second.by_day)
