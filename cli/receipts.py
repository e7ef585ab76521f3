"""Receipts of the "Online Retail" format as sales and refunds, by rules that a reader can check.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country. The rows of one
InvoiceNo are one receipt. Amounts are major units with decimals; a line's amount is quantity x price, rounded half up
to the minor unit.

1. A receipt whose number begins with C is a cancellation: each of its lines is a refund of the latest earlier lines of
   the same customer (all guests count as one) and stock code that still have something left, newest first; one refund
   per receipt that is refunded. What finds no line is `unmatched`; one of no goods at all is `no goods`.
2. A receipt without a customer is a guest's.
3. A receipt whose number begins with A is an adjustment of the books, not a sale: `adjustment`, reported.
4. POST, DOT and C2 are carriage; M, D, S, B, BANK CHARGES, AMAZONFEE, CRUK and PADS are no goods. None of them is a
   line. Discounts (D) in a sale lower the other lines in proportion.
5. Lines of price zero or quantity zero or less in a sale are dropped, as gifts and corrections of stock.
6. A receipt of which no line is left is `empty`, reported.
7. Repeated lines stay apart: line ids are their places in the receipt.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

NOT_GOODS: Final = frozenset(
    {"POST", "DOT", "C2", "M", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS", "GIFT"}
)
DISCOUNT: Final = "D"
GUEST: Final = ""
STORE: Final = "WEB"


class Row(NamedTuple):
    """One row of the file; the price in major units."""

    invoice: str
    stock_code: str
    quantity: int
    at: datetime
    price: Decimal
    customer: str


@dataclass(slots=True)
class OpenLine:
    """A line that was sold, and what of it has not come back."""

    receipt_id: str
    line_id: str
    sold_minor: int
    sold_quantity: int
    left_minor: int
    left_quantity: int


Outcome = Literal["sale", "refund", "unmatched", "no goods", "adjustment", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEvent:
    """An event in the house format, whose customer it concerns, and the invoice that it came from."""

    customer: str
    invoice: str
    type: Literal["sale.completed", "sale.refunded"]
    at: datetime
    data: dict[str, Any]


@dataclass(slots=True)
class Converted:
    """Everything that a file turns into: events in time order, and how many invoices came to what."""

    events: list[ReplayEvent] = field(default_factory=list)
    invoices: dict[Outcome, int] = field(default_factory=lambda: defaultdict(int))
    unmatched_lines: int = 0


def read_rows(path: Path, zone: ZoneInfo) -> Iterator[Row]:
    """Read a CSV file, gzipped or not, whose times are local in a zone."""
    opening = gzip.open if path.suffix == ".gz" else open
    with opening(path, "rt", encoding="utf-8-sig", newline="") as text:
        for row in csv.DictReader(text):
            yield Row(
                invoice=row["InvoiceNo"].strip(),
                stock_code=row["StockCode"].strip().upper(),
                quantity=int(row["Quantity"]),
                at=read_time(row["InvoiceDate"], zone),
                price=Decimal(row["UnitPrice"]),
                customer=row["CustomerID"].strip().removesuffix(".0"),
            )


@lru_cache(maxsize=4096)
def read_time(text: str, zone: ZoneInfo) -> datetime:
    for form in ("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    raise ValueError(f"not a time: {text!r}")


def convert(rows: Iterable[Row], currency: str) -> Converted:
    """Turn rows into events, in the order of their instants."""
    converted = Converted()
    open_lines: dict[tuple[str, str], list[OpenLine]] = defaultdict(list)
    for invoice, lines in _invoices(rows):
        if invoice.startswith("A"):
            converted.invoices["adjustment"] += 1
        elif invoice.startswith("C"):
            _cancel(invoice, lines, open_lines, converted)
        else:
            _sell(invoice, lines, open_lines, converted, currency)
    return converted


def _invoices(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.invoice, []).append(row)
    return sorted(grouped.items(), key=lambda invoice: (invoice[1][0].at, invoice[0].startswith("C")))


def _sell(
    invoice: str,
    rows: list[Row],
    open_lines: dict[tuple[str, str], list[OpenLine]],
    converted: Converted,
    currency: str,
) -> None:
    kept = [
        (str(place), row, _minor(row))
        for place, row in enumerate(rows, start=1)
        if row.stock_code not in NOT_GOODS and row.quantity > 0 and _minor(row) > 0
    ]
    if not kept:
        converted.invoices["empty"] += 1
        return
    discount = -sum(_minor(row) for row in rows if row.stock_code == DISCOUNT and _minor(row) < 0)
    nets = _discounted([minor for _, _, minor in kept], discount)
    first = rows[0]
    for (line_id, row, _), net in zip(kept, nets, strict=True):
        open_lines[first.customer, row.stock_code].append(
            OpenLine(invoice, line_id, net, row.quantity, net, row.quantity)
        )
    data: dict[str, Any] = {
        "store_id": STORE,
        "receipt_id": invoice,
        "occurred_at": first.at.isoformat(),
        "currency": currency,
        "lines": [
            {"line_id": line_id, "sku": row.stock_code, "quantity": str(row.quantity), "net": net}
            for (line_id, row, _), net in zip(kept, nets, strict=True)
        ],
        "total": sum(nets),
    }
    if first.customer != GUEST:
        data["member"] = {"external_id": first.customer}
    converted.invoices["sale"] += 1
    converted.events.append(
        ReplayEvent(customer=first.customer, invoice=invoice, type="sale.completed", at=first.at, data=data)
    )


def _cancel(
    invoice: str, rows: list[Row], open_lines: dict[tuple[str, str], list[OpenLine]], converted: Converted
) -> None:
    first = rows[0]
    returned: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for row in rows:
        wanted = -row.quantity if row.stock_code not in NOT_GOODS else 0
        for line in reversed(open_lines[first.customer, row.stock_code]):
            if wanted <= 0:
                break
            quantity = min(wanted, line.left_quantity)
            if not quantity:
                continue
            minor = _share(line, quantity)
            line.left_quantity -= quantity
            line.left_minor -= minor
            wanted -= quantity
            total = returned[line.receipt_id][line.line_id]
            total[0] += quantity
            total[1] += minor
        converted.unmatched_lines += wanted > 0
    goods = any(row.stock_code not in NOT_GOODS for row in rows)
    converted.invoices["refund" if returned else "unmatched" if goods else "no goods"] += 1
    for receipt_id, lines in sorted(returned.items()):
        data = {
            "store_id": STORE,
            "receipt_id": receipt_id,
            "refund_id": invoice,
            "occurred_at": first.at.isoformat(),
            "lines": [
                {"line_id": line_id, "quantity": str(quantity), "net": minor}
                for line_id, (quantity, minor) in lines.items()
            ],
        }
        converted.events.append(
            ReplayEvent(customer=first.customer, invoice=invoice, type="sale.refunded", at=first.at, data=data)
        )


def _share(line: OpenLine, quantity: int) -> int:
    """Give the part of a line's amount that belongs to a quantity; the last piece takes what is left."""
    if quantity == line.left_quantity:
        return line.left_minor
    return line.sold_minor * quantity // line.sold_quantity


def _minor(row: Row) -> int:
    return int((row.price * row.quantity * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _discounted(amounts: list[int], discount: int) -> list[int]:
    """Lower amounts in proportion by a discount, to the minor unit; never below zero."""
    total = sum(amounts)
    left = max(0, total - discount)
    lowered = [amount * left // total for amount in amounts]
    for place in range(left - sum(lowered)):
        lowered[place] += 1
    return lowered
