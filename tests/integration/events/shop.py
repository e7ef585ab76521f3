"""A shop that sells, takes back and gives rewards; its publisher, and a system that listens to the bus."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from functions.publisher.aside import Aside
from functions.publisher.bus import Bus
from functions.publisher.dependencies import Dependencies
from functions.publisher.records import take_batch
from shared.ledger.entry_ids import entry_id
from shared.ledger.store import Ledger
from shared.redemption.low_stock import Watch
from shared.redemption.rewards import Reward
from shared.runtime.patience import Patience
from tests.builders import NOW, Till, a_ladder, a_program, a_refund, a_sale, a_void, days, patience, publish
from tests.event_bus import EventBridge, Queue
from tests.integration.redemption.world import World, a_reward
from tests.ledger_stream import LedgerStream, Record

Balance = Mapping[str, int]


class Shop:
    """One ledger with a till and redemptions. `world` redeems on the till's clock."""

    def __init__(self, ledger: Ledger, engine_url: str) -> None:
        self.ledger = ledger
        self.stream = LedgerStream(ledger, engine_url)
        self.till = Till(ledger=ledger)
        self.world = World(ledger, now=NOW)
        self.bus, self.aside = EventBridge(), Queue()
        publish(ledger, a_program(expire=days(30), tiers=a_ladder(silver=200, gold=1_000), pending_days=0))
        redeeming = self.world.redeeming
        watch = Watch(ledger=ledger, catalogues=redeeming.catalogues, stock=redeeming.stock, clock=self.till.clock)
        self.built = Dependencies(
            watch=watch, bus=Bus(client=self.bus, name="jifen"), aside=Aside(client=self.aside, url="aside")
        )

    def take(self, records: Sequence[Record], *, allowed: Patience | None = None) -> list[str]:
        """Let the publisher take a batch, and give what it names as failed."""
        answer = take_batch(records, self.built, allowed or patience())
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def a_year(self, *members: str) -> None:
        """Sell, take back, give rewards and let points lapse: every member goes through all of it."""
        self.world.offer(a_reward(points=50, stock=1_000))
        for number, member in enumerate(members):
            self.till.sell(a_sale(300_000, receipt_id=f"A-{number}"), member)
            self.till.sell(a_sale(20_000, 30_000, receipt_id=f"B-{number}"), member)
            self.till.take_back(a_refund(lines={"1": 20_000}, receipt_id=f"B-{number}"))
            self.till.take_back(a_refund(5_000, receipt_id=f"C-{number}"))  # before its sale
            self.till.sell(a_sale(40_000, receipt_id=f"C-{number}"), member)
            redeemed = self.world.redeem(member).redemption
            self.world.redeem(member)
            self.world.cancel(member, redeemed.id)
            self.till.take_back(a_void(receipt_id=f"A-{number}"))
        self.till.clock.forward(days=40)
        for number, member in enumerate(members):
            self.till.sell(a_sale(10_000, receipt_id=f"D-{number}", occurred_at=self.till.clock()), member)

    def low_rewards(self) -> list[Reward]:
        return [a_reward(points=50, stock=2, low_stock=3)]

    def items(self) -> list[Any]:
        return [item for item in self.world.items() if "mv" in item]

    def ids(self) -> set[str]:
        """Name every entry that there is."""
        return {entry_id(entry.key) for member in self.members() for entry in self.world.entries(member)}

    def members(self) -> set[str]:
        return {item["m"] for item in self.items()}

    def balances(self) -> dict[str, Balance]:
        return {member: self.ledger.account(member).balance._asdict() for member in self.members()}


class Listener:
    """What another system makes of the events: it adds up points, and takes an id once."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.points: dict[str, int] = {}
        self.pending: dict[str, int] = {}

    def hear(self, events: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        for kind, detail in events:
            if kind.startswith("points.") and detail["id"] not in self.seen:
                self._add(detail)

    def _add(self, detail: Mapping[str, Any]) -> None:
        member = detail["member_id"]
        self.seen.add(detail["id"])
        self.points[member] = self.points.get(member, 0) + detail["points"]
        self.pending[member] = self.pending.get(member, 0) + detail["points_pending"]

    def balances(self) -> dict[str, tuple[int, int]]:
        return {member: (self.points[member], self.pending[member]) for member in self.points}


def in_pieces(records: Sequence[Record], dice: random.Random) -> list[list[Record]]:
    """Cut records into batches anywhere, so that a transaction is torn apart, and bring some of them twice."""
    batches: list[list[Record]] = []
    left = list(records)
    while left:
        size = dice.randint(1, 7)
        batch, left = left[:size], left[size:]
        batches.append(batch)
        if dice.random() < 0.3:
            batches.append(batch[dice.randrange(len(batch)) :])
    return batches
