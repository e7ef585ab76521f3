"""S2-17: low stock is told once when it falls below the threshold, and again only after a restock."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from functions.publisher.aside import Aside
from functions.publisher.bus import Bus
from functions.publisher.dependencies import Dependencies
from functions.publisher.records import number_of, take_batch
from shared import keys
from shared.ledger.store import Ledger
from shared.redemption.low_stock import Watch
from shared.redemption.offers import Offer
from shared.redemption.publish_rewards import publish_rewards
from shared.redemption.rewards import Reward
from shared.runtime.attributes import encode
from shared.runtime.patience import Patience
from tests.event_bus import EventBridge, Queue
from tests.integration.redemption.world import Calls, World, a_reward

Image = Mapping[str, Any]


class Stream:
    """The ledger's stream, made from the table as it was and as it is: a record per item that changed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[tuple[str, str], Image] = {}
        self._numbers = itertools.count(100)

    def records(self) -> list[dict[str, Any]]:
        """Give the changes since the last time of what the function's filter lets through."""
        now = {(item["pk"], item["sk"]): item for item in self._world.items()}
        watched = {key: item for key, item in now.items() if key[0].startswith(("STOCK#", "STOCKLOW#"))}
        changed = [
            self.record(self._seen.get(key), item) for key, item in watched.items() if self._seen.get(key) != item
        ]
        self._seen = dict(watched)
        return changed

    def record(self, before: Image | None, after: Image) -> dict[str, Any]:
        images = {"NewImage": encode(after), **({"OldImage": encode(before)} if before else {})}
        return {
            "eventName": "MODIFY" if before else "INSERT",
            "dynamodb": {
                "Keys": encode({"pk": after["pk"], "sk": after["sk"]}),
                "SequenceNumber": str(next(self._numbers)),
                **images,
            },
        }


