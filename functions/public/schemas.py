"""What everybody sees."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from shared.http.fields import AnswerModel
from shared.http.views import LimitView, MoneyView


class SentenceView(AnswerModel):
    """One thing said in both languages."""

    zh: Annotated[str, Field(examples=["每消费 ¥10.00 积 1 分。"])]
    en: Annotated[str, Field(examples=["1 point for every ¥10.00 spent."])]


class RuleView(AnswerModel):
    """A rule of earning, in plain language."""

    id: str
    name: str
    text: SentenceView


class TierLevelView(AnswerModel):
    """A tier. `reach` and `keep` count in the measure of the ladder: points, minor units or visits."""

    id: str
    name: str
    reach: int
    keep: int | None
    multiply: Annotated[str, Field(description="The multiplier of points, a decimal.", examples=["1.5"])]
    benefits: list[str]


class TiersView(AnswerModel):
    """The ladder, lowest tier first."""

    measure: Literal["points_earned", "amount_spent", "visits"]
    levels: list[TierLevelView]
    text: SentenceView


class NextVersionView(AnswerModel):
    """The version that comes next, and what customers are told about it."""

    version: int
    effective: datetime
    notice: str | None


class ProgramView(AnswerModel):
    """The rules in force, generated from the program by which points are calculated."""

    name: str
    version: int
    effective: datetime
    timezone: str
    currency: str
    next: NextVersionView | None
    rules: list[RuleView]
    terms: Annotated[list[SentenceView], Field(description="When points become usable, lapse, and go back.")]
    tiers: TiersView | None


class CampaignView(AnswerModel):
    """One occurrence of a rule that holds at some times: from `begins` up to `ends`, which is no longer in it."""

    rule_id: str
    name: str
    begins: datetime
    ends: datetime
    version: Annotated[int, Field(description="The version of the program that says so.")]
    text: SentenceView


class CampaignList(AnswerModel):
    """What runs, in the order in which it begins."""

    items: list[CampaignView]
    next_cursor: None = None


class PublicRewardView(AnswerModel):
    """A reward. `cash` is due besides the points; no tiers: everybody may."""

    id: str
    name: str
    type: str
    category: str
    points: int
    cash: MoneyView | None
    tiers: list[str]
    limit: LimitView | None
    review: Annotated[bool, Field(description="Whether staff has to approve it before it is handed over.")]


class PublicRewardList(AnswerModel):
    """The catalogue, in the order of the chain."""

    items: list[PublicRewardView]
    next_cursor: None = None


class StoreView(AnswerModel):
    """A store. `timezone` is the one by whose clock its rules go."""

    id: str
    name: str
    city: str | None
    timezone: str


class StoreList(AnswerModel):
    """All stores, by id."""

    items: list[StoreView]
    next_cursor: None = None


class HealthView(AnswerModel):
    """That the function answers, and which version of the API it speaks."""

    status: Literal["ok"]
    version: str
