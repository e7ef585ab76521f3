"""A sale as tills tell it, as JSON. Amounts are minor units; `net` is after discounts, tax included."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Protocol, TypeVar, cast

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.earning.events import MemberReference, ReferenceKind, SaleEvent
from shared.earning.sale import Sale, SaleLine, Tender
from shared.http.fields import BusinessId, ExternalId, Instant, Name, ObjectId, RequestModel

MOST_LINES = 1000
MOST_TAGS = 16
MOST_TENDERS = 16

Amount = Annotated[int, Field(strict=True, ge=0, le=10**12)]
Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class PostedMember(RequestModel):
    """Exactly one way to say who bought."""

    member_id: ObjectId | None = None
    card: Name | None = None
    phone: Annotated[str, StringConstraints(min_length=3, max_length=32)] | None = None
    external_id: ExternalId | None = None

    @model_validator(mode="after")
    def _one_reference(self) -> "PostedMember":
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("give exactly one of member_id, card, phone, external_id")
        return self

    def reference(self) -> MemberReference:
        ((kind, value),) = self.model_dump(exclude_none=True).items()
        return MemberReference(kind=cast("ReferenceKind", kind), value=value)


class PostedLine(RequestModel):
    line_id: BusinessId
    sku: BusinessId
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    category: Name | None = None
    tags: Annotated[tuple[Name, ...], Field(max_length=MOST_TAGS)] = ()
    quantity: Quantity = "1"
    net: Amount
    gift_card: bool = False

    def line(self) -> SaleLine:
        return SaleLine(
            line_id=self.line_id,
            sku=self.sku,
            quantity=exact(self.quantity),
            net_minor=Fraction(self.net),
            category=self.category,
            tags=self.tags,
            gift_card=self.gift_card,
        )


class PostedTender(RequestModel):
    type: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    amount: Amount


class _Line(Protocol):
    @property
    def line_id(self) -> str: ...


L = TypeVar("L", bound=Sequence[_Line])


def distinct_lines(lines: L) -> L:
    """Refuse a line_id that stands twice."""
    if len({line.line_id for line in lines}) != len(lines):
        raise ValueError("a line_id may stand once")
    return lines


class SaleData(RequestModel):
    store_id: BusinessId
    receipt_id: BusinessId
    occurred_at: Instant
    member: PostedMember | None = None
    currency: Currency
    lines: Annotated[list[PostedLine], Field(min_length=1, max_length=MOST_LINES), AfterValidator(distinct_lines)]
    tenders: Annotated[tuple[PostedTender, ...], Field(max_length=MOST_TENDERS)] = ()
    total: Amount

    def event(self) -> SaleEvent:
        sale = Sale(
            store_id=self.store_id,
            receipt_id=self.receipt_id,
            occurred_at=to_milliseconds(self.occurred_at),
            currency=self.currency,
            lines=tuple(line.line() for line in self.lines),
            tenders=tuple(Tender(type=tender.type, amount_minor=tender.amount) for tender in self.tenders),
            total_minor=self.total,
        )
        return SaleEvent(sale=sale, member=self.member.reference() if self.member else None)


def exact(quantity: str) -> Fraction:
    """Give a quantity to its last digit."""
    return Fraction(Decimal(quantity))


def to_milliseconds(instant: datetime) -> datetime:
    """Cut an instant to what the ledger keeps, so that what is read back is what was calculated with."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
