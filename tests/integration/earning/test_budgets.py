"""Budgets of campaigns: cut to what is left, a hard stop under concurrency, given back by returns."""

import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from shared import keys
from shared.earning.audit import budget_differences, is_budget, spent_of_budgets
from shared.earning.budgets import SHARDS
from shared.earning.outcomes import Outcome
from shared.program.model import Program
from shared.program.rules import Budget, EarnRule, FixedPoints, Multiply, When
from shared.runtime.attributes import Item
from tests.builders import Till, a_program, a_refund, a_sale, a_void, container, per_yuan, publish


def doubled(total: int | None = None, per_day: int | None = None) -> Program:
    budget = Budget(points_total=total, per_member_per_day=per_day)
    return a_program(per_yuan(), EarnRule(id="double", name="双倍", give=Multiply(factor=Decimal(2)), budget=budget))


def sell(till: Till, member: str, number: int, yuan: int = 10) -> Outcome:
    return till.sell(a_sale(yuan * 100, receipt_id=f"T-{number}"), member)


def items(till: Till) -> list[Item]:
    return [item for item in till.everything().values() if "pk" in item]


def used(till: Till) -> int:
    """Give what is spent of all budgets, in thousandths of points."""
    return sum(item["used"] for item in items(till) if is_budget(item))


def audited(till: Till) -> list[str]:
    found = items(till)
    return budget_differences((item for item in found if is_budget(item)), spent_of_budgets(found))


def test_a_budget_is_spent_to_the_point_and_then_adds_nothing(bare_till: Till) -> None:
    publish(bare_till.ledger, doubled(25))
    member = bare_till.a_member()
    assert [sell(bare_till, member, number).points for number in range(1, 5)] == [20, 20, 15, 10]
    assert used(bare_till) == 25_000
    assert audited(bare_till) == []
    assert bare_till.audit(member) == []


def test_what_was_cut_is_told(bare_till: Till) -> None:
    publish(bare_till.ledger, doubled(5))
    outcome = sell(bare_till, bare_till.a_member(), 1)
    last = outcome.to_json("zh")["explain"][-1]
    assert (last["kind"], last["points"], last["text"]) == ("budget", "-5.00", "双倍 预算已用完")
    assert outcome.points == 15


def test_a_return_gives_back_what_the_sale_took(bare_till: Till) -> None:
    publish(bare_till.ledger, doubled(25))
    member = bare_till.a_member()
    for number in range(1, 4):
        sell(bare_till, member, number)
    assert bare_till.take_back(a_refund(500, receipt_id="T-1")).points == -10
    assert used(bare_till) == 20_000
    assert bare_till.take_back(a_void(receipt_id="T-1")).points == -10
    assert bare_till.take_back(a_refund(700, receipt_id="T-3")).points == -9, "3 yuan are left, and double now"
    assert used(bare_till) == 13_000
    assert audited(bare_till) == []
    assert bare_till.audit(member) == []


def test_a_return_that_came_first_takes_only_the_net(bare_till: Till) -> None:
    publish(bare_till.ledger, doubled(25))
    member = bare_till.a_member()
    bare_till.take_back(a_refund(400, receipt_id="T-1"))
    sell(bare_till, member, 1)
    assert (bare_till.available(member), used(bare_till)) == (12, 6_000)
    bare_till.take_back(a_void(receipt_id="T-2"))
    sell(bare_till, member, 2)
    assert used(bare_till) == 6_000
    assert audited(bare_till) == []


def test_a_fixed_bonus_has_a_budget_of_whole_points(bare_till: Till) -> None:
    bonus = EarnRule(id="ten", name="加10", give=FixedPoints(points=10), when=When(), budget=Budget(points_total=25))
    publish(bare_till.ledger, a_program(per_yuan(), bonus))
    member = bare_till.a_member()
    assert [sell(bare_till, member, number).points for number in range(1, 5)] == [20, 20, 15, 10]
    assert used(bare_till) == 25_000


def test_a_members_day_has_a_budget_of_its_own(bare_till: Till) -> None:
    publish(bare_till.ledger, doubled(per_day=15))
    member, other = bare_till.a_member(), bare_till.a_member()
    assert [sell(bare_till, member, number).points for number in range(1, 4)] == [20, 15, 10]
    assert sell(bare_till, other, 4).points == 20
    assert bare_till.take_back(a_void(receipt_id="T-1")).points == -20
    assert sell(bare_till, member, 5).points == 20
    assert used(bare_till) == 0, "no total, no shards"
    assert bare_till.audit(member) == []


def test_a_higher_total_in_the_next_version_needs_no_other_change(bare_till: Till) -> None:
    publish(bare_till.ledger, doubled(10))
    member = bare_till.a_member()
    assert [sell(bare_till, member, number).points for number in (1, 2)] == [20, 10]
    publish(bare_till.ledger, doubled(20))
    bare_till.earning = container(bare_till.ledger, bare_till.clock)
    assert [sell(bare_till, member, number).points for number in (3, 4)] == [20, 10]


@pytest.mark.parametrize("total", [7, 55, 200])
def test_a_budget_is_a_hard_stop_for_sales_at_the_same_time(total: int, bare_till: Till) -> None:
    publish(bare_till.ledger, doubled(total))
    members = [bare_till.a_member() for _ in range(24)]
    tills = [Till(ledger=bare_till.ledger, clock=bare_till.clock) for _ in range(4)]

    def one(at: int) -> int:
        return sell(tills[at % 4], members[at], at, yuan=5).points

    with ThreadPoolExecutor(4) as pool:
        points = sum(pool.map(one, range(24)))
    extra = points - 24 * 5
    assert used(bare_till) == extra * 1000
    assert extra == min(total, 24 * 5)
    assert audited(bare_till) == []


def test_a_hot_budget_costs_one_write_more_and_no_read(bare_till: Till) -> None:
    publish(bare_till.ledger, doubled(1_000_000))
    member = bare_till.a_member()
    for number in range(SHARDS * 2):
        sell(bare_till, member, number)
    touched = [item for item in items(bare_till) if is_budget(item)]
    assert len(touched) > 1, "sales spread over the shards"
    assert {(item["pk"], item["sk"]) for item in touched} <= {tuple(keys.budget("double", at)) for at in range(SHARDS)}


def test_any_returns_in_any_order_leave_budget_and_points_at_nothing(bare_till: Till) -> None:
    publish(bare_till.ledger, doubled(30))
    member = bare_till.a_member()
    chance = random.Random(4)  # noqa: S311 the same order every time
    for number in range(6):
        sell(bare_till, member, number)
    parts = [(number, part) for number in range(6) for part in range(3)]
    chance.shuffle(parts)
    for number, part in parts:
        bare_till.take_back(a_refund([300, 300, 400][part], receipt_id=f"T-{number}", refund_id=f"R-{part}"))
    assert (bare_till.balance(member), used(bare_till)) == ((0, 0, 0, 0), 0)
    assert audited(bare_till) == []
    assert bare_till.audit(member) == []
