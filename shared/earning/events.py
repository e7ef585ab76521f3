"""What a till tells: a sale, a refund, a void. The same whatever format it came in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from shared.earning.sale import RefundPart, Sale

VOID_ID: Final = "void"
"""A receipt is voided once; a refund may not be called this."""

CLAIM_WINDOW: Final = timedelta(days=30)
"""How old a sale may be, unless its till is given another window; an older one waits for a person."""

ReferenceKind = Literal["member_id", "card", "phone", "external_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberReference:
    kind: ReferenceKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleEvent:
    """A completed sale; no member means a guest."""

    sale: Sale
    member: MemberReference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnEvent:
    """Goods or money given back. `part` is None for a void, which gives back all that is left."""

    store_id: str
    receipt_id: str
    return_id: str
    occurred_at: datetime
    part: RefundPart | None
    reason: str = ""
