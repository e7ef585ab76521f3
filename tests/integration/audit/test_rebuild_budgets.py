"""`jifen ops rebuild --budgets`: a budget counts what sales took of it, less what returns gave back. L11, K6."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from cli.rebuild_derived import rules_with_budgets
from shared import keys
from shared.earning.audit import budget_differences, is_budget, spent_of_budgets
from shared.earning.rebuild_budgets import misspent, set_budget_right
from shared.ledger.store import StaleReadError
from shared.program.rules import Budget, EarnRule, FixedPoints, Multiply
from shared.runtime.attributes import encode
from tests.builders import NOW, Till, a_program, a_refund, a_sale, patience, per_yuan, publish
from tests.deeds import deeds_on, told
from tests.integration.audit.test_rebuild import ops

HOUR: Final = timedelta(hours=1)
DOUBLE: Final = EarnRule(id="double", name="双倍", give=Multiply(factor=Decimal(2)), budget=Budget(points_total=5_000))
GIFT: Final = EarnRule(id="gift", name="赠分", give=FixedPoints(points=7), budget=Budget(points_total=500))


@pytest.fixture
def till(bare_till: Till) -> Till:
    """Give a shop whose campaigns, one of them of an earlier version, have spent something and got some back."""
    publish(bare_till.ledger, a_program(per_yuan(), GIFT), (NOW - HOUR, a_program(per_yuan(), DOUBLE)))
    sell(bare_till, 1, at=NOW - 2 * HOUR)
    for number in range(2, 8):
        sell(bare_till, number)
    bare_till.take_back(a_refund(2_000, receipt_id="T-4"))
    return bare_till


def sell(till: Till, number: int, *, at: datetime = NOW) -> None:
    till.sell(a_sale(12_000, receipt_id=f"T-{number}", occurred_at=at), till.a_member())


def shards(till: Till) -> dict[Any, int]:
    read = till.earning.budgets.read(rules_with_budgets(till.ledger), patience())
    return {place: used for place, used in read.items() if used}


def spoil(till: Till, rule_id: str, shard: int, by: int) -> None:
    """Change a shard behind the product's back."""
    till.ledger.client.update_item(
        TableName=till.ledger.tables.ledger,
        Key=encode(keys.budget(rule_id, shard)._asdict()),
        UpdateExpression="ADD used :by",
        ExpressionAttributeValues=encode({":by": by}),
    )


def audited(till: Till) -> list[str]:
    items = [item for item in till.everything().values() if "pk" in item]
    return budget_differences(filter(is_budget, items), spent_of_budgets(items))


def test_k6_budgets_that_were_changed_by_hand_are_rebuilt_from_their_sales(till: Till, engine_url: str) -> None:
    before = shards(till)
    assert {rule_id for rule_id, _ in before} == {"double", "gift"}
    (rule_id, shard), used = min(before.items())
    spoil(till, rule_id, shard, 5_000)
    spoil(till, "gift", 3 if ("gift", 3) not in before else 4, 1_000)
    lost = max(before)
    till.ledger.client.delete_item(TableName=till.ledger.tables.ledger, Key=encode(keys.budget(*lost)._asdict()))
    assert len(audited(till)) == 3

    answer = ops(till, engine_url, "rebuild", "--budgets", "--yes", "--by", "ops-1")

    assert answer.exit_code == 0, answer.output
    assert f"{rule_id} shard {shard}: {used + 5_000} spent, its sales make it {used}" in answer.output
    assert "3 shards set right, 0 still differ" in answer.output
    assert (shards(till), audited(till)) == (before, [])
    assert ops(till, engine_url, "rebuild", "--budgets").output.endswith("0 shards set right, 0 still differ\n")


def test_who_did_it_stands_in_the_trail_and_a_shard_that_moved_meanwhile_is_left(till: Till) -> None:
    spoil(till, "double", 0, 1_000)
    items = [item for item in till.everything().values() if "pk" in item]
    (found,) = misspent(till.earning.budgets.read(["double", "gift"], patience()), spent_of_budgets(items))
    spoil(till, "double", 0, 1_000)
    with pytest.raises(StaleReadError):
        set_budget_right(found, till.earning.budgets, patience(), author="ops-1", at=till.clock())
    spoil(till, "double", 0, -1_000)

    set_budget_right(found, till.earning.budgets, patience(), author="ops-1", at=till.clock())

    assert audited(till) == []
    assert told(deeds_on(till.clock().date(), till.ledger)) == [("budget.rebuilt", "ops-1", "")]


def test_returns_without_their_sale_are_told_and_left_to_a_person(till: Till, engine_url: str) -> None:
    for number in range(2, 8):  # all that spent of it, as they may have taken from one shard
        sale = keys.sale("SH001", f"T-{number}")
        till.ledger.client.delete_item(TableName=till.ledger.tables.ledger, Key=encode(sale._asdict()))
    answer = ops(till, engine_url, "rebuild", "--budgets", "--yes")
    assert answer.exit_code == 1
    assert "returns gave back more than sales took" in answer.output
