"""A receipt: what returns take back, in whatever order, and what waits for its sale (RCPT-1 to RCPT-4)."""

import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.earning.events import ReturnEvent
from shared.earning.grants import exceeds, grant, take_back, with_return
from shared.earning.guests import guest_item, guest_return_item
from shared.earning.receipts import (
    Parked,
    Receipt,
    nothing_of,
    parked_item,
    read_collection,
    read_parked,
    receipt_of,
    return_of,
)
from shared.earning.sale import Facts, Sale
from shared.earning.sale_items import sale_digest
from shared.errors import RefundExceedsSaleError
from shared.ledger.account import Account
from shared.ledger.items import entry_item
from shared.ledger.posting import Posting, begin
from shared.ledger.rules import Rules
from shared.program.model import AlreadySpent, Program
from shared.program.rules import EarnRule, ExtraPercent, FixedPoints, When
from shared.program.zones import zone_named
from shared.runtime.attributes import decode, encode
from tests.builders import NOW, ZONE, a_line, a_program, a_refund, a_sale, a_void, an_account, per_yuan

R1 = a_program()
R2 = a_program(per_yuan())


def sold(sale: Sale, program: Program = R1, account: Account | None = None, tier: str = "normal") -> Posting:
    posting = begin(account or an_account(), NOW, Rules(zone=zone_named(ZONE)))
    return grant(posting, sale, Facts(tier_id=tier, zone=ZONE), program, content=sale_digest(sale)).posting


def receipt_in(posting: Posting) -> Receipt:
    return receipt_of(decode(encode(entry_item(posting.entries[-1]))))


def taken(sale: Sale, program: Program, *events: ReturnEvent) -> list[int]:
    """Say what each return of a sale takes, all in one posting."""
    posting = sold(sale, program)
    receipt = receipt_in(posting)
    for event in events:
        posted = take_back(posting, receipt, event, lambda _: program, exceeding=exceeds(receipt, event))
        receipt, posting = with_return(receipt, posted), posted.posting
    return [one.taken for one in receipt.returns]


def in_parts(*amounts: int) -> list[ReturnEvent]:
    return [a_refund(amount, refund_id=f"R-{at}") for at, amount in enumerate(amounts, start=1)]


E3 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 20]
BONUS = EarnRule(id="100+10", name="满100元加赠10分", give=FixedPoints(points=10), when=When(min_amount_minor=10_000))
NEW = EarnRule(
    id="new", name="新品类", give=ExtraPercent(percent=Decimal(30)), when=When(categories=frozenset({"有机蔬菜"}))
)
X_AND_Y = a_sale(lines=[a_line(4_000, "X", category="有机蔬菜"), a_line(6_000, "Y", category="家居")])
TAKEN: list[tuple[str, Sale, Program, list[ReturnEvent], list[int]]] = [
    ("E3 ten refunds of 1.00, then the rest", a_sale(21_900), R1, in_parts(*[100] * 10, 20_900), E3),
    ("E3 the void of it", a_sale(21_900), R1, [a_void()], [21]),
    ("E4a the bonus falls with the threshold", a_sale(12_000), a_program(*R1.earn, BONUS), in_parts(3_000), [13]),
    ("E4a the rest", a_sale(12_000), a_program(*R1.earn, BONUS), in_parts(3_000, 9_000), [13, 9]),
    ("E4c the line that came back", X_AND_Y, a_program(*R2.earn, NEW), [a_refund(lines={"Y": 6_000})], [60]),
    ("E4c the other line", X_AND_Y, a_program(*R2.earn, NEW), [a_refund(lines={"X": 4_000})], [52]),
    ("L7 thirds", a_sale(10_000), R2, in_parts(3_333, 3_333, 3_334), [34, 33, 33]),
    ("L7 thirds of lines", a_sale(100, 100, 100), R1, in_parts(100, 100, 100), [0, 0, 0]),
    ("RCPT-3 a return after the void", a_sale(21_900), R1, [a_void(), *in_parts(100)], [21, 0]),
    ("a refund of nothing", a_sale(21_900), R1, in_parts(0), [0]),
    ("a sale of nothing", a_sale(0), R1, [a_void()], [0]),
]


@pytest.mark.parametrize(
    ("sale", "program", "events", "expected"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN]
)
def test_what_returns_take(sale: Sale, program: Program, events: list[ReturnEvent], expected: list[int]) -> None:
    assert taken(sale, program, *events) == expected


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_rcpt_2_what_is_taken_in_all_does_not_depend_on_the_order(order: tuple[int, ...]) -> None:
    events = [*in_parts(100, 5_000, 777), a_refund(lines={"1": 10_000}, refund_id="L")]
    assert sum(taken(a_sale(10_000, 20_000), R1, *(events[at] for at in order))) == 30 - 14


@given(st.data())
def test_rcpt_2_once_all_is_returned_exactly_what_was_earned_is_taken(data: st.DataObject) -> None:
    nets = data.draw(st.lists(st.integers(0, 50_000), min_size=1, max_size=4))
    left = sum(nets)
    parts: list[int] = []
    while left:
        part = data.draw(st.integers(1, left)) if len(parts) < 6 else left
        parts.append(part)
        left -= part
    program = data.draw(st.sampled_from([R1, R2, a_program(*R1.earn, BONUS)]))
    sale = a_sale(*nets)
    earned = receipt_in(sold(sale, program)).grant
    assert earned is not None
    assert sum(taken(sale, program, *in_parts(*parts))) == (earned.earned if parts else 0)


