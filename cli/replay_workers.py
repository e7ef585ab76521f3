"""The two ways in which a replay reaches the handlers: signed over HTTP, or called in this machine's processes.

Events of one customer go through one worker in the order of their instants; workers share nothing. In processes the
clock stands at each event's own instant, so points mature and lapse as they would have; over HTTP it is the server's.
"""

import http.client
import json
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cli.errors import CommandError
from cli.laptop.engine import engine_client
from cli.receipts import ReplayEvent
from shared.http.webhook_signature import sign
from shared.runtime.settings import Tables

SUBSCRIPTION: Final = "replay"
LAMBDA_MS: Final = 10_000
TRIES: Final = 4
TRY_AGAIN: Final = frozenset({429, 502, 503, 504})
"""What a gateway or a busy function answers; what was done already is a duplicate the next time."""


class UnreachableError(CommandError):
    """Nothing answers at a URL."""

    def __init__(self, url: str, failed: str) -> None:
        super().__init__(f"nothing answers at {url}: {failed}")
        self.told = (url, failed)

    def __reduce__(self) -> tuple[type["UnreachableError"], tuple[str, str]]:
        """Make it again in the process that waits for the worker."""
        return type(self), self.told


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of one event: the HTTP status, the result or problem code, the points, and how long it took."""

    status: int
    result: str
    reason: str
    points: int
    elapsed_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OverHttp:
    """Where to post, and how to sign."""

    url: str
    subscription_id: str
    secret: str

    def run(self, events: Sequence[ReplayEvent]) -> Iterator[Answered]:
        address = urlsplit(self.url)
        connect = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = connect(address.netloc, timeout=30)
        try:
            for event in events:
                started_at = time.perf_counter()
                yield _answered(*self._post(connection, address.path, event), started_at)
        finally:
            connection.close()

    def _post(self, connection: http.client.HTTPConnection, base: str, event: ReplayEvent) -> tuple[int, bytes]:
        """Post until there is an answer, as a till does. Raises UnreachableError."""
        path, failed = f"{base}/v1/webhooks/{self.subscription_id}", ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(random.uniform(0, 2**attempt))  # noqa: S311 spreads tries, guards nothing
            body, headers = signed_body(event, self.secret, int(time.time()))
            try:
                connection.request("POST", path, body, headers)
                response = connection.getresponse()
                answer = response.status, response.read()
            except (http.client.HTTPException, OSError) as error:
                connection.close()
                failed = str(error) or type(error).__name__
            else:
                if answer[0] not in TRY_AGAIN or attempt == TRIES - 1:
                    return answer
        raise UnreachableError(self.url, failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class InProcess:
    """The handler's own code against a DynamoDB endpoint. `secret` signs what the process sends to itself."""

    endpoint: str
    tables: Tables
    key: bytes
    secret: str

    def run(self, events: Sequence[ReplayEvent]) -> Iterator[Answered]:
        api, set_clock = _handler(self)
        for event in events:
            set_clock(event.at)
            body, headers = signed_body(event, self.secret, int(event.at.timestamp()))
            started_at = time.perf_counter()
            answer = api.resolve(_invocation(body, headers), _Context())
            yield _answered(answer["statusCode"], answer["body"].encode(), started_at)


Worker = OverHttp | InProcess


def signed_body(event: ReplayEvent, secret: str, at_seconds: int) -> tuple[bytes, dict[str, str]]:
    """Give the body and the headers of Standard Webhooks with which an event is posted."""
    body = json.dumps({"type": event.type, "data": event.data}, ensure_ascii=False).encode()
    delivery = f"replay-{event.invoice}-{event.data['receipt_id']}"
    return body, {
        "content-type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": str(at_seconds),
        "webhook-signature": sign(delivery, at_seconds, body, secret),
    }


def by_customer(events: Iterable[ReplayEvent], workers: int) -> list[list[ReplayEvent]]:
    """Deal events out so that each customer's (a guest's: each receipt's) stay together and in order."""
    dealt: dict[str, list[ReplayEvent]] = {}
    for event in events:
        dealt.setdefault(event.customer or event.data["receipt_id"], []).append(event)
    hands: list[list[ReplayEvent]] = [[] for _ in range(workers)]
    for own in sorted(dealt.values(), key=len, reverse=True):
        min(hands, key=len).extend(own)
    return [sorted(hand, key=lambda event: event.at) for hand in hands]


