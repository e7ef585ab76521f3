"""A quote as the till is told it."""

from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import Field

from shared.earning.explain_text import to_json
from shared.earning.quote_sale import Quote
from shared.http.fields import AnswerModel
from shared.http.languages import Language, without_region
from shared.http.views import BalanceView
from shared.redemption.rewards import Reward


class OptionView(AnswerModel):
    """A reward of which the member can have one piece, with the points that there are before the sale."""

    id: Annotated[str, Field(examples=["tableware"])]
    name: Annotated[str, Field(examples=["精致餐具"])]
    points: int


class QuoteView(AnswerModel):
    """What the sale would be answered with, and the balance as of now, before it."""

    points: Annotated[int, Field(description="Points that it would add at once.")]
    points_pending: Annotated[int, Field(description="Points that it would add, usable later.")]
    explain: list[dict[str, Any]]
    not_applied: list[dict[str, Any]]
    redeem_options: list[OptionView]
    tier_after: str | None
    balance: BalanceView

    @classmethod
    def of(cls, quote: Quote, options: Iterable[Reward], language: Language) -> Self:
        outcome = quote.outcome
        return cls(
            points=outcome.points,
            points_pending=outcome.points_pending,
            redeem_options=[OptionView(id=one.id, name=one.name, points=one.points) for one in options],
            tier_after=outcome.tier or None,
            balance=BalanceView.of(quote.account.balance),
            **to_json(outcome.explain, outcome.not_applied, without_region(language)),
        )
