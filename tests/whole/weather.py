"""Bad weather between the product and DynamoDB, by chance: conflicts, throttling, answers that are lost.

It breaks what is sent, so the SDK meets it first and tries again as it does in a Lambda; what the SDK gives up, the
product meets.
"""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final, NamedTuple

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from shared.runtime.aws import ATTEMPTS

_TRANSACTION: Final = "TransactWriteItems"
_TOKEN: Final = "ClientRequestToken"


class Weather(NamedTuple):
    """The shares of what is sent that meet a conflict (transactions only), are throttled, fail, lose their answer."""

    conflicts: float = 0
    throttles: float = 0
    failures: float = 0
    lost: float = 0


@dataclass(slots=True)
class Met:
    """What one attempt of a request met: how often each transaction was tried, and what broke.

    `given_up` counts the calls that the SDK gave up: all of their tries were broken. `blind` are transactions that were
    sent again after a condition of theirs had failed, with nothing read in between.
    """

    chance: random.Random
    in_call: int = 0
    given_up: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    tries: Counter[str] = field(default_factory=Counter)
    refused: set[str] = field(default_factory=set)
    blind: list[str] = field(default_factory=list)

    @property
    def most_tries(self) -> int:
        return max(self.tries.values(), default=0)


class Sky:
    """Hangs over a client of DynamoDB. Only a thread that is `under` it meets anything."""

    def __init__(self, client: Any) -> None:
        self._here = threading.local()
        self._sender = URLLib3Session(max_pool_connections=32)
        client.meta.events.register("before-send.dynamodb", self._send)
        client.meta.events.register("before-call.dynamodb", self._call)
        client.meta.events.register("after-call.dynamodb", self._answer)

    @contextmanager
    def under(self, weather: Weather, chance: random.Random) -> Iterator[Met]:
        """Let what this thread sends meet the weather, and tell what it met."""
        self._here.weather, self._here.met = weather, Met(chance)
        try:
            yield self._here.met
        finally:
            del self._here.weather, self._here.met

    @property
    def _met(self) -> Met | None:
        return getattr(self._here, "met", None)

    def _call(self, model: Any, params: Mapping[str, Any], context: dict[str, Any], **_others: Any) -> None:
        met = self._met
        if met is None:
            return
        met.in_call = 0
        if model.name != _TRANSACTION:
            met.refused.clear()
            return
        context["transaction"] = transaction = _without_token(params["body"])
        met.tries[transaction] += 1
        if transaction in met.refused:
            met.blind.append(transaction)

    def _answer(self, model: Any, parsed: Mapping[str, Any], context: Mapping[str, Any], **_others: Any) -> None:
        met = self._met
        if met is None or model.name != _TRANSACTION:
            return
        if any(reason["Code"] == "ConditionalCheckFailed" for reason in parsed.get("CancellationReasons", ())):
            met.refused.add(context["transaction"])

    def _send(self, request: AWSPreparedRequest, event_name: str, **_others: Any) -> AWSResponse | None:
        met = self._met
        if met is None:
            return None
        weather: Weather = self._here.weather
        kinds = ("throttled", "failed", "lost", "")
        shares = (weather.throttles, weather.failures, weather.lost)
        (kind,) = met.chance.choices(kinds, (*shares, 1 - sum(shares)))
        if not kind and event_name.endswith(_TRANSACTION) and met.chance.random() < weather.conflicts:
            kind = "conflict"
        if not kind:
            return None
        met.broken[kind] += 1
        met.in_call += 1
        met.given_up += met.in_call == ATTEMPTS
        return self._break(kind, request)

    def _break(self, kind: str, request: AWSPreparedRequest) -> AWSResponse:
        match kind:
            case "throttled":
                return _refusal(request, 400, "ThrottlingException")
            case "failed":
                return _refusal(request, 500, "InternalServerError")
            case "conflict":
                reasons = _conflict(request.body)
                return _refusal(request, 400, "TransactionCanceledException", CancellationReasons=reasons)
            case _:
                self._sender.send(request)
                raise ReadTimeoutError(endpoint_url=request.url)


def _without_token(body: bytes | str) -> str:
    """Give what a transaction asks for. The token by which the SDK knows its own repetitions is of each call."""
    return json.dumps({name: part for name, part in json.loads(body).items() if name != _TOKEN})


def _conflict(body: bytes | str) -> list[dict[str, str]]:
    items = json.loads(body)["TransactItems"]
    return [{"Code": "TransactionConflict"}, *({"Code": "None"} for _ in items[1:])]


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _refusal(request: AWSPreparedRequest, status: int, code: str, **more: Any) -> AWSResponse:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "injected", **more}
    headers = {"content-type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, status, headers, _Raw(json.dumps(body).encode()))
