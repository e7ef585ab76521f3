"""A sale as the ledger keeps it: nothing that counts is lost, and its digest tells repetition from conflict."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.webhooks.schemas import SaleCompleted, SaleRefunded
from shared.earning.receipts import return_digest
from shared.earning.sale import Facts, RefundPart, ReturnedLine, Sale, SaleLine, Tender
from shared.earning.sale_items import (
    decimal_text,
    facts_details,
    facts_of,
    part_details,
    part_of,
    sale_details,
    sale_digest,
    sale_of,
)
from shared.runtime.attributes import decode, encode
from tests.builders import NOW, a_line, a_refund, a_sale, a_void

IDS = st.text("0123456789ABCDEFab-甲", min_size=1, max_size=14)
QUANTITIES = st.decimals(0, 999_999_999, places=6).map(Fraction)
AMOUNTS = st.integers(0, 10**12)
LINES = st.lists(
    st.builds(
        SaleLine,
        line_id=IDS,
        sku=IDS,
        quantity=QUANTITIES,
        net_minor=AMOUNTS.map(Fraction),
        category=st.one_of(st.none(), st.sampled_from(["生鲜", "有机蔬菜", "未分类"])),
        tags=st.lists(st.sampled_from(["当日鲜品", "临期"]), max_size=2).map(tuple),
        gift_card=st.booleans(),
    ),
    min_size=1,
    max_size=6,
).map(tuple)
TENDERS = st.lists(st.builds(Tender, type=IDS, amount_minor=AMOUNTS), max_size=3).map(tuple)
SALES = st.builds(
    Sale,
    store_id=st.just("SH001"),
    receipt_id=st.just("T-1001"),
    occurred_at=st.just(NOW),
    currency=st.just("CNY"),
    lines=LINES,
    tenders=TENDERS,
    total_minor=AMOUNTS,
)
PARTS = st.builds(
    RefundPart,
    lines=st.lists(
        st.builds(ReturnedLine, line_id=IDS, quantity=QUANTITIES, net_minor=AMOUNTS.map(Fraction)), max_size=4
    ).map(tuple),
    amount_minor=st.one_of(st.none(), AMOUNTS),
)


@given(SALES)
def test_a_sale_comes_back_as_it_went(sale: Sale) -> None:
    stored = decode(encode(sale_details(sale)))
    assert sale_of(stored, store_id="SH001", receipt_id="T-1001", occurred_at=NOW) == sale


@given(SALES)
def test_a_sale_that_comes_back_has_the_same_digest(sale: Sale) -> None:
    stored = decode(encode(sale_details(sale)))
    again = sale_of(stored, store_id="SH001", receipt_id="T-1001", occurred_at=NOW)
    assert sale_digest(again) == sale_digest(sale)


@given(PARTS)
def test_a_refund_comes_back_as_it_went(part: RefundPart) -> None:
    assert part_of(decode(encode(part_details(part)))) == part


def test_facts_come_back_as_they_went() -> None:
    facts = Facts(tier_id="gold", zone="America/New_York")
    assert facts_of(facts_details(facts, facts.rooms)) == facts


@pytest.mark.parametrize(
    ("quantity", "text"),
    [("1", "1"), ("1.0", "1"), ("0.5", "0.5"), ("0.000001", "0.000001"), ("100", "100"), ("999999999.999999",) * 2],
)
def test_a_quantity_is_written_without_exponent_or_spare_zeros(quantity: str, text: str) -> None:
    assert decimal_text(Fraction(Decimal(quantity))) == text


POSTED = {
    "type": "sale.completed",
    "data": {
        "store_id": "SH001",
        "receipt_id": "T-1001",
        "occurred_at": "2026-12-16T10:21:00+08:00",
        "member": {"member_id": "mem_01JF0000000000000000000000"},
        "currency": "CNY",
        "lines": [
            {"line_id": "1", "sku": "6901234567892", "category": "生鲜", "quantity": "2", "net": 12000},
            {"line_id": "2", "sku": "6901234567893", "tags": ["当日鲜品"], "quantity": "0.5", "net": 999},
        ],
        "tenders": [{"type": "wechat_pay", "amount": 12999}],
        "total": 12999,
    },
}


def reversed_members(value: object) -> object:
    if isinstance(value, dict):
        return {name: reversed_members(part) for name, part in reversed(list(value.items()))}
    return [reversed_members(part) for part in value] if isinstance(value, list) else value


def posted_digest(posted: object) -> bytes:
    return sale_digest(SaleCompleted.model_validate_json(json.dumps(posted)).data.event().sale)


def edited(edit: Callable[[dict[str, object]], object]) -> object:
    posted = json.loads(json.dumps(POSTED))
    edit(posted["data"])
    return posted


def test_the_digest_of_a_sale_is_what_it_has_always_been() -> None:
    """Digests stand in the ledger for ever: a change of this value makes every redelivery a conflict."""
    assert posted_digest(POSTED).hex() == "f50ea4e1ffc127919d66979cc56822ff"


def test_the_digest_of_a_refund_is_what_it_has_always_been() -> None:
    assert return_digest(a_refund(lines={"1": 6000})).hex() == "eff4d6c7af1efe12b82199f1d10696a0"
    assert return_digest(a_void()).hex() == "9d37af03831e22e561b8331ab87c2c87"


SAME = {
    "members in another order": reversed_members(POSTED),
    "an instant in another zone": edited(lambda data: data.update(occurred_at="2026-12-16T02:21:00Z")),
    "a quantity with spare zeros": edited(lambda data: data["lines"][0].update(quantity="2.000")),  # type: ignore[index]
    "a name of goods": edited(lambda data: data["lines"][0].update(name="有机牛奶")),  # type: ignore[index]
    "defaults written out": edited(lambda data: data["lines"][0].update(tags=[], gift_card=False)),  # type: ignore[index]
    "parts of a millisecond": edited(lambda data: data.update(occurred_at="2026-12-16T10:21:00.000999+08:00")),
}


@pytest.mark.parametrize("posted", SAME.values(), ids=SAME)
def test_the_digest_does_not_change_with_how_the_same_is_written(posted: object) -> None:
    assert posted_digest(posted) == posted_digest(POSTED)


OTHER = {
    "the store": edited(lambda data: data.update(store_id="SH002")),
    "the receipt": edited(lambda data: data.update(receipt_id="T-1002")),
    "the instant": edited(lambda data: data.update(occurred_at="2026-12-16T10:21:00.001+08:00")),
    "the currency": edited(lambda data: data.update(currency="HKD")),
    "the total": edited(lambda data: data.update(total=12998)),
    "a tender's type": edited(lambda data: data["tenders"][0].update(type="cash")),  # type: ignore[index]
    "a tender's amount": edited(lambda data: data["tenders"][0].update(amount=12998)),  # type: ignore[index]
    "no tenders": edited(lambda data: data.update(tenders=[])),
    "a line's amount": edited(lambda data: data["lines"][0].update(net=11000)),  # type: ignore[index]
    "a line's SKU": edited(lambda data: data["lines"][0].update(sku="6901234567893")),  # type: ignore[index]
    "a line's quantity": edited(lambda data: data["lines"][0].update(quantity="3")),  # type: ignore[index]
    "a line's category": edited(lambda data: data["lines"][0].update(category="家居")),  # type: ignore[index]
    "a line's id": edited(lambda data: data["lines"][0].update(line_id="9")),  # type: ignore[index]
    "a line's tags": edited(lambda data: data["lines"][1].update(tags=[])),  # type: ignore[index]
    "a gift card": edited(lambda data: data["lines"][1].update(gift_card=True)),  # type: ignore[index]
    "a line less": edited(lambda data: data["lines"].pop()),  # type: ignore[attr-defined]
}


@pytest.mark.parametrize("posted", OTHER.values(), ids=OTHER)
def test_the_digest_changes_with_the_content(posted: object) -> None:
    assert posted_digest(posted) != posted_digest(POSTED)


def test_all_contents_have_digests_of_their_own() -> None:
    assert len({posted_digest(posted) for posted in OTHER.values()}) == len(OTHER)


REFUND = a_refund(lines={"1": 6000, "2": 500})
OTHER_REFUNDS = {
    "the refund": replace(REFUND, return_id="R-2"),
    "the receipt": replace(REFUND, receipt_id="T-1002"),
    "the store": replace(REFUND, store_id="SH002"),
    "the amount of a line": a_refund(lines={"1": 6001, "2": 500}),
    "a line less": a_refund(lines={"1": 6000}),
    "a quantity": a_refund(lines={"1": 6000, "2": 500}, quantity=2),
    "an amount instead": a_refund(6500),
}


@pytest.mark.parametrize("refund", OTHER_REFUNDS.values(), ids=OTHER_REFUNDS)
def test_the_digest_of_a_refund_changes_with_its_content(refund: object) -> None:
    assert return_digest(refund) != return_digest(REFUND)  # type: ignore[arg-type]


def test_a_refund_told_again_later_in_other_words_has_the_same_digest() -> None:
    again = replace(REFUND, occurred_at=NOW + timedelta(seconds=1), reason="另一个说法")
    assert return_digest(again) == return_digest(REFUND)


def test_a_refund_posted_with_members_in_another_order_has_the_same_digest() -> None:
    posted = {
        "type": "sale.refunded",
        "data": {
            "store_id": "SH001",
            "receipt_id": "T-1001",
            "refund_id": "R-1",
            "occurred_at": "2026-12-16T10:21:00+08:00",
            "lines": [{"line_id": "1", "quantity": "1", "net": 6000}],
        },
    }
    digests = {
        return_digest(SaleRefunded.model_validate_json(json.dumps(written)).data.event())
        for written in (posted, reversed_members(posted))
    }
    assert len(digests) == 1


def test_lines_numbered_from_one_cost_no_ids() -> None:
    numbered = a_sale(lines=[a_line(100, str(at)) for at in range(1, 11)])
    named = a_sale(lines=[a_line(100, f"line-{at}") for at in range(1, 11)])
    assert len(sale_details(numbered)["ln"]) < len(sale_details(named)["ln"])
