"""What earning costs: write units (P1, P5) and AWS calls (P7), counted on the engine."""

from dataclasses import replace
from datetime import date

import pytest

from cli.figures import EARN
from shared.earning.events import ReturnEvent
from shared.earning.sale import Sale
from shared.keys import redemption
from shared.ledger.account import Movement
from shared.ledger.entries import EntryKind
from shared.ledger.posting import begin
from shared.ledger.rules import Rules
from shared.ledger.store import Guard, StaleReadError
from shared.program.calendar import add_months, end_of_month
from shared.program.zones import zone_named
from tests.builders import (
    ZONE,
    Till,
    a_ladder,
    a_line,
    a_program,
    a_refund,
    a_sale,
    a_void,
    months,
    patience,
    publish,
)
from tests.observed import observed

CATEGORIES = ("生鲜", "有机蔬菜", "进口零食", "家居")


def of_ten_lines(receipt_id: str) -> Sale:
    lines = [
        a_line(1_099 + 777 * at, str(at + 1), sku=f"69012345678{at:02d}", category=CATEGORIES[at % 4], quantity=1 + at)
        for at in range(10)
    ]
    return a_sale(lines=lines, receipt_id=receipt_id, tenders={"wechat_pay": 45_955})


def with_48_lots(till: Till) -> str:
    member = till.a_member()
    posting = begin(till.account(member), till.clock(), Rules(zone=zone_named(ZONE)))
    ends = [end_of_month(add_months(date(2026, 12, 1), month)) for month in range(48)]
    key = redemption("rdm_48")
    movement = Movement(lots={f"{day:%y%m%d}": 12_345 for day in ends})
    posting = posting.add(EntryKind.EARNED, key, movement)
    till.ledger.commit(posting, patience(), guards={key: Guard(refusal=lambda _old: StaleReadError())})
    return member


@pytest.fixture
def shop(bare_till: Till) -> Till:
    """Give a warm till of a shop with tiers, where points wait a week and live a year."""
    program = a_program(expire=months(12), tiers=a_ladder())
    publish(bare_till.ledger, program)
    bare_till.sell(a_sale(receipt_id="warm"), bare_till.a_member())
    return bare_till


def test_p1_an_earn_costs_at_most_five_write_units(shop: Till) -> None:
    member = with_48_lots(shop)
    with observed(shop.ledger.client) as traffic:
        shop.sell(of_ten_lines("T-1"), member)
    assert traffic.write_units == EARN.write_units


def test_p7_an_earn_takes_two_calls(shop: Till) -> None:
    member = shop.a_member()
    with observed(shop.ledger.client) as traffic:
        shop.sell(of_ten_lines("T-1"), member)
    assert traffic.calls == ["GetItem", "TransactWriteItems"]
    assert traffic.read_units == EARN.read_units


RETURNS: list[tuple[str, ReturnEvent]] = [
    ("by line", a_refund(lines={"1": 1_099}, receipt_id="T-1")),
    ("by amount", a_refund(1_000, receipt_id="T-1")),
    ("void", a_void(receipt_id="T-1")),
]


@pytest.mark.parametrize("event", [row[1] for row in RETURNS], ids=[row[0] for row in RETURNS])
def test_p7_a_return_takes_three_calls(shop: Till, event: ReturnEvent) -> None:
    shop.sell(of_ten_lines("T-1"), shop.a_member())
    with observed(shop.ledger.client) as traffic:
        shop.take_back(event)
    assert traffic.calls == ["Query", "GetItem", "TransactWriteItems"]
    assert traffic.write_units <= 5


def test_p7_a_redelivered_sale_takes_two_calls_and_a_redelivered_return_one(shop: Till) -> None:
    sale, refund = of_ten_lines("T-1"), a_refund(1_000, receipt_id="T-1")
    member = shop.a_member()
    shop.sell(sale, member)
    shop.take_back(refund)
    with observed(shop.ledger.client) as traffic:
        shop.sell(sale, member)
        shop.take_back(refund)
    assert traffic.calls == ["GetItem", "TransactWriteItems", "Query"]
    assert traffic.write_units == 0


def test_a_guests_sale_takes_one_call_and_four_units_at_most(shop: Till) -> None:
    with observed(shop.ledger.client) as traffic:
        shop.sell(of_ten_lines("T-1"), None)
    assert traffic.calls == ["TransactWriteItems"]
    assert traffic.write_units <= 2


def test_a_sale_of_500_lines_is_recorded_and_returned(shop: Till) -> None:
    lines = [replace(a_line(1_000, str(at + 1)), sku=f"69{at * 7_919 % 10**11:011d}") for at in range(500)]
    member = shop.a_member()
    outcome = shop.sell(a_sale(lines=lines, receipt_id="T-1"), member)
    assert outcome.points == 500
    shop.take_back(a_refund(lines={str(at + 1): 1_000 for at in range(500)}, receipt_id="T-1"))
    assert shop.available(member) == 0
    assert shop.audit(member) == []
