"""What the till is told: the result, the points, the balance, and why. The same body, however often it asks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from shared.earning.explain import ExplainLine, Language, NotApplied
from shared.earning.explain_text import to_json
from shared.keys import Key
from shared.ledger.account import Balance
from shared.ledger.entry_ids import entry_id

Result = Literal["applied", "duplicate", "ignored", "parked", "quarantined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`points` and `points_pending` are differences; the balance and the tier are those right after the event."""

    result: Result
    reason: str | None = None
    key: Key | None = None
    points: int = 0
    points_pending: int = 0
    balance: Balance | None = None
    tier: str | None = None
    explain: tuple[ExplainLine, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()

    def repeated(self) -> "Outcome":
        """Give the answer to a redelivery: the same, called a duplicate; what was ignored stays ignored."""
        return replace(self, result="duplicate") if self.result == "applied" else self

    def to_json(self, language: Language) -> Mapping[str, Any]:
        """Give the answer's body as the API documents it."""
        body: dict[str, Any] = {"result": self.result}
        if self.reason:
            body["reason"] = self.reason
        if self.key is None or self.balance is None:
            return body
        return {
            **body,
            "entry_id": entry_id(self.key),
            "points": self.points,
            "points_pending": self.points_pending,
            "balance": self.balance._asdict(),
            "tier": self.tier,
            **to_json(self.explain, self.not_applied, language),
        }
