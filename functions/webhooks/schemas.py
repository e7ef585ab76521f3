"""The house format: what a till posts, as JSON. Amounts are minor units; `net` is after discounts, tax included."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, TypeVar, cast

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.earning.events import VOID_ID, MemberReference, ReferenceKind, ReturnEvent, SaleEvent
from shared.earning.sale import RefundPart, ReturnedLine, Sale, SaleLine, Tender

MOST_LINES = 500
LARGEST_AMOUNT_MINOR = 10**12

BusinessId = Annotated[str, StringConstraints(pattern=r"^[^#\x00-\x1f\x7f]+$", min_length=1, max_length=64)]
Amount = Annotated[int, Field(strict=True, ge=0, le=LARGEST_AMOUNT_MINOR)]
Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Name = Annotated[str, StringConstraints(max_length=128)]


class Posted(BaseModel):
    """What comes from outside: unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PostedMember(Posted):
    """Exactly one way to say who bought."""

    member_id: Annotated[str, StringConstraints(pattern=r"^mem_[0-9A-HJKMNP-TV-Z]{26}$")] | None = None
    card: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    phone: Annotated[str, StringConstraints(min_length=3, max_length=32)] | None = None
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None

    @model_validator(mode="after")
    def _one_reference(self) -> "PostedMember":
        if len(self.model_fields_set) != 1 or None in self.model_dump(exclude_unset=True).values():
            raise ValueError("give exactly one of member_id, card, phone, external_id")
        return self

    def reference(self) -> MemberReference:
        ((kind, value),) = self.model_dump(exclude_unset=True).items()
        return MemberReference(kind=cast("ReferenceKind", kind), value=value)


class PostedLine(Posted):
    line_id: BusinessId
    sku: BusinessId
    name: Name = ""
    category: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    tags: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=32)]], Field(max_length=16)] = []
    quantity: Quantity = "1"
    net: Amount
    gift_card: bool = False

    def line(self) -> SaleLine:
        return SaleLine(
            line_id=self.line_id,
            sku=self.sku,
            quantity=_exact(self.quantity),
            net_minor=Fraction(self.net),
            category=self.category,
            tags=tuple(self.tags),
            gift_card=self.gift_card,
        )


class PostedTender(Posted):
    type: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    amount: Amount


class PostedReturnedLine(Posted):
    line_id: BusinessId
    quantity: Quantity = "1"
    net: Amount

    def line(self) -> ReturnedLine:
        return ReturnedLine(line_id=self.line_id, quantity=_exact(self.quantity), net_minor=Fraction(self.net))


Lines = TypeVar("Lines", list[PostedLine], list[PostedReturnedLine])


def _distinct_lines(lines: Lines) -> Lines:
    if len({line.line_id for line in lines}) != len(lines):
        raise ValueError("a line_id may stand once")
    return lines


class SaleData(Posted):
    store_id: BusinessId
    receipt_id: BusinessId
    occurred_at: AwareDatetime
    member: PostedMember | None = None
    currency: Currency
    lines: Annotated[list[PostedLine], Field(min_length=1, max_length=MOST_LINES), AfterValidator(_distinct_lines)]
    tenders: Annotated[list[PostedTender], Field(max_length=16)] = []
    total: Amount

    def event(self) -> SaleEvent:
        sale = Sale(
            store_id=self.store_id,
            receipt_id=self.receipt_id,
            occurred_at=_to_milliseconds(self.occurred_at),
            currency=self.currency,
            lines=tuple(line.line() for line in self.lines),
            tenders=tuple(Tender(type=tender.type, amount_minor=tender.amount) for tender in self.tenders),
            total_minor=self.total,
        )
        return SaleEvent(sale=sale, member=self.member.reference() if self.member else None)


class RefundData(Posted):
    """`lines` where the till knows them, else `amount`, which is spread over what is left of the sale."""

    store_id: BusinessId
    receipt_id: BusinessId
    refund_id: BusinessId
    occurred_at: AwareDatetime
    lines: (
        Annotated[list[PostedReturnedLine], Field(min_length=1, max_length=MOST_LINES), AfterValidator(_distinct_lines)]
        | None
    ) = None
    amount: Amount | None = None
    reason: Annotated[str, StringConstraints(max_length=200)] = ""

    @model_validator(mode="after")
    def _lines_or_amount(self) -> "RefundData":
        if (self.lines is None) == (self.amount is None):
            raise ValueError("give either lines or amount")
        if self.refund_id == VOID_ID:
            raise ValueError(f"a refund may not be called {VOID_ID}")
        return self

    def event(self) -> ReturnEvent:
        part = RefundPart(lines=tuple(line.line() for line in self.lines or ()), amount_minor=self.amount)
        return ReturnEvent(
            store_id=self.store_id,
            receipt_id=self.receipt_id,
            return_id=self.refund_id,
            occurred_at=_to_milliseconds(self.occurred_at),
            part=part,
            reason=self.reason,
        )


class VoidData(Posted):
    store_id: BusinessId
    receipt_id: BusinessId
    occurred_at: AwareDatetime
    reason: Annotated[str, StringConstraints(max_length=200)] = ""

    def event(self) -> ReturnEvent:
        return ReturnEvent(
            store_id=self.store_id,
            receipt_id=self.receipt_id,
            return_id=VOID_ID,
            occurred_at=_to_milliseconds(self.occurred_at),
            part=None,
            reason=self.reason,
        )


class SaleCompleted(Posted):
    type: Literal["sale.completed"]
    data: SaleData


class SaleRefunded(Posted):
    type: Literal["sale.refunded"]
    data: RefundData


class SaleVoided(Posted):
    type: Literal["sale.voided"]
    data: VoidData


def _exact(quantity: str) -> Fraction:
    return Fraction(Decimal(quantity))


def _to_milliseconds(instant: datetime) -> datetime:
    """Cut an instant to what the ledger keeps, so that what is read back is what was calculated with."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
