"""What comes in: a request over HTTP, a till's signed event, a record of a stream or a queue, a schedule."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from infra.routes import ROUTES, Route
from shared.http.webhook_signature import sign
from shared.runtime.attributes import Item, encode
from tests.builders import NOW
from tests.http_events import http_event, member_claims, staff_claims

SUBSCRIPTION: Final = "till-1"
SECRET: Final = "whsec_" + "Q" * 32
WEBHOOK: Final = "POST /v1/webhooks/{subscription_id}"
ROUTE_OF: Final = {route.key: route for route in ROUTES}

Find = Callable[[str], list[Item]]
"""Finds items of the ledger by the beginning of their partition."""


class Request(Protocol):
    """Something that a function is invoked with, at some time."""

    @property
    def function(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    def event(self, find: Find) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request over HTTP. `parameters` fill the route's path."""

    route: Route
    claims: dict[str, str] | None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    at: datetime = NOW

    @property
    def function(self) -> str:
        return self.route.function

    def event(self, _find: Find) -> Mapping[str, Any]:
        return http_event(
            self.route.key,
            path=self.route.path.format(**self.parameters),
            claims=self.claims,
            body=self.body,
            headers=self.headers,
            query=self.query,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What AWS brings: `make` gives the event, from the items as they are then."""

    function: str
    make: Callable[[Find], Mapping[str, Any]]
    at: datetime = NOW

    def event(self, find: Find) -> Mapping[str, Any]:
        return self.make(find)


def by_member(
    name: str, route: str, body: Any = None, *, key: str = "", phone: str | None = None, at: datetime = NOW, **path: str
) -> Asked:
    """Let a member ask; the name is the token's subject."""
    headers = {"idempotency-key": key} if key else {}
    claims = member_claims(name, phone=phone)
    return Asked(route=ROUTE_OF[route], claims=claims, body=body, headers=headers, parameters=path, at=at)


def by_staff(scopes: str, route: str, body: Any = None, *, key: str = "", who: str = "zhou", **path: str) -> Asked:
    """Let a till, or one of the staff, ask with a token of some scopes."""
    headers = {"idempotency-key": key} if key else {}
    claims = staff_claims(*scopes.split(), subject=who)
    return Asked(route=ROUTE_OF[route], claims=claims, body=body, headers=headers, parameters=path)


def by_anyone(route: str, **query: str) -> Asked:
    return Asked(route=ROUTE_OF[route], claims=None, query=query)


def by_till(kind: str, data: Mapping[str, Any], *, at: datetime = NOW) -> Asked:
    """Let a till post an event, signed."""
    body = json.dumps({"type": kind, "data": data}, ensure_ascii=False)
    seconds = int(at.timestamp())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(seconds),
        "webhook-signature": sign("msg_1", seconds, body.encode(), SECRET),
    }
    parameters = {"subscription_id": SUBSCRIPTION}
    return Asked(route=ROUTE_OF[WEBHOOK], claims=None, body=body, headers=headers, parameters=parameters, at=at)


def from_stream(function: str, prefix: str, before: Callable[[Item], Item] | None = None) -> Brought:
    """Bring the items of a partition, as the ledger's stream does: new, or changed from what `before` makes of them."""

    def record(number: int, item: Item) -> dict[str, Any]:
        images = {"NewImage": encode(item), **({"OldImage": encode(before(item))} if before else {})}
        return {
            "eventSource": "aws:dynamodb",
            "eventName": "MODIFY" if before else "INSERT",
            "dynamodb": {"Keys": encode({"pk": item["pk"], "sk": item["sk"]}), "SequenceNumber": str(number), **images},
        }

    return Brought(
        function=function,
        make=lambda find: {"Records": [record(number, item) for number, item in enumerate(find(prefix), start=1)]},
    )


def from_queue(function: str, *bodies: Any, at: datetime = NOW) -> Brought:
    """Bring messages, as a queue does."""
    records = [
        {
            "eventSource": "aws:sqs",
            "messageId": f"q-{number}",
            "receiptHandle": f"r-{number}",
            "attributes": {"ApproximateReceiveCount": "1"},
            "body": json.dumps(body),
        }
        for number, body in enumerate(bodies, start=1)
    ]
    return Brought(function=function, make=lambda _find: {"Records": records}, at=at)
