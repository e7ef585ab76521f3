"""Every DynamoDB call on accounts and entries. Nothing else writes either."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, Final, NamedTuple, TypeVar

from shared.errors import MemberNotFoundError
from shared.keys import Key
from shared.ledger.account import Account, Qualifying, add_days
from shared.ledger.entries import Entry, EntryKind, EntrySummary
from shared.ledger.items import account_item, account_of, entry_item, entry_summary_of, write_instant
from shared.ledger.posting import Posting
from shared.names import ENTRIES_BY_MEMBER
from shared.runtime.attributes import AttributeValue, Item, decode, encode
from shared.runtime.patience import Patience
from shared.runtime.settings import Tables
from shared.runtime.transactions import ConditionalWrite, Refusal, commit, put_if, put_if_absent

T = TypeVar("T")

LONGEST_STEP: Final = 1000
"""How many index entries one call of a filtered history looks at, at most: some 160 KB."""


class StaleReadError(Exception):
    """What was read has moved: the account, or the sale's collection. Decide again from reading on; `settled` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What must hold where an entry is put, and the error that it means when it does not."""

    refusal: Refusal
    condition: str = "attribute_not_exists(pk)"
    values: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilters:
    """A kind of entry, and the half-open span [since, until) of posted instants; what is of no store or of these."""

    kind: EntryKind | None = None
    since: datetime | None = None
    until: datetime | None = None
    stores: frozenset[str] | None = None

    def admits(self, entry: Item) -> bool:
        """Say whether an entry is of the stores. A store is no key, so reading the others costs the same."""
        return self.stores is None or "s" not in entry or entry["s"] in self.stores


