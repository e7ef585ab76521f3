"""A small world for redemption tests: members with points, rewards with stock, and a clock that stands still."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared import keys
from shared.ledger.account import Account, Movement, new_account
from shared.ledger.audit import differences
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_of
from shared.ledger.posting import begin
from shared.ledger.rules import Rules
from shared.ledger.store import Guard, Ledger, StaleReadError
from shared.program.limits import Every, Limit
from shared.redemption.audit import is_shard, live_pieces, stock_differences
from shared.redemption.cancel_redemption import Cancellation, Cancelled, Undoing, cancel_redemption, undo_digest
from shared.redemption.catalogue import Catalogue, Content
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.decide_redemption import Decided, HandOver, approve, hand_over
from shared.redemption.redeem_reward import Order, Redeemed, Redeeming, redeem_reward
from shared.redemption.rewards import Reward
from shared.redemption.shards import Pick, changes
from shared.redemption.stock import Stock
from shared.runtime.attributes import Item, decode
from shared.runtime.patience import Patience, patience_of_seconds
from shared.runtime.transactions import commit
from shared.trail.actor import Actor

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 15, 4, 0, tzinfo=UTC)
FAR = date(2027, 12, 31)
CURRENCY = "CNY"


def a_reward(reward_id: str = "tableware", *, points: int = 500, stock: int | None = 10, **others: Any) -> Reward:
    return Reward(id=reward_id, name=others.pop("name", "精致餐具"), points=points, stock=stock, **others)


def once(every: Every = Every.EVER) -> Limit:
    return Limit(per_member=1, every=every)


class World:
    """One ledger, one container that serves it, and shortcuts that read like the story of a test."""

    manager = Actor(by="manager")

    def __init__(
        self,
        ledger: Ledger,
        *,
        now: datetime = NOON,
        seed: int = 7,
        rules_at: Callable[[datetime], Rules] = lambda _at: Rules(zone=ZONE),
    ) -> None:
        self.rules_at = rules_at
        self.ledger = ledger
        self.now = now
        self.random = random.Random(seed)  # noqa: S311 a test repeats itself by its seed
        self.given_patience: Patience | None = None
        self._numbers = itertools.count(1)
        self.redeeming = self.container(ledger)

    def container(self, ledger: Ledger, pick: Pick | None = None) -> Redeeming:
        """Give a function's container of its own, with nothing remembered."""
        return Redeeming(
            ledger=ledger,
            catalogues=Catalogues(client=ledger.client, table=ledger.tables.ledger, clock=self.clock),
            stock=Stock(ledger=ledger, pick=pick or self.random.choice),
            rules_at=self.rules_at,
            clock=self.clock,
        )

    def clock(self) -> datetime:
        return self.now

    @property
    def patience(self) -> Patience:
        return self.given_patience or patience_of_seconds(20)

    def member(self, lots: Mapping[str, int] | int = 0, *, tier: str = "normal", member_id: str | None = None) -> str:
        """Open an account with points, as entries, so that it can be audited."""
        member_id = member_id or f"mem_{next(self._numbers):026d}"
        account = new_account(member_id, at=self.now, enrolled_on=self.now.astimezone(ZONE).date(), tier_id=tier)
        commit(self.ledger.client, [self.ledger.opening(account)], self.patience)
        lots = {"271231": lots} if isinstance(lots, int) else lots
        if any(lots.values()):
            self.earn(member_id, lots)
        return member_id

    def earn(self, member_id: str, lots: Mapping[str, int]) -> None:
        posting = begin(self.ledger.account(member_id), self.now, Rules(zone=ZONE))
        key = keys.sale("SH001", f"receipt-{next(self._numbers)}-{self.random.randrange(10**9)}")
        posting = posting.add(EntryKind.EARNED, key, Movement(lots=lots))
        self.ledger.commit(posting, self.patience, guards={key: Guard(refusal=lambda _old: StaleReadError())})

    def offer(self, *rewards: Reward) -> None:
        """Put rewards and their stock in force at once."""
        base = self.redeeming.catalogues.read().catalogue
        content = Content(
            effective=datetime(2020, 1, 1, tzinfo=UTC),
            currency=CURRENCY,
            rewards={**base.latest, **{reward.id: reward for reward in rewards}},
        )
        after = Catalogue(revision=base.revision + 1, contents=(content,))
        writes = [self.redeeming.catalogues.replacing(base, after)]
        for reward in rewards:
            if reward.stock:
                spread = changes(dict.fromkeys(range(reward.shards), 0), reward.stock, reward_id=reward.id)
                writes += [
                    self.redeeming.stock.adding(reward.id, shard, given=0, pieces=pieces, revision=after.revision)
                    for shard, pieces in spread.items()
                ]
        commit(self.ledger.client, writes, self.patience)
        self.redeeming = self.container(self.ledger)

    def redeem(
        self, member_id: str, reward_id: str = "tableware", *, key: str = "", digest: str = "d1", **others: Any
    ) -> Redeemed:
        order = Order(
            redemption_id=redemption_id(key or str(next(self._numbers))),
            digest=digest,
            member_id=member_id,
            reward_id=reward_id,
            **others,
        )
        return redeem_reward(order, self.redeeming, self.patience)

    def cancel(self, member_id: str, redemption: str, *, digest: str = "c1", grace_days: int = 0) -> Cancelled:
        cancellation = Cancellation(redemption_id=redemption, member_id=member_id, digest=digest, grace_days=grace_days)
        return cancel_redemption(cancellation, self.redeeming, self.patience)

    def approve(self, redemption: str, actor: Actor | None = None) -> Decided:
        return approve(redemption, actor or self.manager, self.redeeming, self.patience)

    def hand_over(self, redemption: str, *, digest: str = "h1", recorded: bool = True) -> Decided:
        handing = HandOver(redemption_id=redemption, digest=digest, store_id="SH001", recorded=recorded)
        return hand_over(handing, self.manager, self.redeeming, self.patience)

    def undo(
        self, redemption: str, *, rejected: bool = False, actor: Actor | None = None, grace_days: int = 0
    ) -> Cancelled:
        """Cancel for the store, or reject."""
        cancellation = Cancellation(
            redemption_id=redemption,
            digest=undo_digest(rejected=rejected),
            undoing=Undoing(actor=actor or self.manager, rejected=rejected, reason="out-of-stock"),
            grace_days=grace_days,
        )
        return cancel_redemption(cancellation, self.redeeming, self.patience)

    def waiting(self) -> list[tuple[str, str]]:
        """List what waits for the staff, newest first: ids and statuses."""
        page = self.redeeming.requests.page(lambda _one: True, limit=100)
        return [(one.redemption_id, one.status.value) for one in page.items]

    def account(self, member_id: str) -> Account:
        return self.ledger.account(member_id)

    def available(self, member_id: str) -> int:
        return self.account(member_id).balance.available

    def drain(self, reward: Reward, *, shard: int, pieces: int | None = None) -> None:
        """Change a shard as if it offered fewer pieces: none at all, or fewer by a number (more below zero)."""
        one = self.redeeming.stock.read([reward], self.patience)[reward.id][shard]
        pieces = one.left if pieces is None else pieces
        write = self.redeeming.stock.taking_back(reward.id, shard, given=one.given, pieces=pieces)
        commit(self.ledger.client, [write], self.patience)

    def left(self, reward: Reward) -> int:
        shards = self.redeeming.stock.read([reward], self.patience)[reward.id]
        return sum(shard.left for shard in shards.values())

    def items(self) -> list[Item]:
        return [decode(item) for page in self._pages() for item in page["Items"]]

    def _pages(self) -> Iterator[Any]:
        yield from self.ledger.client.get_paginator("scan").paginate(
            TableName=self.ledger.tables.ledger, ConsistentRead=True
        )

    def entries(self, member_id: str, kind: EntryKind | None = None) -> list[Entry]:
        """Give a member's entries in their order."""
        entries = [entry_of(item) for item in self.items() if item.get("m") == member_id]
        ordered = sorted(entries, key=lambda entry: (entry.account_version, entry.position))
        return [entry for entry in ordered if kind in (None, entry.kind)]

    def audit(self) -> list[str]:
        """Everything that an audit finds wrong with members and stock."""
        items = self.items()
        entries = [entry_of(item) for item in items if "m" in item]
        found = stock_differences(filter(is_shard, items), live_pieces(items))
        for member_id in {entry.member_id for entry in entries}:
            own = [entry for entry in entries if entry.member_id == member_id]
            found += differences(self.account(member_id), own)
        return found