@pytest.mark.parametrize("policy", list(AlreadySpent))
def test_a_return_counts_what_was_written_off_as_taken(policy: AlreadySpent) -> None:
    """A second refund takes what it should, whatever the first one had to let go."""
    program = a_program(per_yuan(), if_already_spent=policy)
    posting = sold(a_sale(10_000), program)
    receipt = receipt_in(posting)
    posting = replace(posting, account=replace(posting.account, lots={"~": 30}))  # 70 are spent
    balances = []
    for event in in_parts(5_000, 2_000, 3_000):
        posted = take_back(posting, receipt, event, lambda _: program)
        receipt, posting = with_return(receipt, posted), posted.posting
        balances.append(posting.account.balance.available)
    assert [one.taken for one in receipt.returns] == [50, 20, 30]
    assert balances == ([-20, -40, -70] if policy is AlreadySpent.ALLOW_NEGATIVE else [0, 0, 0])


def test_rcpt_1_the_next_return_takes_the_next_number() -> None:
    posting = sold(a_sale())
    receipt = receipt_in(posting)
    for number in (1, 2):
        posted = take_back(posting, receipt, a_refund(100, refund_id=f"R-{number}"), lambda _: R1)
        assert posted.entry.key == ("SALE#SH001#T-1001", f"RETURN#000{number}")
        receipt, posting = with_return(receipt, posted), posted.posting


EXCEEDING: list[tuple[str, ReturnEvent, dict[str, Any]]] = [
    ("more than the sale", a_refund(10_001), {"required": 10_001, "available": 10_000}),
    ("more than a line", a_refund(lines={"1": 4_001}), {"required": 4_001, "available": 4_000, "line_id": "1"}),
    ("a line that is not there", a_refund(lines={"9": 1}), {"required": 1, "available": 0, "line_id": "9"}),
    ("more pieces than a line has", a_refund(lines={"1": 1}, quantity=2), {"line_id": "1"}),
]


@pytest.mark.parametrize(("event", "fields"), [row[1:] for row in EXCEEDING], ids=[row[0] for row in EXCEEDING])
def test_a_return_of_more_than_is_left_is_refused(event: ReturnEvent, fields: dict[str, Any]) -> None:
    receipt = receipt_in(sold(a_sale(4_000, 6_000)))
    assert exceeds(receipt, event)
    with pytest.raises(RefundExceedsSaleError) as refused:
        receipt.left(event)
    assert refused.value.fields.items() >= fields.items()


def test_a_parked_return_of_more_than_is_left_is_recorded_and_takes_nothing() -> None:
    """It was accepted when nobody knew its sale; the next return is computed as if it had not been."""
    events = [a_refund(10_001, refund_id="much"), a_refund(5_000, refund_id="half"), a_refund(5_001, refund_id="more")]
    assert taken(a_sale(10_000), R1, *events) == [0, 5, 0]


def test_rcpt_3_after_a_void_any_return_is_recorded_and_takes_nothing() -> None:
    events = [a_void(), a_refund(999_999, refund_id="R"), a_refund(lines={"9": 1}, refund_id="S")]
    assert taken(a_sale(21_900), R1, *events) == [21, 0, 0]


def test_a_collection_is_read_with_its_returns_in_order() -> None:
    posting = sold(a_sale())
    first = take_back(posting, receipt_in(posting), a_refund(1_000, refund_id="R-1"), lambda _: R1)
    receipt = with_return(receipt_in(posting), first)
    second = take_back(first.posting, receipt, a_void(), lambda _: R1)
    items = [entry_item(entry) for entry in (first.entry, second.entry, posting.entries[-1])]
    collection = read_collection([decode(encode(item)) for item in items])
    assert collection.receipt == with_return(receipt, second)
    assert collection.receipt is not None
    assert collection.receipt.voided
    assert [one.return_id for one in collection.receipt.returns] == ["R-1", "void"]


def test_rcpt_4_an_empty_place_holds_neither_receipt_nor_parked_returns() -> None:
    assert read_collection([]).receipt is None
    assert read_collection([]).parked == Parked(revision=0)


@pytest.mark.parametrize(
    "event",
    [a_refund(100), a_refund(lines={"1": 100, "2": 50}, reason="破损"), a_refund(0), a_void()],
    ids=["amount", "lines", "nothing", "void"],
)
def test_rcpt_4_a_parked_return_comes_back_as_it_went(event: ReturnEvent) -> None:
    parked = Parked(revision=3, events=(a_refund(7, refund_id="R-0"), event))
    item = decode(encode(parked_item("SH001", "T-1001", parked)))
    assert read_parked(item) == parked
    assert read_collection([item]).parked == parked
    assert read_collection([item]).receipt is None


def test_a_guests_return_is_recorded_and_moves_nothing() -> None:
    receipt = receipt_of(decode(encode(guest_item(a_sale(10_000), "guest"))))
    item = decode(encode(guest_return_item(receipt, a_refund(3_000))))
    assert "m" not in item
    assert item["sk"] == "RETURN#0001"
    assert return_of(item).part == a_refund(3_000).part


def test_nothing_is_left_of_any_line() -> None:
    assert [line.net_minor for line in nothing_of(a_sale(3_333, 0, 6_667)).lines] == [0, 0, 0]
