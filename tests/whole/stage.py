"""The whole product on an engine and on moto: tables, what was so far, and containers that are asked for one thing."""

import itertools
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, NamedTuple

import pytest
from moto import mock_aws

from shared import names
from shared.runtime import aws
from shared.runtime.attributes import Item
from shared.runtime.settings import Tables
from shared.runtime.surroundings import Surroundings
from tests.engine import create_tables
from tests.http_events import MEMBER_CLIENT, LambdaContext
from tests.whole.containers import Container, container
from tests.whole.engine import Engine, plain
from tests.whole.requests import SECRET, SUBSCRIPTION, Request
from tests.whole.wire import Call, Moment, Wire

Place = tuple[str, ...]
State = Mapping[Place, Mapping[str, Any]]
"""Items as DynamoDB writes them, by table and key."""

BUCKET: Final = "quarantine"
ROOT_KEY: Final = "k" * 32
SECRETS: Final[Mapping[str, Any]] = {
    "keys": {"root": ROOT_KEY},
    "subscriptions": {
        "subscriptions": [
            {"id": SUBSCRIPTION, "format": "house", "stores": ["*"], "secrets": [SECRET], "claim_days": None}
        ]
    },
    "endpoints": {"endpoints": [{"id": "crm", "url": "https://crm.example", "events": ["*"], "secrets": [SECRET]}]},
}
MOST_IN_BATCH: Final = 25
SO_FAR: Final = 0
"""The attempt that what was so far is made by."""


class End(NamedTuple):
    """What came of a request: the answer, the items, and what others were told."""

    answer: Mapping[str, Any]
    state: State
    told: frozenset[Call]


def id_of(prefix: str, attempt: int, number: int) -> str:
    """Give the id that an attempt makes, the how-manieth of its prefix."""
    return f"{prefix}_{attempt:06d}{number:020d}"


@dataclass(slots=True)
class Stage:
    """The tables, the wire, and the ids that were made."""

    engine: Engine
    tables: Tables
    wire: Wire
    _numbers: dict[tuple[str, int], Iterator[int]] = field(default_factory=lambda: defaultdict(itertools.count))

    def container(self, request: Request, attempt: int) -> Container:
        """Build a container of an attempt: each is a second and a bit later, with ids and luck of its own."""
        at = request.at + timedelta(seconds=attempt, microseconds=7)
        self.wire.now = at
        luck = random.Random(attempt)  # noqa: S311 a test repeats itself by its seed
        around = Surroundings(
            clock=lambda: at,
            new_id=lambda prefix: id_of(prefix, attempt, next(self._numbers[prefix, attempt])),
            pick=luck.choice,
        )
        return container(request.function, around)

    def play(self, requests: Iterable[Request]) -> None:
        """Let things happen that must succeed."""
        for request in requests:
            answer = self.container(request, SO_FAR)(request.event(self.find), LambdaContext())
            assert answer.get("statusCode", 200) < 300, answer
            assert not answer.get("batchItemFailures"), answer

    def find(self, prefix: str) -> list[Item]:
        """Find items of the ledger by the beginning of their partition."""
        items = [item for (table, *_), item in self.state().items() if table == self.tables.ledger]
        return [plain(item) for item in items if item[names.PARTITION_KEY]["S"].startswith(prefix)]

    def state(self) -> State:
        items: dict[Place, Mapping[str, Any]] = {}
        for table, key in self._keys():
            items |= {(table, *(item[name]["S"] for name in key)): item for item in self.engine.scan(table)}
        return items

    def rewind(self, to: State) -> None:
        """Make the tables what they were."""
        now = self.state()
        keys = dict(self._keys())
        changes = [(place[0], {"PutRequest": {"Item": item}}) for place, item in to.items() if now.get(place) != item]
        changes += [
            (place[0], {"DeleteRequest": {"Key": {name: now[place][name] for name in keys[place[0]]}}})
            for place in now
            if place not in to
        ]
        for start in range(0, len(changes), MOST_IN_BATCH):
            batch = defaultdict(list)
            for table, change in changes[start : start + MOST_IN_BATCH]:
                batch[table].append(change)
            self.engine.write(batch)

    def empty_bucket(self) -> None:
        client = aws.client("s3")
        for kept in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            client.delete_object(Bucket=BUCKET, Key=kept["Key"])

    def forget_ids(self) -> None:
        """Let attempts begin their ids anew."""
        for prefix, attempt in list(self._numbers):
            if attempt != SO_FAR:
                del self._numbers[prefix, attempt]

    def _keys(self) -> Sequence[tuple[str, tuple[str, ...]]]:
        pair = (names.PARTITION_KEY, names.SORT_KEY)
        return (self.tables.accounts, (names.ACCOUNT_KEY,)), (self.tables.ledger, pair), (self.tables.members, pair)


