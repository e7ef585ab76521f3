"""What a customer paid, what came back of it, and the facts about the member at that instant.

Money is in minor units. Line amounts are `Fraction`: a refund of an amount spreads over the lines in thirds.

Invariants:
SALE-1 `after_refunds` depends on the set of refunds, never on their order or on how they were split.
SALE-2 No line and no quantity ever falls below zero; what would is refused.
SALE-3 Once everything is returned, every line is exactly zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from shared.errors import RefundExceedsSaleError
from shared.program.model import UNCATEGORISED


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """One line of a receipt. `net_minor` is its amount after discounts, tax included, never negative."""

    line_id: str
    sku: str
    quantity: Fraction
    net_minor: Fraction
    category: str | None = None
    tags: tuple[str, ...] = ()
    gift_card: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """One payment towards the sale, for example `wechat_pay`."""

    type: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A receipt. `occurred_at` is aware; the rules are those of that instant, whenever the receipt arrives."""

    store_id: str
    receipt_id: str
    occurred_at: datetime
    currency: str
    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...] = ()
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was true of the member and the store when the sale happened; kept with the sale for its refunds.

    `order_number` and `order_in_month` count this sale; None, as all below: no rule asked. `birthday` says which of
    day, week and month were the member's; `reached` which rules' totals were reached; `barred` which rules could give
    no more; `day_room` is how many points the member could still earn that day, `rooms` by rule what was left of
    its budget, in thousandths of points, where that was too little. `referred_by` is who invited the member, where
    this is the member's first order.
    """

    tier_id: str
    zone: str
    order_number: int | None = None
    order_in_month: int | None = None
    birthday: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    day_room: int | None = None
    rooms: Mapping[str, int] = field(default_factory=dict)
    referred_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    line_id: str
    quantity: Fraction
    net_minor: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPart:
    """One refund: lines that came back, or an amount where the till knows no lines, or both."""

    lines: tuple[ReturnedLine, ...] = ()
    amount_minor: int | None = None


def categorise(sale: Sale, category_map: Mapping[str, str]) -> Sale:
    """Fill in the categories that the till did not send, by SKU; “未分类” where the map does not know either."""
    if all(line.category is not None for line in sale.lines):
        return sale
    lines = (
        replace(line, category=category_map.get(line.sku, UNCATEGORISED)) if line.category is None else line
        for line in sale.lines
    )
    return replace(sale, lines=tuple(lines))


def after_refunds(sale: Sale, refunds: Iterable[RefundPart]) -> Sale:
    """Give what is left of the sale after a set of refunds, in any order.

    Returned lines come off first, line by line: r_i = net_i - Σ returned_i. All refunds by amount, A together, then
    come off in proportion: r_i' = r_i × (1 - A / Σr). Tenders stay as they were paid, so the eligible share stays too.
    Raises RefundExceedsSaleError when a line, its quantity, or the sale has less than what is to come back, or when
    the sale has no such line.
    """
    parts = tuple(refunds)
    if not parts:
        return sale
    left = _without_returned_lines(sale, parts)
    remaining = sum((line.net_minor for line in left), Fraction(0))
    by_amount = sum(part.amount_minor or 0 for part in parts)
    if by_amount > remaining:
        raise RefundExceedsSaleError(required=by_amount, available=int(remaining))
    if by_amount:
        keep = 1 - by_amount / remaining
        left = tuple(replace(line, net_minor=line.net_minor * keep) for line in left)
    taken = sum((line.net_minor for line in sale.lines), Fraction(0)) - remaining + by_amount
    return replace(sale, lines=left, total_minor=max(0, sale.total_minor - int(taken)))


def _without_returned_lines(sale: Sale, parts: tuple[RefundPart, ...]) -> tuple[SaleLine, ...]:
    returned: dict[str, ReturnedLine] = {}
    for line in (line for part in parts for line in part.lines):
        before = returned.get(line.line_id)
        returned[line.line_id] = line if before is None else _together(before, line)
    left = tuple(_less(line, returned.pop(line.line_id)) if line.line_id in returned else line for line in sale.lines)
    for line_id in sorted(returned):
        raise RefundExceedsSaleError(line_id=line_id, required=int(returned[line_id].net_minor), available=0)
    return left


def _together(one: ReturnedLine, other: ReturnedLine) -> ReturnedLine:
    return ReturnedLine(
        line_id=one.line_id, quantity=one.quantity + other.quantity, net_minor=one.net_minor + other.net_minor
    )


def _less(line: SaleLine, returned: ReturnedLine) -> SaleLine:
    if returned.net_minor > line.net_minor or returned.quantity > line.quantity:
        raise RefundExceedsSaleError(
            line_id=line.line_id,
            required=int(returned.net_minor),
            available=int(line.net_minor),
            required_quantity=f"{float(returned.quantity):g}",
            available_quantity=f"{float(line.quantity):g}",
        )
    return replace(line, net_minor=line.net_minor - returned.net_minor, quantity=line.quantity - returned.quantity)
