"""Bonuses that hang on other sales, where a cap cuts into them, or where returns come first."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.program.model import Safety
from shared.program.rules import Budget, EarnRule, FixedPoints, RuleLimit, Totals, When
from tests.builders import NOW, Till, a_program, a_refund, a_sale, a_void, per_yuan, publish

SECOND = EarnRule(id="second", name="当月第2单送50", give=FixedPoints(points=50), when=When(order_number_in_month=2))
CROSS_STORE = EarnRule(
    id="cross",
    name="两店满30送100",
    give=FixedPoints(points=100),
    when=When(totals=Totals(within_days=30, distinct_stores=2, amount_minor=30_00)),
    limit=RuleLimit(per_member=1, every="month"),
)
PLACE: dict[str, Any] = {"receipt_id": "C", "store_id": "SH002"}
MONTH_BEFORE = NOW - timedelta(days=20)


def sell(till: Till, member: str, receipt: str, yuan: int, *, store: str = "SH001", at: datetime = NOW) -> int:
    return till.sell(a_sale(yuan * 100, receipt_id=receipt, store_id=store, occurred_at=at), member).points


def nothing_is_left(till: Till, member: str) -> bool:
    account = till.account(member)
    return (account.balance, dict(account.counters), dict(account.qualifying)) == ((0, 0, 0, 0), {}, {})


def test_a_return_goes_on_after_one_of_two_bonuses_below_a_cap_was_undone(bare_till: Till) -> None:
    """Without the one bonus the cap would leave room for the other, which the account has never heard of."""
    program = replace(a_program(per_yuan(), SECOND, CROSS_STORE), safety=Safety(per_order_max_points=60))
    publish(bare_till.ledger, program)
    member = bare_till.a_member()
    assert sell(bare_till, member, "A", 20, at=MONTH_BEFORE) == 20
    assert sell(bare_till, member, "B", 10) == 10
    assert sell(bare_till, member, "C", 10, store="SH002") == 60
    bare_till.take_back(a_void(receipt_id="B"))
    assert bare_till.points(member)[-2:] == [-10, -50]
    for number, left in enumerate((20 + 5, 20)):
        bare_till.take_back(a_refund(5_00, refund_id=f"R-{number}", **PLACE))
        assert bare_till.available(member) == left
    bare_till.take_back(a_void(receipt_id="A"))
    assert nothing_is_left(bare_till, member)
    assert bare_till.audit(member) == []


def test_a_sale_takes_returns_along_that_undo_its_own_bonus(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), CROSS_STORE))
    member = bare_till.a_member()
    sell(bare_till, member, "A", 10)
    for number, yuan in enumerate((5, 6, 4)):
        assert bare_till.take_back(a_refund(yuan * 100, refund_id=f"R-{number}", **PLACE)).result == "parked"
    sell(bare_till, member, "C", 25, store="SH002")
    assert bare_till.points(member) == [10, 125, -5, -6, -100, -4]
    bare_till.take_back(a_void(**PLACE))
    bare_till.take_back(a_void(receipt_id="A"))
    assert nothing_is_left(bare_till, member)
    assert bare_till.audit(member) == []


def test_a_sale_that_cost_nothing_is_an_order_until_it_is_voided(bare_till: Till) -> None:
    publish(bare_till.ledger, a_program(per_yuan(), SECOND))
    member = bare_till.a_member()
    sell(bare_till, member, "A", 0)
    assert sell(bare_till, member, "B", 10) == 60
    bare_till.take_back(a_void(receipt_id="A"))
    assert bare_till.available(member) == 10
    bare_till.take_back(a_void(receipt_id="B"))
    assert nothing_is_left(bare_till, member)
    assert bare_till.audit(member) == []


def test_a_bonus_that_was_undone_gives_its_budget_back_with_its_sale(bare_till: Till) -> None:
    second = replace(SECOND, budget=Budget(points_total=80, per_member_per_day=60))
    publish(bare_till.ledger, a_program(per_yuan(), second))
    member = bare_till.a_member()
    sell(bare_till, member, "A", 10)
    sell(bare_till, member, "B", 10)
    bare_till.take_back(a_void(receipt_id="A"))
    bare_till.take_back(a_void(receipt_id="B"))
    assert nothing_is_left(bare_till, member)
    sell(bare_till, member, "C", 10)
    assert sell(bare_till, member, "D", 10) == 60
