"""Members, their entries and their sales as the staff sees them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.queries.entry_schemas import EntryView
from shared.http.fields import AnswerModel, CardText, ExternalId, Name, PhoneText, RequestModel
from shared.http.pages import NextCursor
from shared.http.views import BalanceView, MoneyView, TierView
from shared.ledger.posting import as_of
from shared.members.masking import mask_name, mask_phone
from shared.members.store import Overview
from shared.tiers.time_rules import Moment


class SearchRequest(RequestModel):
    """Exactly one of the five. A name is found in full, whatever its case and blanks; a part finds nobody."""

    phone: PhoneText | None = None
    card: CardText | None = None
    external_id: ExternalId | None = None
    member_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise PydanticCustomError("exactly_one", "takes exactly one of its fields")
        return self


class FoundView(AnswerModel):
    """A member, as a search finds one. `masked` says whether name and phone are."""

    id: Annotated[str, Field(examples=["mem_01JF3Z8Q4X9V6T2N5R7W1Y0K8B"])]
    name: Annotated[str | None, Field(examples=["王*明"])]
    phone: Annotated[str | None, Field(examples=["138****5678"])]
    masked: bool
    tier: TierView | None
    balance: BalanceView
    frozen: bool
    enrolled_at: datetime

    @classmethod
    def of(cls, overview: Overview, moment: Moment, *, masked: bool) -> Self:
        return cls(**_shown(overview, moment, masked=masked))


class FoundPage(AnswerModel):
    """Who was found, in no order that means something; nobody at all is an empty page."""

    items: list[FoundView]
    next_cursor: NextCursor


class StaffMemberView(FoundView):
    """A member. The birthday is shown where nothing is masked; `store_id` is where the member enrolled."""

    birthday: date | None
    store_id: str | None

    @classmethod
    def of(cls, overview: Overview, moment: Moment, *, masked: bool) -> Self:
        profile = overview.profile
        return cls(
            **_shown(overview, moment, masked=masked),
            birthday=None if masked else profile.birthday,
            store_id=profile.store_id,
        )


def _shown(overview: Overview, moment: Moment, *, masked: bool) -> Mapping[str, Any]:
    profile, account = overview.profile, as_of(overview.account, moment.now, moment.rules)
    name, phone = profile.name, profile.phone
    return {
        "id": profile.member_id,
        "name": mask_name(name) if name and masked else name,
        "phone": mask_phone(phone) if phone and masked else phone,
        "masked": masked,
        "tier": TierView.of(account, moment.program),
        "balance": BalanceView.of(account.balance),
        "frozen": account.frozen,
        "enrolled_at": profile.enrolled_at,
    }


class StaffEntryView(EntryView):
    """A line of a member's ledger, and who answers for it where a person made it."""

    author: Annotated[str | None, Field(description="Who of the staff made it.")]
    approver: Annotated[str | None, Field(description="Who approved it.")]
    reason: Annotated[str | None, Field(description="Why, as its author gave it.")]


class StaffEntryPage(AnswerModel):
    """Entries, newest first."""

    items: list[StaffEntryView]
    next_cursor: NextCursor


class ReturnView(AnswerModel):
    """What came back of a sale. `points` are those that were taken for it."""

    id: Annotated[str, Field(examples=["R-7"])]
    occurred_at: datetime
    points: int
    void: bool


class LeftView(AnswerModel):
    """What is left of a sale once its returns are taken off."""

    amount: MoneyView
    points: int


class SaleView(AnswerModel):
    """A receipt: what it gave, what came back, and what is left of it."""

    store_id: str
    receipt_id: Annotated[str, Field(examples=["SH001-20261216-0042"])]
    occurred_at: datetime
    total: MoneyView
    points: Annotated[int, Field(description="Points that it gave, pending ones among them.")]
    returns: list[ReturnView]
    left: LeftView
    entry_id: str


class SalePage(AnswerModel):
    """Sales that earned, newest first."""

    items: list[SaleView]
    next_cursor: NextCursor