def redemption_id(key: str) -> str:
    """Give the id that a key leads to, in the form that `derived_id` gives it."""
    crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "rdm_" + "".join(crockford[ord(character) % 32] for character in f"{key:0>26}"[-26:])


class Calls:
    """Counts what a client asks for: the operations in order, and the units that they consumed."""

    def __init__(self, client: Any) -> None:
        self.operations: list[str] = []
        self.write_units = 0.0
        self.read_units = 0.0
        self._client = client

    @contextmanager
    def counting(self) -> Iterator["Calls"]:
        events = self._client.meta.events
        events.register("provide-client-params.dynamodb", self._ask)
        events.register("after-call.dynamodb", self._count)
        try:
            yield self
        finally:
            events.unregister("provide-client-params.dynamodb", self._ask)
            events.unregister("after-call.dynamodb", self._count)

    def _ask(self, params: dict[str, Any], **_others: Any) -> dict[str, Any]:
        return {**params, "ReturnConsumedCapacity": "TOTAL"}

    def _count(self, model: Any, parsed: dict[str, Any], **_others: Any) -> None:
        self.operations.append(model.name)
        consumed = parsed.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            writes = model.name in {"TransactWriteItems", "PutItem", "UpdateItem"}
            self.write_units += one["CapacityUnits"] if writes else 0
            self.read_units += 0 if writes else one["CapacityUnits"]
