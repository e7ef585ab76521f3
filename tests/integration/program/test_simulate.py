"""A simulation awards what the handlers award on the same sales, to the point, with every kind of rule on.

So it does on all processors where budgets run out, and returns give something back to them: members apart come to
what they come to one after another.
"""

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cli.simulation import Simulated, simulate_all
from cli.simulation_input import read_ledger
from cli.simulation_world import Candidate, Happening, World
from shared.earning.events import ReturnEvent
from shared.earning.sale import Sale
from shared.earning.spending import MILLI
from shared.errors import RefundExceedsSaleError
from shared.program.model import Program, Safety
from shared.program.rules import Budget, EarnRule, FixedPoints, Multiply, RuleLimit, Totals, When
from tests.builders import NOW, Till, a_ladder, a_program, a_refund, a_sale, a_void, per_yuan, publish
from tests.profile import FULL

STORES = ("SH001", "SH002")


def every_rule(**budgets: int) -> Program:
    rules = (
        EarnRule(id="first", name="首单", give=Multiply(factor=Decimal(2)), when=When(order_number=1)),
        EarnRule(id="thirty", name="满30元", give=FixedPoints(points=7), when=When(min_amount_minor=3_000)),
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
            budget=Budget(per_member_per_day=70),
        ),
    )
    budgeted = [replace(rule, budget=_budget(rule, budgets)) for rule in rules]
    program = a_program(per_yuan(), *budgeted, tiers=a_ladder(silver=200, gold=500))
    return replace(program, safety=Safety(per_order_max_points=300, per_member_per_day_max_points=400))


def _budget(rule: EarnRule, budgets: Mapping[str, int]) -> Budget | None:
    if rule.id not in budgets:
        return rule.budget
    return replace(rule.budget or Budget(), points_total=budgets[rule.id])


def random_budgets(seed: int) -> Program:
    """Give some rules budgets that run out somewhere, or never, or at once."""
    chance = random.Random(seed)  # noqa: S311 the same budgets every time
    rules = chance.sample(["first", "thirty", "third", "cross", "double"], chance.randrange(1, 6))
    return every_rule(**{rule_id: round(10 ** chance.uniform(0, 3)) for rule_id in rules})


def a_story(chance: random.Random, members: Sequence[str], events: int = 60) -> list[Happening]:
    """Tell sales and returns of six weeks, in the order of time."""
    story: list[Happening] = []
    sold: list[tuple[str, Sale]] = []
    at = NOW - timedelta(days=42)
    for number in range(events):
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


def simulated(story: Sequence[Happening], program: Program) -> Simulated:
    return simulate_all(story, [Candidate(program, {}, {})], processes=2)[0]


class _WhatIsLeft(dict[int, Mapping[str, int]]):
    """Tells every sale what budgets have left when it happens."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        totals = {rule.id: rule.budget.points_total for rule in program.earn if rule.budget}
        self.left = {rule_id: total * MILLI for rule_id, total in totals.items() if total is not None}

    def get(self, _place: int, _default: object = None) -> Mapping[str, int]:
        return self.left


def one_after_another(story: Sequence[Happening], program: Program) -> tuple[World, Mapping[str, int]]:
    """Simulate in the order of time, in one world; and say what is left of budgets."""
    rooms = _WhatIsLeft(program)
    world = World(Candidate(program, {}, {}), rooms)
    for place, one in enumerate(story):
        drawn = len(world.draws)
        world.happen(place, one)
        for draw in world.draws[drawn:]:
            rooms.left[draw.rule_id] -= draw.taken
    return world, rooms.left


@pytest.mark.parametrize("seed", range(60 if FULL else 12))
def test_members_apart_come_to_what_they_come_to_one_after_another(seed: int) -> None:
    program, chance = random_budgets(seed), random.Random(seed)  # noqa: S311 the same story every time
    story = a_story(chance, [f"m{number}" for number in range(chance.randrange(1, 9))], events=150)
    together, left = one_after_another(story, program)
    apart = simulated(story, program)
    assert {rule_id: use.left for rule_id, use in apart.uses.items()} == left
    for figure in ("sales", "returns", "refused", "points", "by_member", "by_day"):
        assert getattr(apart.result, figure) == getattr(together.result, figure), figure
    assert apart.result.by_rule == pytest.approx(together.result.by_rule)
    assert apart.result.cut == pytest.approx(together.result.cut)


@pytest.mark.parametrize("seed", range(8))
def test_a_simulation_equals_what_the_handlers_award(seed: int, bare_till: Till) -> None:
    program = random_budgets(seed) if seed else every_rule()
    publish(bare_till.ledger, program)
    bare_till.clock.now = NOW - timedelta(days=43)
    members = [bare_till.a_member() for _ in range(3)]
    story = a_story(random.Random(seed), members)  # noqa: S311 the same story every time
    handled(bare_till, story)
    simulation = simulated(story, program)
    result, uses = simulation.result, simulation.uses
    awarded = {member: sum(bare_till.points(member)) for member in members}
    assert {member: result.by_member.get(member, 0) for member in members} == awarded
    assert result.points == sum(awarded.values())
    assert {rule_id: use.taken for rule_id, use in uses.items() if use.taken} == spent(bare_till)
    assert bare_till.audit(*members) == []


def spent(till: Till) -> dict[str, int]:
    """Say what the table says was spent of budgets, in thousandths of points."""
    used: dict[str, int] = {}
    for item in till.everything().values():
        if item.get("pk", "").startswith("BUDGET#") and item["used"]:
            rule_id = item["pk"].split("#")[1]
            used[rule_id] = used.get(rule_id, 0) + item["used"]
    return used


def test_the_sales_of_a_table_can_be_simulated_again(bare_till: Till) -> None:
    program = every_rule()
    publish(bare_till.ledger, program)
    bare_till.clock.now = NOW - timedelta(days=43)
    members = [bare_till.a_member() for _ in range(3)]
    handled(bare_till, a_story(random.Random(9), members))  # noqa: S311 likewise
    client, table = bare_till.ledger.client, bare_till.ledger.tables.ledger
    read = list(read_ledger(client, table, NOW - timedelta(days=90)))
    result = simulated([one._replace(tier_id="") for one in read], program).result
    assert result.points == sum(sum(bare_till.points(member)) for member in members)
    assert list(read_ledger(client, table, NOW + timedelta(days=90))) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_refund_of_any_split_equals_never_bought_with_every_rule_on(seed: int, bare_till: Till) -> None:
    program = every_rule(double=200)
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
    assert (account.balance, dict(account.counters), spent(bare_till)) == ((0, 0, 0, 0), {}, {})
    assert bare_till.audit(member) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_rules_changes_nothing(seed: int) -> None:
    program = every_rule(double=100)
    story = a_story(random.Random(seed), ["a", "b", "c"])  # noqa: S311 likewise
    shuffled = replace(program, earn=tuple(random.Random(seed).sample(program.earn, len(program.earn))))  # noqa: S311
    first, second = simulated(story, program).result, simulated(story, shuffled).result
    assert (first.by_member, first.by_day) == (second.by_member, second.by_day)
