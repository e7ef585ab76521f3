"""A queue that brings tasks as SQS does, and the planner and worker around it, on the engine."""

import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from functions.sweep_planner.dependencies import Dependencies
from functions.sweep_planner.start import start
from functions.sweep_worker.dependencies import workers_of
from functions.sweep_worker.records import take_batch
from shared.runtime.patience import Patience
from shared.sweeps.pace import Pace
from shared.sweeps.queue import Queue
from shared.sweeps.store import Accounts
from shared.sweeps.work import Sweeping
from tests.builders import HandClock, Till, shanghai

MAX_RECEIVES: Final = 5
A_MINUTE_MS: Final = 60_000


@dataclass(slots=True)
class Message:
    id: str
    body: str
    receives: int = 0


class FakeSqs:
    """A standard queue with a dead-letter queue behind it; visibility ends when a test says so."""

    def __init__(self) -> None:
        self.waiting: deque[Message] = deque()
        self.dead: list[Message] = []
        self.refuses = False
        self._numbers = itertools.count(1)

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, str]]) -> dict[str, Any]:  # noqa: ARG002, N803
        assert 1 <= len(Entries) <= 10
        if self.refuses:
            return {"Successful": [], "Failed": [{"Id": entry["Id"]} for entry in Entries]}
        for entry in Entries:
            self.put(entry["MessageBody"])
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def put(self, body: str) -> None:
        self.waiting.append(Message(f"m-{next(self._numbers)}", body))

    def take(self, most: int) -> list[Message]:
        return [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]

    def give_back(self, messages: Sequence[Message]) -> None:
        for message in messages:
            message.receives += 1
            (self.dead if message.receives >= MAX_RECEIVES else self.waiting).append(message)

    def redrive(self) -> None:
        self.waiting.extend(replace(message, receives=0) for message in self.dead)
        self.dead.clear()


def time_for(members: int) -> Callable[[], int]:
    """Give a Lambda's remaining time that is up after so many members of a page: each is asked for three times."""
    asked = itertools.count()
    return lambda: A_MINUTE_MS if next(asked) < 3 * members else 0


@dataclass(slots=True, kw_only=True)
class Sweeps:
    """The planner, its queue and one worker, at the clock of a till."""

    till: Till
    segments: int = 1
    page_accounts: int = 1_000
    sqs: FakeSqs = field(default_factory=FakeSqs)
    time_travel: bool = False
    deliveries: int = 0

    @property
    def clock(self) -> HandClock:
        return self.till.clock

    @property
    def planner(self) -> Dependencies:
        queue = Queue(client=self.sqs, url="tasks")
        return Dependencies(
            sweeps=queue, audits=queue, segments=self.segments, clock=self.clock, time_travel=self.time_travel
        )

    @property
    def worker(self) -> Sweeping:
        ledger = self.till.ledger
        return Sweeping(
            accounts=Accounts(client=ledger.client, table=ledger.tables.accounts, page_accounts=self.page_accounts),
            ledger=ledger,
            workers=workers_of(ledger, self.till.earning.rules),
            pace=Pace(1_000_000),
            send=Queue(client=self.sqs, url="tasks").send,
        )

    def fire(self, kind: str, at: str) -> dict[str, Any]:
        """Start a run as a schedule does; `at` is on the clock of Shanghai."""
        return start({"kind": kind, "at": shanghai(at).isoformat()}, self.planner)

    def deliver(
        self, most: int = 1, *, remaining_ms: Callable[[], int] = lambda: A_MINUTE_MS, built: Sweeping | None = None
    ) -> list[str]:
        """Bring a batch to the worker, once; give the ids of those that failed. Who dies there has it brought again."""
        batch = self.sqs.take(most)
        records = [{"messageId": message.id, "body": message.body} for message in batch]
        self.deliveries += 1
        try:
            answer = take_batch(records, built or self.worker, Patience(remaining_ms=remaining_ms))
        except BaseException:
            self.sqs.give_back(batch)
            raise
        failed = [one["itemIdentifier"] for one in answer["batchItemFailures"]]
        self.sqs.give_back([message for message in batch if message.id in failed])
        return failed

    def drain(self, most: int = 1) -> None:
        """Bring whatever waits until nothing does."""
        while self.sqs.waiting:
            self.deliver(most)

    def run(self, kind: str, at: str) -> None:
        """Run a sweep from its schedule to its end, on time."""
        self.clock.now = max(self.clock.now, shanghai(at))
        self.fire(kind, at)
        self.drain()
