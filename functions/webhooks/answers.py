"""What a till is answered, as documented; the values come from `shared.earning.outcomes`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.http.fields import AnswerModel
from shared.http.views import BalanceView


class FieldProblemView(AnswerModel):
    """What is wrong with a field of an event that was kept."""

    pointer: Annotated[str, Field(description="A JSON pointer into the body.", examples=["/data/currency"])]
    code: Annotated[str, Field(examples=["unknown-currency"])]
    detail: str


class EventAnswer(AnswerModel):
    """`points` and `points_pending` are differences; balance and tier are those right after the event.

    `reason` says why an event was ignored, or kept for a person; `errors` what is wrong with one that was kept.
    """

    result: Literal["applied", "duplicate", "ignored", "parked", "quarantined"]
    reason: str | None = None
    entry_id: str | None = None
    points: int = 0
    points_pending: int = 0
    balance: BalanceView | None = None
    tier: str | None = None
    explain: tuple[dict[str, Any], ...] = ()
    not_applied: tuple[dict[str, Any], ...] = ()
    errors: tuple[FieldProblemView, ...] = ()