def shifted(events: Sequence[ReplayEvent], until: datetime) -> list[ReplayEvent]:
    """Move all events by the same whole weeks, as many as end before `until`: weekdays and hours stay.

    A receipt of another week is another receipt: told again within a week it is a duplicate, and never in conflict.
    """
    weeks = (until - events[-1].at) // timedelta(weeks=1)
    return [_moved(event, weeks) for event in events]


def _moved(event: ReplayEvent, weeks: int) -> ReplayEvent:
    at = event.at + timedelta(weeks=weeks)
    receipt = f"{event.data['receipt_id']}-{weeks}w"
    return replace(event, at=at, data={**event.data, "occurred_at": at.isoformat(), "receipt_id": receipt})


def _answered(status: int, body: bytes, started_at: float) -> Answered:
    elapsed_ms = (time.perf_counter() - started_at) * 1000
    try:
        answer = json.loads(body)
    except ValueError:  # a gateway's own page
        answer = {}
    return Answered(
        status=status,
        result=answer.get("result") or answer.get("code", "unknown"),
        reason=answer.get("reason") or "",
        points=answer.get("points", 0) + answer.get("points_pending", 0),
        elapsed_ms=elapsed_ms,
    )


class _Context:
    """The part of Lambda's context that a handler asks for."""

    def get_remaining_time_in_millis(self) -> int:
        return LAMBDA_MS


def _invocation(body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    path = f"/v1/webhooks/{SUBSCRIPTION}"
    return {
        "version": "2.0",
        "routeKey": "POST /v1/webhooks/{subscription_id}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "pathParameters": {"subscription_id": SUBSCRIPTION},
        "requestContext": {
            "http": {"method": "POST", "path": path, "sourceIp": "127.0.0.1"},
            "requestId": headers["webhook-id"],
            "stage": "$default",
        },
        "body": body.decode(),
        "isBase64Encoded": False,
    }


class _OwnSecret:
    """Stands for Secrets Manager, with the one subscription of a replay."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 as AWS names it
        subscription = {"id": SUBSCRIPTION, "stores": ["*"], "secrets": [self._secret], "claim_days": None}
        return {"SecretString": json.dumps({"subscriptions": [subscription]}), "ARN": SecretId}


class _Nowhere:
    """Stands for S3: a replay keeps no event that cannot be used, its table counts them."""

    def put_object(self, **_kept: Any) -> None:
        pass


@cache
def _handler(worker: InProcess) -> tuple[Any, Any]:
    """Build the webhooks function once per process, and give what sets its clock."""
    from functions.webhooks.dependencies import Dependencies  # noqa: PLC0415 a worker's own import
    from functions.webhooks.routes import routes  # noqa: PLC0415 likewise
    from shared.earning.assembly import Earning  # noqa: PLC0415 likewise
    from shared.earning.budgets import Budgets  # noqa: PLC0415 likewise
    from shared.http.api import build_api  # noqa: PLC0415 likewise
    from shared.http.quarantine import Quarantine  # noqa: PLC0415 likewise
    from shared.http.subscriptions import SubscriptionBook  # noqa: PLC0415 likewise
    from shared.ledger.store import Ledger  # noqa: PLC0415 likewise
    from shared.members.store import Members  # noqa: PLC0415 likewise
    from shared.program.store import Programs  # noqa: PLC0415 likewise

    client = engine_client(worker.endpoint, connections=2)
    now: list[datetime] = []
    ledger = Ledger(client=client, tables=worker.tables)
    members = Members(client=client, tables=worker.tables, key=worker.key)
    built = Dependencies(
        subscriptions=SubscriptionBook(client=_OwnSecret(worker.secret), secret_id=SUBSCRIPTION, clock=lambda: now[0]),
        earning=Earning(
            ledger=ledger,
            programs=Programs(client=client, table=worker.tables.ledger),
            find_member=lambda reference: members.find(reference.kind, reference.value),
            find_birthday=members.birthday,
            budgets=Budgets(ledger=ledger, pick=random.SystemRandom().choice),
            clock=lambda: now[0],
        ),
        quarantine=Quarantine(connect=_Nowhere, bucket=SUBSCRIPTION, clock=lambda: now[0]),
        clock=lambda: now[0],
    )

    def set_clock(at: datetime) -> None:
        now[:] = [at]

    return build_api([routes], built=built, member_client_id=""), set_clock


def be_silent() -> None:
    """Drop what functions log in this process: a line per receipt would drown the table. Errors are answers."""
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 for as long as the process lives
