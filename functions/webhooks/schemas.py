"""The house format: what a till posts, as JSON. The sale itself is in `shared.http.sale_schemas`."""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.earning.acting import Action
from shared.earning.events import VOID_ID, ReturnEvent
from shared.earning.sale import RefundPart, ReturnedLine
from shared.http.fields import BusinessId, Instant, Name, RequestModel
from shared.http.sale_schemas import (
    MOST_LINES,
    Amount,
    PostedMember,
    Quantity,
    SaleData,
    distinct_lines,
    exact,
    to_milliseconds,
)

MOST_FACTS = 16
ACTION_PATTERN = r"^(follow|share|review|survey|browse|custom:[a-z][a-z0-9_]{0,39})$"
"""Check-ins are not among them: their day is the server's own."""

Reason = Annotated[str, StringConstraints(max_length=200)]


class PostedReturnedLine(RequestModel):
    line_id: BusinessId
    quantity: Quantity = "1"
    net: Amount

    def line(self) -> ReturnedLine:
        return ReturnedLine(line_id=self.line_id, quantity=exact(self.quantity), net_minor=Fraction(self.net))


class RefundData(RequestModel):
    """`lines` where the till knows them, else `amount`, which is spread over what is left of the sale."""

    store_id: BusinessId
    receipt_id: BusinessId
    refund_id: BusinessId
    occurred_at: Instant
    lines: (
        Annotated[list[PostedReturnedLine], Field(min_length=1, max_length=MOST_LINES), AfterValidator(distinct_lines)]
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
            occurred_at=to_milliseconds(self.occurred_at),
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
            occurred_at=to_milliseconds(self.occurred_at),
            part=None,
            reason=self.reason,
        )


class PostedEvent(RequestModel):
    """The body of a webhook as Standard Webhooks has it. `timestamp` (of sending) is not used: `data` says when."""

    timestamp: Instant | None = None


class SaleCompleted(PostedEvent):
    type: Literal["sale.completed"]
    data: SaleData


class SaleRefunded(PostedEvent):
    type: Literal["sale.refunded"]
    data: RefundData


class SaleVoided(PostedEvent):
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
            occurred_at=to_milliseconds(self.occurred_at),
            subject=self.subject or "",
            facts=self.facts,
            store_id=self.store_id,
        )


class ActionCompleted(PostedEvent):
    type: Literal["action.completed"]
    data: ActionData
