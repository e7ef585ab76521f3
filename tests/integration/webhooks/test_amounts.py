"""Traps of decimals: quantities are exact, amounts are integers of minor units, nothing stored is a float. W12."""

import json
import zlib
from fractions import Fraction
from typing import Any

import pytest

from shared.earning.receipts import receipt_of
from shared.program.rules import EarnRule, PerAmount
from tests.builders import a_program, container, publish
from tests.http_events import answered
from tests.integration.webhooks.conftest import Posting

EXACT = ["15.6087", "4.34783", "118.8", "0.000001", "999999999.999999", "1"]
NO_QUANTITY = [
    "1e2",
    "-1",
    "+1",
    "NaN",
    "Infinity",
    "9" * 40,
    "1.1234567",
    ".5",
    "5.",
    "1,5",
    "",
    "１",
    4.34783,
    2,
    None,
]
NO_AMOUNT = [118.8, 4.34783, 1e2, -1, 10**40, "118", True, None]
LARGEST = 10**12


def a_line(quantity: Any = "1", net: Any = 10_000) -> dict[str, Any]:
    return {"line_id": "1", "sku": "S-1", "quantity": quantity, "net": net}


def test_w12_quantities_of_scales_are_kept_to_the_last_digit(posting: Posting) -> None:
    member = posting.till.a_member()
    for number, quantity in enumerate(EXACT):
        sale = posting.sale(member, receipt_id=f"R-{number}", lines=[a_line(quantity)])
        assert answered(posting.post(sale))["points"] == 10
    stored = [receipt_of(item) for item in posting.till.everything().values() if item.get("k") == "earned"]
    kept = {one.sale.receipt_id: one.sale.lines[0].quantity for one in stored}
    assert kept == {f"R-{number}": Fraction(quantity) for number, quantity in enumerate(EXACT)}


def test_w12_what_is_no_decimal_or_no_whole_amount_is_kept_aside_and_earns_nothing(posting: Posting) -> None:
    member = posting.till.a_member()
    wrong = [(posting.sale(member, lines=[a_line(quantity)]), "/data/lines/0/quantity") for quantity in NO_QUANTITY]
    wrong += [(posting.sale(member, lines=[a_line(net=net)]), "/data/lines/0/net") for net in NO_AMOUNT]
    wrong += [(posting.sale(member, total=total), "/data/total") for total in [*NO_AMOUNT, LARGEST + 1]]
    for sale, pointer in wrong:
        answer = answered(posting.post(sale))
        assert (answer["result"], answer["reason"]) == ("quarantined", "validation-failed"), sale
        assert pointer in {one["pointer"] for one in answer["errors"]}
    for word in ("NaN", "Infinity", "-Infinity"):
        body = json.dumps(posting.sale(member)).replace('"total": 10000', f'"total": {word}').encode()
        assert answered(posting.post(body))["reason"] == "malformed-json"
    assert posting.till.points(member) == []


@pytest.mark.parametrize(
    ("currency", "per_minor", "nets", "points", "told"),
    [
        ("JPY", 100, [333, 333, 333], 9, "¥999"),
        ("KWD", 1_000, [3_333, 3_333, 3_334], 10, "KWD 10.000"),
        ("CNY", 1_000, [3_333, 3_333, 3_333], 9, "¥99.99"),
    ],
)
def test_w12_every_currency_is_counted_in_its_own_minor_units_and_rounded_once(
    posting: Posting, currency: str, per_minor: int, nets: list[int], points: int, told: str
) -> None:
    base = EarnRule(id="base", name="base", give=PerAmount(points=1, per_amount_minor=per_minor))
    publish(posting.till.ledger, a_program(base, currency=currency))
    posting.till.earning = container(posting.till.ledger, posting.till.clock)
    member = posting.till.a_member()
    lines = [{**a_line(net=net), "line_id": str(at), "category": "家居"} for at, net in enumerate(nets)]
    answer = answered(posting.post(posting.sale(member, sum(nets), currency=currency, lines=lines)))
    assert (answer["points"], posting.till.points(member)) == (points, [points])
    assert told in answer["explain"][1]["text"]


def test_w12_the_largest_amounts_are_counted_and_nothing_stored_is_a_float(posting: Posting) -> None:
    member = posting.till.a_member()
    lines = [{**a_line("999999999.999999", LARGEST), "line_id": str(at)} for at in range(10)]
    posting.post(posting.sale(member, LARGEST, lines=lines, tenders=[{"type": "cash", "amount": LARGEST}]))
    refund = {"store_id": "SH001", "receipt_id": "R-1", "refund_id": "F-1", "amount": 1}
    refund["occurred_at"] = posting.till.clock().isoformat()
    posting.post({"type": "sale.refunded", "data": refund})
    posting.post(posting.sale(None, receipt_id="R-2", lines=[a_line("4.34783")]))
    assert sum(posting.till.points(member)) == LARGEST * 10 // 1_000 - 1
    values = list(every_value(list(posting.till.everything().values())))
    assert len(values) > 50
    assert {type(value) for value in values} <= {str, int, bool}


def every_value(value: Any) -> Any:
    """Give every plain value inside, also of what is stored compressed."""
    match value:
        case dict():
            for part in value.values():
                yield from every_value(part)
        case list():
            for part in value:
                yield from every_value(part)
        case bytes():
            try:
                yield from every_value(json.loads(zlib.decompress(value)))
            except zlib.error:  # a digest
                yield value.hex()
        case None:
            yield ""
        case _:
            yield value