@dataclass(slots=True)
class Scene:
    """One request, which may be made many times, each time from the same beginning.

    `counted` is where attempts are counted, whatever comes of them: that is no part of what they end in.
    """

    stage: Stage
    request: Request
    before: State
    event: Mapping[str, Any]
    counted: str = ""
    attempts: int = 0
    told: set[Call] = field(default_factory=set)

    def attempt(
        self,
        number: int,
        *,
        breaking: Callable[[Moment, int], None] | None = None,
        context: LambdaContext | None = None,
    ) -> dict[str, Any]:
        """Make the request in a new container."""
        wire = self.stage.wire
        self.attempts += 1
        try:
            with wire.heard(breaking):
                return self.stage.container(self.request, number)(self.event, context or LambdaContext())
        finally:
            self.told |= {call for call in wire.sent if call.tells}

    def end(self, answer: Mapping[str, Any]) -> End:
        """Look at what there is now."""
        state = self.stage.state()
        counts = {place: item for place, item in state.items() if self.counted and place[1].startswith(self.counted)}
        assert all(int(item["n"]["N"]) <= self.attempts for item in counts.values())
        kept = {place: item for place, item in state.items() if place not in counts}
        return End(answer, kept, frozenset(self.told))

    def rewind(self) -> None:
        self.stage.rewind(self.before)
        if any(call.service == "s3" for call in self.told):
            self.stage.empty_bucket()
        self.stage.forget_ids()
        self.told.clear()
        self.attempts = 0


@contextmanager
def open_stage(engine_url: str, suffix: str) -> Iterator[Stage]:
    """Set up what the functions find in their environment, with empty tables."""
    aws.client.cache_clear()
    aws._session.cache_clear()
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine_url)
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        wire = Wire()
        wire.hook(aws._session())
        tables = create_tables(aws.client("dynamodb"), suffix)
        for name, value in _settings(tables).items():
            environment.setenv(name, value)
        try:
            with closing(Engine(engine_url)) as engine:
                yield Stage(engine, tables, wire)
        finally:
            aws.client.cache_clear()
            aws._session.cache_clear()


def _settings(tables: Tables) -> dict[str, str]:
    """Make what else there is in an account, and give the environment of all functions."""
    for name, content in SECRETS.items():
        aws.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(content))
    aws.client("s3").create_bucket(Bucket=BUCKET)
    queues = ("sweeps", "audits", "later", "aside", "webhooks")
    queue = {name: aws.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in queues}
    return {
        names.ACCOUNTS_TABLE: tables.accounts,
        names.LEDGER_TABLE: tables.ledger,
        names.MEMBERS_TABLE: tables.members,
        names.KEYS_SECRET: "keys",
        names.SUBSCRIPTIONS_SECRET: "subscriptions",
        names.ENDPOINTS_SECRET: "endpoints",
        names.QUARANTINE_BUCKET: BUCKET,
        names.MEMBER_CLIENT_ID: MEMBER_CLIENT,
        names.REQUIRED_CONSENTS: "privacy:1",
        names.EVENT_BUS: aws.client("events").create_event_bus(Name="jifen")["EventBusArn"],
        names.SWEEP_QUEUE: queue["sweeps"],
        names.AUDIT_QUEUE: queue["audits"],
        names.SWEEP_SEGMENTS: "2",
        names.SWEEP_MEMBERS_PER_SECOND: "1000",
        names.MESSAGE_TOPIC: aws.client("sns").create_topic(Name="messages")["TopicArn"],
        names.MESSAGES_LATER_QUEUE: queue["later"],
        names.PUT_ASIDE_QUEUE: queue["aside"],
        names.WEBHOOK_QUEUE: queue["webhooks"],
        names.SMS_PER_MONTH: "100",
        names.SMS_MAX_PRICE_USD: "0.05",
    }
