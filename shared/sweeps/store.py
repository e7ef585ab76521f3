"""Every DynamoDB call of the sweeps that is not the ledger's."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.runtime.attributes import Item, decode, encode
from shared.sweeps.due import Due
from shared.sweeps.tasks import Segment


class Page(NamedTuple):
    """The accounts of a page for which something may be due, how many were looked at, and the last one of these.

    `last` is None where the segment ends.
    """

    due: list[Item]
    scanned: int
    last: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The table of accounts as a sweep reads it: pages of at most so many accounts, and of at most 1 MB."""

    client: Any
    table: str
    page_accounts: int

    def page(self, segment: Segment, due: Due | None) -> Page:
        """Scan a page of a segment, eventually consistent: half the price, and `handle` bears an old reading. AP-61."""
        request: dict[str, Any] = {"ExclusiveStartKey": encode({"id": segment.after})} if segment.after else {}
        if due is not None:
            request["FilterExpression"] = due.expression
            request["ExpressionAttributeValues"] = encode(due.values)
        answer = self.client.scan(
            TableName=self.table,
            Segment=segment.number,
            TotalSegments=segment.of,
            Limit=self.page_accounts,
            ConsistentRead=False,
            **request,
        )
        last = answer.get("LastEvaluatedKey")
        return Page([decode(item) for item in answer["Items"]], answer["ScannedCount"], last and last["id"]["S"])
