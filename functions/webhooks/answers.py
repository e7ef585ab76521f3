"""What a till is answered, as documented; the values come from `shared.earning.outcomes`."""

from typing import Any, Literal

from shared.http.fields import AnswerModel


class BalanceView(AnswerModel):
    """Points: usable now (negative while there is debt), waiting for their day, put aside, owed."""

    available: int
    pending: int
    held: int
    debt: int


class EventAnswer(AnswerModel):
    """`points` and `points_pending` are differences; balance and tier are those right after the event."""

    result: Literal["applied", "duplicate", "ignored", "parked", "quarantined"]
    reason: str | None = None
    entry_id: str | None = None
    points: int = 0
    points_pending: int = 0
    balance: BalanceView | None = None
    tier: str | None = None
    explain: tuple[dict[str, Any], ...] = ()
    not_applied: tuple[dict[str, Any], ...] = ()
