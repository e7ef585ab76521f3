"""A sale as the ledger keeps it: the inputs of the calculation, compactly, so that it can be done again.

Lines are kept by column, as compressed JSON: a receipt of ten lines fits in an entry of one kilobyte, one of 500
lines in a single item. Names of goods are left out: they explain nothing, and categories do.

| details | |
|---|---|
| g | digest of the content, to tell a repetition from a conflict |
| ln | lines: ids, SKUs, categories, tags, quantities, nets, gift cards |
| td, tt, cu | tenders, total in minor units, currency |
| v, f | program version, facts: tier, zone, and what its rules asked for besides |
| bu | what its rules took of their budgets: by rule and shard, thousandths of points (of a return: gave back) |
| cl | of a sale that was claimed later: by whom, and why it was recorded without a member |
| bo | bonuses that returns of other sales may undo: by rule their points |
"""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from shared.earning.sale import Facts, RefundPart, ReturnedLine, Sale, SaleLine, Tender
from shared.errors import InvalidFieldError
from shared.runtime.attributes import Item

DIGEST_BYTES: Final = 16
LARGEST_LINES_BYTES: Final = 380_000
"""DynamoDB takes items of 400 KB. Lines of a megabyte come near it only where their texts are noise."""

_LEVEL: Final = 9
_WINDOW_BITS: Final = 12
_MEMORY_LEVEL: Final = 5
"""Receipts are short: in the usual 256 KB of memory, setting up takes three times as long as compressing them."""


def sale_details(sale: Sale) -> Item:
    """Give what the ledger keeps of a sale. Raises InvalidFieldError where that is more than an item holds."""
    lines = _pack(_columns(sale.lines))
    if len(lines) > LARGEST_LINES_BYTES:
        raise InvalidFieldError(errors=[{"pointer": "/data/lines", "code": "too-large", "detail": "400 KB"}])
    details: Item = {"ln": lines, "tt": sale.total_minor, "cu": sale.currency}
    if sale.tenders:
        details["td"] = [[tender.type, tender.amount_minor] for tender in sale.tenders]
    return details


def sale_of(details: Item, *, store_id: str, receipt_id: str, occurred_at: datetime) -> Sale:
    return Sale(
        store_id=store_id,
        receipt_id=receipt_id,
        occurred_at=occurred_at,
        currency=details["cu"],
        lines=_lines(_unpack(details["ln"])),
        tenders=tuple(Tender(type=kind, amount_minor=amount) for kind, amount in details.get("td", ())),
        total_minor=details["tt"],
    )


def facts_details(facts: Facts, rooms: Mapping[str, int]) -> Item:
    """Give facts as kept: of the rooms only some need to be."""
    known: Item = {
        "on": facts.order_number,
        "om": facts.order_in_month,
        "b": sorted(facts.birthday),
        "tr": sorted(facts.reached),
        "x": sorted(facts.barred),
        "rm": dict(rooms),
        "rf": facts.referred_by,
    }
    told = {name: value for name, value in known.items() if value}
    room = {} if facts.day_room is None else {"dr": facts.day_room}
    return {"t": facts.tier_id, "z": facts.zone, **told, **room}


def facts_of(details: Item) -> Facts:
    return Facts(
        tier_id=details["t"],
        zone=details["z"],
        order_number=details.get("on"),
        order_in_month=details.get("om"),
        birthday=frozenset(details.get("b", ())),
        reached=frozenset(details.get("tr", ())),
        barred=frozenset(details.get("x", ())),
        day_room=details.get("dr"),
        rooms=details.get("rm", {}),
        referred_by=details.get("rf"),
    )


def part_content(part: RefundPart) -> dict[str, Any]:
    """Give what a refund returns as JSON values. Digests are of this: compressed bytes change with the library."""
    content: dict[str, Any] = {}
    if part.lines:
        content["ln"] = [[line.line_id, decimal_text(line.quantity), int(line.net_minor)] for line in part.lines]
    if part.amount_minor is not None:
        content["am"] = part.amount_minor
    return content


def part_details(part: RefundPart) -> Item:
    content = part_content(part)
    return {**content, "ln": _pack(content["ln"])} if "ln" in content else content


def part_of(details: Item) -> RefundPart:
    rows = _unpack(details["ln"]) if "ln" in details else ()
    return RefundPart(
        lines=tuple(
            ReturnedLine(line_id=line_id, quantity=Fraction(quantity), net_minor=Fraction(net))
            for line_id, quantity, net in rows
        ),
        amount_minor=details.get("am"),
    )


def digest(*parts: Any) -> bytes:  # noqa: ANN401 JSON values of any kind
    """Hash the content of an event; equal content gives an equal digest whatever the order of JSON members was."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()[:DIGEST_BYTES]


def sale_digest(sale: Sale) -> bytes:
    return digest(
        sale.store_id,
        sale.receipt_id,
        int(sale.occurred_at.timestamp() * 1000),
        sale.currency,
        _columns(sale.lines),
        [[tender.type, tender.amount_minor] for tender in sale.tenders],
        sale.total_minor,
    )


def decimal_text(value: Fraction) -> str:
    """Write a quantity as a decimal: quantities arrive as decimals, so it is exact."""
    return format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")


def _columns(lines: Sequence[SaleLine]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "s": [line.sku for line in lines],
        "n": [int(line.net_minor) for line in lines],
    }
    if any(line.line_id != str(at) for at, line in enumerate(lines, start=1)):
        columns["i"] = [line.line_id for line in lines]
    if any(line.quantity != 1 for line in lines):
        columns["q"] = [decimal_text(line.quantity) for line in lines]
    if any(line.category is not None for line in lines):
        columns["c"] = [line.category for line in lines]
    if any(line.tags for line in lines):
        columns["t"] = [list(line.tags) for line in lines]
    if any(line.gift_card for line in lines):
        columns["g"] = [int(line.gift_card) for line in lines]
    return columns


def _lines(columns: dict[str, Any]) -> tuple[SaleLine, ...]:
    count = len(columns["n"])
    ids = columns.get("i") or [str(at) for at in range(1, count + 1)]
    quantities = columns.get("q") or ["1"] * count
    categories = columns.get("c") or [None] * count
    tags = columns.get("t") or [()] * count
    gift_cards = columns.get("g") or [0] * count
    return tuple(
        SaleLine(
            line_id=ids[at],
            sku=columns["s"][at],
            quantity=Fraction(quantities[at]),
            net_minor=Fraction(columns["n"][at]),
            category=categories[at],
            tags=tuple(tags[at]),
            gift_card=bool(gift_cards[at]),
        )
        for at in range(count)
    )


def _pack(value: Any) -> bytes:  # noqa: ANN401 JSON values of any kind
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL)
    return packing.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()) + packing.flush()


def _unpack(packed: bytes) -> Any:  # noqa: ANN401 JSON values of any kind
    return json.loads(zlib.decompress(packed))
