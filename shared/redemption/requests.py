"""Every DynamoDB call on the list of redemptions that wait for the staff: to be approved, then to be handed over.

REQUESTS / instant#rdm_…     st: requested or approved, m: member, s: store of the pick-up

It stands in the table of members because what is done leaves it, and nothing is ever deleted from the ledger. It says
nothing that the redemption does not say: each change of it is part of the transaction that decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from shared import keys
from shared.keys import Key
from shared.ledger.items import write_instant
from shared.ledger.store import stale
from shared.redemption.redemptions import Redemption, Status
from shared.runtime.attributes import AttributeValue, Item, decode, encode, encode_value
from shared.runtime.transactions import ConditionalWrite, put_if, put_if_absent

LONGEST_STEP: Final = 1000
"""How many redemptions one call of a filtered page looks at, at most: some 150 KB."""


class Waiting(NamedTuple):
    """A redemption that waits for the staff."""

    redemption_id: str
    status: Status
    store_id: str | None


class Listed(NamedTuple):
    """Where a redemption is listed, and as what."""

    key: Key
    status: Status


class WaitingPage(NamedTuple):
    """Redemptions, newest first, and the key to start the next page from, where there is more."""

    items: list[Waiting]
    following: Mapping[str, AttributeValue] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """The table of members, and the client that reaches it. A change refuses with StaleReadError."""

    client: Any
    table: str

    def listing(self, redemption: Redemption) -> ConditionalWrite:
        """Make the write that lists a redemption which needs an approval. AP-93."""
        return put_if_absent(self.table, _item(redemption, Status.REQUESTED), refusal=stale)

    def approving(self, redemption: Redemption) -> ConditionalWrite:
        """Make the write that lists it as approved. AP-93."""
        return put_if(
            self.table,
            _item(redemption, Status.APPROVED),
            condition="st = :requested",
            values={":requested": Status.REQUESTED.value},
            refusal=stale,
        )

    def removing(self, redemption: Redemption) -> ConditionalWrite:
        """Make the write that takes it off the list. AP-93."""
        gone = {
            "TableName": self.table,
            "Key": encode(_key(redemption)._asdict()),
            "ConditionExpression": "attribute_exists(pk)",
        }
        return ConditionalWrite(request={"Delete": gone}, refusal=stale)

    def righting(self, listed: Listed | None, redemption: Redemption | None, status: Status | None) -> ConditionalWrite:
        """Make the write that lists a redemption as it is, or no more, as long as it is listed as read. AP-97."""
        condition, values = "attribute_not_exists(pk)", None
        if listed:
            condition, values = "st = :listed", {":listed": listed.status.value}
        if redemption and status:
            return put_if(self.table, _item(redemption, status), condition=condition, values=values, refusal=stale)
        if listed is None:
            raise ValueError("it is not listed, and need not be")
        gone = {
            "TableName": self.table,
            "Key": encode(listed.key._asdict()),
            "ConditionExpression": condition,
            "ExpressionAttributeValues": encode(values or {}),
        }
        return ConditionalWrite(request={"Delete": gone}, refusal=stale)

    def everything(self) -> dict[str, Listed]:
        """Read the whole list, by redemption. AP-92."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": encode_value(keys.REQUESTS)},
            ConsistentRead=True,
        )
        items = (decode(item) for page in pages for item in page["Items"])
        return {_waiting(item).redemption_id: Listed(Key(item["pk"], item["sk"]), Status(item["st"])) for item in items}

    def page(
        self, wanted: Callable[[Waiting], bool], *, limit: int, start: Mapping[str, AttributeValue] | None = None
    ) -> WaitingPage:
        """Read those that are wanted, newest first; a page is short only where the list ends.

        It reads in growing steps. The next page starts behind one of this page. AP-92.
        """
        found: list[Waiting] = []
        last: Mapping[str, AttributeValue] | None = None
        following, step = start, limit
        while True:
            page = self.client.query(
                TableName=self.table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": encode_value(keys.REQUESTS)},
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=step,
                **({"ExclusiveStartKey": following} if following else {}),
            )
            following = page.get("LastEvaluatedKey")
            for item in map(decode, page["Items"]):
                one = _waiting(item)
                if not wanted(one):
                    continue
                if len(found) == limit:
                    return WaitingPage(found, last)
                found.append(one)
                last = encode({"pk": item["pk"], "sk": item["sk"]})
            if not following:
                return WaitingPage(found, None)
            step = min(4 * step, LONGEST_STEP)


def _key(redemption: Redemption) -> Key:
    return keys.request(write_instant(redemption.redeemed_at), redemption.id)


def _item(redemption: Redemption, status: Status) -> Item:
    item: Item = {**_key(redemption)._asdict(), "st": status.value, "m": redemption.member_id}
    return item | ({"s": redemption.store_id} if redemption.store_id else {})


def _waiting(item: Item) -> Waiting:
    return Waiting(item["sk"].rpartition("#")[2], Status(item["st"]), item.get("s"))
