"""A member's entries as they are shown."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.http.fields import AnswerModel
from shared.http.pages import NextCursor
from shared.http.views import BalanceView
from shared.ledger.entries import EntryKind

EntryId = Annotated[str, Field(examples=["ent_UkVERU1QVElPTiNyZG1fMDFKRgpSRURFRU1FRA"])]


class SourceView(AnswerModel):
    """What moved the points: a receipt by its number, a redemption or an adjustment by its id."""

    type: Literal["sale", "return", "redemption", "adjustment"]
    id: Annotated[str, Field(examples=["SH001-20261216-0042"])]


class EntryView(AnswerModel):
    """One line of the ledger. `points` and `points_pending` are differences."""

    id: EntryId
    kind: EntryKind
    points: int
    points_pending: int
    balance_after: BalanceView
    at: Annotated[datetime, Field(description="When the ledger took it in; entries are in this order.")]
    occurred_at: Annotated[datetime, Field(description="When it happened.")]
    store_id: str | None
    text: Annotated[str, Field(examples=["兑换：精致餐具"], description="The reason, in the caller's language.")]
    source: SourceView | None


class EntryPage(AnswerModel):
    """Entries, newest first."""

    items: list[EntryView]
    next_cursor: NextCursor


class LotView(AnswerModel):
    """Points that joined a lot, or left it where negative. A lot without a last day never lapses."""

    points: int
    valid_through: date | None
    available_on: Annotated[date | None, Field(description="The day on which pending points become usable.")]


class LinksView(AnswerModel):
    """Entries that belong to the same receipt or redemption, and the redemption itself."""

    sale: EntryId | None = None
    returns: tuple[EntryId, ...] = ()
    redemption: str | None = None
    redeemed: EntryId | None = None
    returned: EntryId | None = None


class EntryDetailView(EntryView):
    """An entry that explains itself, line by line."""

    lots: list[LotView]
    explain: list[dict[str, Any]]
    not_applied: list[dict[str, Any]]
    links: LinksView
