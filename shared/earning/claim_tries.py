"""How often a member tried to claim a receipt today: numbers of receipts can be guessed, so few tries are enough.

CLAIMTRIES#member / TRIES      d: day (YYMMDD, UTC), n: tries on it
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared import keys
from shared.errors import RateLimitedError
from shared.runtime.attributes import encode
from shared.runtime.patience import Patience

MOST_TRIES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTries:
    """The `members` table, and the client that reaches it."""

    client: Any
    table: str

    def count(self, member_id: str, now: datetime, patience: Patience) -> None:
        """Count a try. Raises RateLimitedError where today's are used up, BusyError. AP-96."""
        day = f"{now.astimezone(UTC):%y%m%d}"
        for count in (self._again, self._first, self._again):
            patience.check()
            if count(member_id, day):
                return
        tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        raise RateLimitedError(limit=MOST_TRIES, retry_after=int((tomorrow - now).total_seconds()) + 1)

    def _again(self, member_id: str, day: str) -> bool:
        """Count one more try of a day; say whether there was one before, and too few."""
        try:
            self.client.update_item(
                TableName=self.table,
                Key=encode(keys.claim_tries(member_id)._asdict()),
                UpdateExpression="SET n = n + :one",
                ConditionExpression="d = :day AND n < :most",
                ExpressionAttributeValues=encode({":one": 1, ":day": day, ":most": MOST_TRIES}),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _first(self, member_id: str, day: str) -> bool:
        """Begin a day; say whether nobody else has."""
        try:
            self.client.put_item(
                TableName=self.table,
                Item=encode({**keys.claim_tries(member_id)._asdict(), "d": day, "n": 1}),
                ConditionExpression="attribute_not_exists(pk) OR d < :day",
                ExpressionAttributeValues=encode({":day": day}),
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True
