"""The house format: what a till posts, as JSON. Amounts are minor units; `net` is after discounts, tax included."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, TypeVar, cast

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.earning.acting import Action
from shared.earning.events import VOID_ID, MemberReference, ReferenceKind, ReturnEvent, SaleEvent
from shared.earning.sale import RefundPart, ReturnedLine, Sale, SaleLine, Tender
from shared.http.fields import BusinessId, Instant, Name, ObjectId, RequestModel

MOST_LINES = 1000
MOST_TAGS = 16
MOST_TENDERS = 16
MOST_FACTS = 16
ACTION_PATTERN = r"^(follow|share|review|survey|browse|custom:[a-z][a-z0-9_]{0,39})$"
"""Check-ins are not among them: their day is the server's own."""

Amount = Annotated[int, Field(strict=True, ge=0, le=10**12)]
Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Reason = Annotated[str, StringConstraints(max_length=200)]


class PostedMember(RequestModel):
    """Exactly one way to say who bought."""

    member_id: ObjectId | None = None
    card: Name | None = None
    phone: Annotated[str, StringConstraints(min_length=3, max_length=32)] | None = None
    external_id: Name | None = None

    @model_validator(mode="after")
    def _one_reference(self) -> "PostedMember":
        if len(self.model_fields_set) != 1 or None in self.model_dump(exclude_unset=True).values():
            raise ValueError("give exactly one of member_id, card, phone, external_id")
        return self

    def reference(self) -> MemberReference:
        ((kind, value),) = self.model_dump(exclude_unset=True).items()
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
            quantity=_exact(self.quantity),
            net_minor=Fraction(self.net),
            category=self.category,
            tags=self.tags,
            gift_card=self.gift_card,
        )


class PostedTender(RequestModel):
    type: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    amount: Amount


class PostedReturnedLine(RequestModel):
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


class SaleData(RequestModel):
    store_id: BusinessId
    receipt_id: BusinessId
    occurred_at: Instant
    member: PostedMember | None = None
    currency: Currency
    lines: Annotated[list[PostedLine], Field(min_length=1, max_length=MOST_LINES), AfterValidator(_distinct_lines)]
    tenders: Annotated[tuple[PostedTender, ...], Field(max_length=MOST_TENDERS)] = ()
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


class RefundData(RequestModel):
    """`lines` where the till knows them, else `amount`, which is spread over what is left of the sale."""

    store_id: BusinessId
    receipt_id: BusinessId
    refund_id: BusinessId
    occurred_at: Instant
    lines: (
        Annotated[list[PostedReturnedLine], Field(min_length=1, max_length=MOST_LINES), AfterValidator(_distinct_lines)]
        | None
    ) = None
    amount: Amount | None = None
    reason: Reason = ""

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


class VoidData(RequestModel):
    store_id: BusinessId
    receipt_id: BusinessId
    occurred_at: Instant
    reason: Reason = ""

    def event(self) -> ReturnEvent:
        return ReturnEvent(
            store_id=self.store_id,
            receipt_id=self.receipt_id,
            return_id=VOID_ID,
            occurred_at=_to_milliseconds(self.occurred_at),
            part=None,
            reason=self.reason,
        )


class SaleCompleted(RequestModel):
    type: Literal["sale.completed"]
    data: SaleData


class SaleRefunded(RequestModel):
    type: Literal["sale.refunded"]
    data: RefundData


class SaleVoided(RequestModel):
    type: Literal["sale.voided"]
    data: VoidData


Fact = Annotated[str, StringConstraints(max_length=200)] | Annotated[int, Field(strict=True)] | bool


class ActionData(RequestModel):
    """What a member did, told by the chain's own server. `subject`: which product, order or campaign it was about."""

    action: Annotated[str, StringConstraints(pattern=ACTION_PATTERN)]
    event_id: BusinessId
    occurred_at: Instant
    member: PostedMember
    store_id: BusinessId | None = None
    subject: BusinessId | None = None
    facts: Annotated[dict[Name, Fact], Field(max_length=MOST_FACTS)] = Field(
        default_factory=dict, examples=[{"likes": 20}]
    )

    def action_of(self, member_id: str) -> Action:
        return Action(
            member_id=member_id,
            action=self.action,
            event_id=self.event_id,
            occurred_at=_to_milliseconds(self.occurred_at),
            subject=self.subject or "",
            facts=self.facts,
            store_id=self.store_id,
        )


class ActionCompleted(RequestModel):
    type: Literal["action.completed"]
    data: ActionData


def _exact(quantity: str) -> Fraction:
    return Fraction(Decimal(quantity))


def _to_milliseconds(instant: datetime) -> datetime:
    """Cut an instant to what the ledger keeps, so that what is read back is what was calculated with."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