class Watcher:
    """The function with its stream and its bus."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bus, self.aside = EventBridge(), Queue()
        self.stream = Stream(world)
        redeeming = world.redeeming
        watch = Watch(ledger=world.ledger, catalogues=redeeming.catalogues, stock=redeeming.stock, clock=world.clock)
        self.built = Dependencies(
            watch=watch, bus=Bus(client=self.bus, name="jifen"), aside=Aside(client=self.aside, url="aside")
        )

    def take(self, records: list[dict[str, Any]], patience: Patience | None = None) -> list[str]:
        """Take a batch, and give what it names as failed."""
        answer = take_batch(records, self.built, patience or self.world.patience)
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def run(self) -> None:
        """Let the stream come to rest: what the function writes comes back to it."""
        while records := self.stream.records():
            assert self.take(records) == []

    def redeem(self, member: str, pieces: int) -> None:
        for _ in range(pieces):
            self.world.redeem(member)
            self.run()

    def restock(self, reward: Reward) -> None:
        """Publish a higher total over what there is, in force at once."""
        stock, catalogues = self.world.redeeming.stock, self.world.redeeming.catalogues
        base = catalogues.read().catalogue
        offer = Offer(rewards=[reward], currency="CNY")
        publish_rewards(offer, base.revision, catalogues, stock, self.world.patience)

    @property
    def details(self) -> list[dict[str, Any]]:
        return self.bus.details


@pytest.fixture
def watcher(ledger: Ledger) -> Callable[..., Watcher]:
    def watching(*rewards: Reward) -> Watcher:
        world = World(ledger)
        world.offer(*rewards)
        made = Watcher(world)
        made.run()
        return made

    return watching


@pytest.mark.parametrize("shards", [1, 2, 16])
def test_s2_17_is_told_once_when_it_falls_below(watcher: Callable[..., Watcher], shards: int) -> None:
    watched = watcher(a_reward(points=1, stock=25, low_stock=20, shards=shards))
    member = watched.world.member(100)

    watched.redeem(member, 5)
    assert watched.details == []
    watched.redeem(member, 1)

    (told,) = watched.details
    assert told == {
        "id": "stock_low:tableware:1",
        "reward_id": "tableware",
        "name": "精致餐具",
        "left": 19,
        "low_stock": 20,
        "noticed_at": "2026-03-15T04:00:00.000Z",
    }
    assert {name: watched.bus.told[0][name] for name in ("EventBusName", "Source", "DetailType")} == {
        "EventBusName": "jifen",
        "Source": "jifen",
        "DetailType": "reward.stock_low",
    }
    watched.redeem(member, 19)
    assert len(watched.details) == 1


def test_s2_17_is_told_again_only_after_a_restock(watcher: Callable[..., Watcher]) -> None:
    watched = watcher(a_reward(points=1, stock=4, low_stock=3, shards=2))
    member = watched.world.member(100)
    watched.redeem(member, 2)
    redeemed = watched.world.redeem(member).redemption
    watched.world.cancel(member, redeemed.id)
    watched.redeem(member, 1)
    assert [told["left"] for told in watched.details] == [2]

    watched.restock(a_reward(points=1, stock=7, low_stock=3, shards=2))
    watched.run()
    assert len(watched.details) == 1
    watched.redeem(member, 2)

    assert [told["left"] for told in watched.details] == [2, 2]
    assert len({told["id"] for told in watched.details}) == 2


def test_a_crossing_by_a_shard_above_its_share_is_seen(watcher: Callable[..., Watcher]) -> None:
    tableware = a_reward(points=1, stock=14, low_stock=10, shards=2)
    watched = watcher(tableware)
    watched.world.drain(tableware, shard=0, pieces=4)  # 3 and 7: still ten
    watched.run()
    watched.world.drain(tableware, shard=1, pieces=1)  # 3 and 6: the share would be 5

    watched.run()

    assert [told["left"] for told in watched.details] == [9]


def test_a_record_that_comes_again_notes_nothing_and_tells_the_same_id(watcher: Callable[..., Watcher]) -> None:
    watched = watcher(a_reward(points=1, stock=3, low_stock=3, shards=1))
    watched.world.redeem(watched.world.member(10))
    falls = watched.stream.records()
    watched.take(falls)
    watched.take(falls)
    notices = watched.stream.records()
    watched.take(notices)
    watched.take(notices)

    assert len(notices) == 1
    assert [told["id"] for told in watched.details] == ["stock_low:tableware:1"] * 2


def test_many_falls_in_a_batch_are_added_up_once(watcher: Callable[..., Watcher]) -> None:
    watched = watcher(a_reward(points=1, stock=16, low_stock=16, shards=16))
    member = watched.world.member(100)
    for _ in range(6):
        watched.world.redeem(member)
    records = watched.stream.records()

    with Calls(watched.world.ledger.client).counting() as calls:
        watched.take(records)

    assert len(records) == 6
    assert calls.operations == ["BatchGetItem", "TransactWriteItems"]


def test_plenty_of_stock_costs_no_call(watcher: Callable[..., Watcher]) -> None:
    watched = watcher(a_reward("mug", points=1, stock=100, low_stock=20, shards=1), a_reward(points=1, stock=2))
    member = watched.world.member(100)
    watched.world.redeem(member, "mug")
    watched.world.redeem(member)
    records = watched.stream.records()

    with Calls(watched.world.ledger.client).counting() as calls:
        watched.take(records)

    assert calls.operations == []


def test_what_the_bus_refuses_comes_again(watcher: Callable[..., Watcher]) -> None:
    watched = watcher(a_reward(points=1, stock=3, low_stock=3, shards=1))
    watched.world.redeem(watched.world.member(10))
    watched.take(watched.stream.records())
    notices = watched.stream.records()
    watched.bus.refuses = lambda _entry: True
    assert watched.take(notices, Patience(remaining_ms=lambda: 0)) == [number_of(notices[0])]
    watched.bus.refuses = lambda _entry: False

    watched.take(notices)

    assert [told["left"] for told in watched.details] == [2]


def test_a_removed_notice_is_passed_over(watcher: Callable[..., Watcher]) -> None:
    watched = watcher(a_reward(stock=3, low_stock=3))
    removed = {"Keys": encode(keys.stock_low("tableware", 1)._asdict()), "SequenceNumber": "1"}

    watched.take([{"eventName": "REMOVE", "dynamodb": removed}])

    assert watched.details == []


def test_q3_a_record_that_cannot_be_read_is_put_aside_and_those_around_it_are_taken(
    watcher: Callable[..., Watcher],
) -> None:
    watched = watcher(a_reward(points=1, stock=3, low_stock=3, shards=1))
    watched.world.redeem(watched.world.member(10))
    (fall,) = watched.stream.records()
    nameless = {"pk": {"S": "STOCK#mug#00"}}
    images = {"OldImage": nameless, "NewImage": nameless}
    poison = {"eventName": "MODIFY", "dynamodb": {"SequenceNumber": "666", "Keys": nameless, **images}}

    assert watched.take([poison, fall]) == []

    assert len(watched.stream.records()) == 1  # the notice
    assert [one["sequenceNumber"] for one in watched.aside.bodies] == ["666"]
