"""How often a member tried to claim a receipt today: numbers of receipts can be guessed, so few tries are enough.

CLAIMTRIES#member / TRIES      d: day (YYMMDD, UTC), n: tries on it
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared import keys
from shared.errors import RateLimitedError
from shared.runtime.attributes import encode

MOST_TRIES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTries:
    """The `members` table, and the client that reaches it."""

    client: Any
    table: str

    def count(self, member_id: str, now: datetime) -> None:
        """Count a try. Raises RateLimitedError where today's are used up. AP-96."""
        key, day = keys.claim_tries(member_id), f"{now.astimezone(UTC):%y%m%d}"
        try:
            self.client.update_item(
                TableName=self.table,
                Key=encode(key._asdict()),
                UpdateExpression="SET n = n + :one",
                ConditionExpression="d = :day AND n < :most",
                ExpressionAttributeValues=encode({":one": 1, ":day": day, ":most": MOST_TRIES}),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            self._begin_day({**key._asdict(), "d": day, "n": 1}, now)

    def _begin_day(self, first: dict[str, Any], now: datetime) -> None:
        try:
            self.client.put_item(
                TableName=self.table,
                Item=encode(first),
                ConditionExpression="attribute_not_exists(pk) OR d < :day",
                ExpressionAttributeValues=encode({":day": first["d"]}),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            raise RateLimitedError(limit=MOST_TRIES, retry_after=int((tomorrow - now).total_seconds()) + 1) from None
