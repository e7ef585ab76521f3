"""Every DynamoDB call on the trail, in the `ledger` table.

TRAIL#yymmdd / instant#what#about     by: who, mb: member, s: store, why: code of the reason
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from shared import keys
from shared.keys import Key
from shared.runtime.attributes import AttributeValue, Item, decode, encode
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, commit, put_if_absent
from shared.trail.deeds import Deed, What

MICROSECOND: Final = timedelta(microseconds=1)
LONGEST_STEP: Final = 1000
"""How many deeds one call of a filtered page looks at, at most: some 150 KB."""


class DeedRecordedError(Exception):
    """The same deed is recorded already, though what else is written with it was not: a fault in the program."""


class TrailPage(NamedTuple):
    """Deeds, newest first, and the key to start the next page from, where there is more."""

    deeds: list[Deed]
    following: Mapping[str, AttributeValue] | None


def recording(deed: Deed, *, table: str) -> ConditionalWrite:
    """Make the write that records a deed, for the transaction that does it; it stands behind what guards the deed.

    `table` is the name of the `ledger` table. It refuses with DeedRecordedError. AP-80.
    """
    return put_if_absent(table, deed_item(deed), refusal=lambda _old: DeedRecordedError())


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The `ledger` table, and the client that reaches it."""

    client: Any
    table: str

    def record(self, deeds: Sequence[Deed], patience: Patience) -> None:
        """Record what was done by reading, a hundred deeds at most, before what was read is told.

        Where another looks at the same member in the same microsecond, they are recorded one microsecond later.
        Raises BusyError and DependencyUnavailableError. AP-91.
        """
        if not deeds:
            return
        try:
            commit(self.client, [recording(deed, table=self.table) for deed in deeds], patience)
        except DeedRecordedError:
            self.record([replace(deed, at=deed.at + MICROSECOND) for deed in deeds], patience)

    def page(
        self,
        day: date,
        wanted: Callable[[Deed], bool],
        *,
        limit: int,
        start: Mapping[str, AttributeValue] | None = None,
    ) -> TrailPage:
        """Read the deeds of a day that are wanted, newest first. A page is short only where the day begins.

        It reads in growing steps, so that a rare deed takes few calls. AP-81.
        """
        found: list[Deed] = []
        following, step = start, limit
        while True:
            page = self.client.query(
                TableName=self.table,
                KeyConditionExpression="pk = :day",
                ExpressionAttributeValues=encode({":day": keys.trail_of(day)}),
                ScanIndexForward=False,
                Limit=step,
                **({"ExclusiveStartKey": following} if following else {}),
            )
            following = page.get("LastEvaluatedKey")
            for item in page["Items"]:
                deed = deed_of(decode(item))
                if not wanted(deed):
                    continue
                if len(found) == limit:
                    return TrailPage(found, encode(deed_key(found[-1])._asdict()))
                found.append(deed)
            if not following or len(found) == limit:
                return TrailPage(found, following)
            step = min(4 * step, LONGEST_STEP)


def deed_key(deed: Deed) -> Key:
    at = deed.at.astimezone(UTC).isoformat(timespec="microseconds")
    return keys.trail(deed.day, at, deed.what, deed.about)


def deed_item(deed: Deed) -> Item:
    told = {"mb": deed.member_id, "s": deed.store_id, "why": deed.why}
    return {**deed_key(deed)._asdict(), "by": deed.who, **{name: value for name, value in told.items() if value}}


def deed_of(item: Item) -> Deed:
    at, what, about = item["sk"].split("#", 2)
    return Deed(
        what=What(what),
        at=datetime.fromisoformat(at),
        who=item["by"],
        about=about,
        member_id=item.get("mb", ""),
        store_id=item.get("s", ""),
        why=item.get("why", ""),
    )