class HistoryPage(NamedTuple):
    """Entries, newest first, and the key to start the next page from, where there is more."""

    entries: list[EntrySummary]
    following: Mapping[str, AttributeValue] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The ledger's tables and the client that reaches them (botocore's low-level DynamoDB client)."""

    client: Any
    tables: Tables

    def account(self, member_id: str, *, consistent: bool = True) -> Account:
        """Read an account as it is now, or (not `consistent`) as it may have been a moment ago, for half a read unit.

        The latter is for who only commits what follows from it, under the version read. An account that is not there
        is looked for again, as it may just have been opened. Raises MemberNotFoundError. AP-01.
        """
        item = self.account_item(member_id, consistent=consistent)
        if item is None and not consistent:
            item = self.account_item(member_id)
        if item is None:
            raise MemberNotFoundError
        return account_of(item)

    def account_item(self, member_id: str, *, consistent: bool = True) -> Item | None:
        """Read the item of an account as it is now, readable or not. AP-01."""
        answer = self.client.get_item(
            TableName=self.tables.accounts, Key=encode({"id": member_id}), ConsistentRead=consistent
        )
        return decode(answer["Item"]) if "Item" in answer else None

    def item(self, key: Key, *, consistent: bool = True) -> Item | None:
        """Read one item of the ledger table by its business key. AP-02."""
        answer = self.client.get_item(
            TableName=self.tables.ledger, Key=encode(key._asdict()), ConsistentRead=consistent
        )
        return decode(answer["Item"]) if "Item" in answer else None

    def collection(self, pk: str) -> list[Item]:
        """Read all items of one partition, in key order, as they are now: a sale and its returns. AP-03."""
        items: list[Item] = []
        start: Mapping[str, AttributeValue] = {}
        while True:
            page = self.client.query(
                TableName=self.tables.ledger,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": pk}},
                ConsistentRead=True,
                **({"ExclusiveStartKey": start} if start else {}),
            )
            items.extend(decode(item) for item in page["Items"])
            start = page.get("LastEvaluatedKey", {})
            if not start:
                return items

    def qualifying_days(self, member_id: str, month: str) -> Mapping[str, Qualifying]:
        """Read what counted for the tier on each day of a month (YYMM), from the index, eventually consistent.

        What happened in a month was posted in it or later, but for a clock that is some minutes fast. AP-05.
        """
        began = date(2000 + int(month[:2]), int(month[2:]), 1) - timedelta(days=1)
        days: Mapping[str, Qualifying] = {}
        pages = self.client.get_paginator("query").paginate(
            TableName=self.tables.ledger,
            IndexName=ENTRIES_BY_MEMBER,
            KeyConditionExpression="m = :member AND t >= :began",
            FilterExpression="attribute_exists(q)",
            ProjectionExpression="q",
            ExpressionAttributeValues=encode({":member": member_id, ":began": began.isoformat()}),
        )
        for page in pages:
            for item in map(decode, page["Items"]):
                counted = {day: Qualifying(*amounts) for day, amounts in item["q"].items() if day[:4] == month}
                days = add_days(days, counted)
        return days

    def history(
        self,
        member_id: str,
        *,
        limit: int,
        start: Mapping[str, AttributeValue] | None = None,
        filters: HistoryFilters | None = None,
    ) -> HistoryPage:
        """Read a member's entries from the index, newest first, eventually consistent.

        A filter by kind or store reads on until the page is full or the history ends; it never returns a page that is
        short for no reason. It reads in growing steps, so that a rare kind takes few calls. The next page starts
        behind an entry of this one, so that its key tells of no other. AP-04.
        """
        items: list[Item] = []
        following, step, filters = start, limit, filters or HistoryFilters()
        while True:
            request = _history_request(self.tables.ledger, member_id, filters)
            request["Limit"] = step
            if following:
                request["ExclusiveStartKey"] = following
            page = self.client.query(**request)
            items.extend(filter(filters.admits, map(decode, page["Items"])))
            following = page.get("LastEvaluatedKey")
            if len(items) > limit or (following and len(items) == limit):
                items = items[:limit]
                following = encode({name: items[-1][name] for name in ("pk", "sk", "m", "t")})
            if not following or len(items) == limit:
                return HistoryPage([entry_summary_of(item) for item in items], following)
            step = min(4 * step, LONGEST_STEP)

    def commit(
        self,
        posting: Posting,
        patience: Patience,
        *,
        guards: Mapping[Key, Guard],
        beside: Sequence[ConditionalWrite] = (),
        others: Sequence[Posting] = (),
    ) -> None:
        """Write a posting, those of `others` that have entries, and whatever moves with them, all or nothing.

        `guards` says, for the entries that business keys protect, what their presence means; they take precedence.
        Then come the writes `beside` (stock and the like), then the accounts. Raises what the refusals make,
        StaleReadError when an account moved, and what `transactions.commit` raises. AP-06.
        """
        postings = (posting, *(one for one in others if one.entries))
        entries = [entry for one in postings for entry in one.entries]
        guarded = [entry for entry in entries if entry.key in guards]
        writes = [
            *(_guarded_write(self.tables.ledger, entry_item(entry), guards[entry.key]) for entry in guarded),
            *beside,
            *(self._account_write(one) for one in postings),
            *self._entry_writes(entry for entry in entries if entry.key not in guards),
        ]
        commit(self.client, writes, patience)

    def put(
        self, items: Sequence[tuple[Item, Guard]], patience: Patience, *, beside: Sequence[ConditionalWrite] = ()
    ) -> None:
        """Write items that move no points (a guest's sale, a refusal) and what goes with them, all or none.

        Raises what the refusals make, and what `transactions.commit` raises. AP-07.
        """
        puts = [_guarded_write(self.tables.ledger, item, guard) for item, guard in items]
        commit(self.client, [*puts, *beside], patience)

    def opening(self, account: Account) -> ConditionalWrite:
        """Make the write that opens an account; enrolment commits it together with the member. AP-08."""
        return put_if_absent(self.tables.accounts, account_item(account), key="id", refusal=stale)

    def replace_account(
        self, read: Item | None, account: Account, patience: Patience, *, beside: Sequence[ConditionalWrite]
    ) -> None:
        """Put an account rebuilt from its entries in the place of what was read there, which may be nothing.

        It moves no points, so it makes no entry. Raises StaleReadError when the account moved, BusyError and
        DependencyUnavailableError. AP-73.
        """
        condition, values = "attribute_not_exists(v)", None
        if read is not None and "v" in read:
            condition, values = "v = :read", {":read": read["v"]}
        item = account_item(account)
        write = put_if(self.tables.accounts, item, condition=condition, values=values, refusal=stale)
        commit(self.client, [write, *beside], patience)

    def moving(self, *postings: Posting) -> list[ConditionalWrite]:
        """Make the writes of postings that have entries, for another transaction; refused: StaleReadError. AP-09."""
        moved = [one for one in postings if one.entries]
        writes = [self._account_write(one) for one in moved]
        return [*writes, *self._entry_writes(entry for one in moved for entry in one.entries)]

    def opening_with(self, posting: Posting) -> list[ConditionalWrite]:
        """Make the writes that open an account which begins with entries. AP-08."""
        return [self.opening(posting.account), *self._entry_writes(posting.entries)]

    def _entry_writes(self, entries: Iterable[Entry]) -> Iterator[ConditionalWrite]:
        return (put_if_absent(self.tables.ledger, entry_item(entry), refusal=stale) for entry in entries)

    def _account_write(self, posting: Posting) -> ConditionalWrite:
        return put_if(
            self.tables.accounts,
            account_item(posting.account),
            condition="v = :read",
            values={":read": posting.loaded_version},
            refusal=stale,
        )


def settled(decide: Callable[[], T], patience: Patience) -> T:
    """Decide again, from reading on, as long as somebody else wrote first. Raises BusyError when time is up."""
    failures = 0
    while True:
        try:
            return decide()
        except StaleReadError:
            patience.pause(failures)
            failures += 1


def settled_from_any(decide: Callable[[bool], T], patience: Patience) -> T:
    """Decide on a read that may be a moment old, at half the price; where it was, as `settled` on consistent reads.

    `decide` takes whether to read consistently. What it decides without a commit that the account's version guards
    must be true of an old account too.
    """
    tries = count()
    return settled(lambda: decide(next(tries) > 0), patience)


def stale(_old: Item | None) -> Exception:
    """Say that what was read has moved, where a condition failed."""
    return StaleReadError()


def _guarded_write(table: str, item: Item, guard: Guard) -> ConditionalWrite:
    return put_if(table, item, condition=guard.condition, values=guard.values, refusal=guard.refusal)


def _history_request(table: str, member_id: str, filters: HistoryFilters) -> dict[str, Any]:
    condition, values = "m = :member", {":member": {"S": member_id}}
    if filters.since and filters.until:
        condition += " AND t BETWEEN :since AND :until"
    elif filters.since:
        condition += " AND t >= :since"
    elif filters.until:
        condition += " AND t < :until"
    if filters.since:
        values[":since"] = {"S": write_instant(filters.since)}
    if filters.until:
        values[":until"] = {"S": write_instant(filters.until)}
    request: dict[str, Any] = {
        "TableName": table,
        "IndexName": ENTRIES_BY_MEMBER,
        "KeyConditionExpression": condition,
        "ScanIndexForward": False,
    }
    if filters.kind:
        request["FilterExpression"] = "k = :kind"
        values[":kind"] = {"S": filters.kind}
    request["ExpressionAttributeValues"] = values
    return request
