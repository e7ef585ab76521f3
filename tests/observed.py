"""What a client does on the wire: counted, broken before it is sent, or robbed of its answer, by botocore's hooks."""

import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from botocore.exceptions import ConnectionClosedError

from shared.runtime.attributes import Item, encode

BEFORE = "before-call.dynamodb"
AFTER = "after-call.dynamodb"


class Killed(BaseException):
    """The process died here; no `except Exception` can hide it."""


@dataclass(slots=True, kw_only=True)
class Traffic:
    """The calls in order, and the capacity units that they consumed."""

    calls: list[str] = field(default_factory=list)
    write_units: float = 0
    read_units: float = 0


@contextmanager
def observed(client: Any) -> Iterator[Traffic]:
    """Count a client's calls and units. A failed transaction tells no units: it is counted by its calls alone."""
    traffic = Traffic()

    def ask(params: dict[str, Any], **_others: Any) -> dict[str, Any]:
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def count(model: Any, **_others: Any) -> None:
        traffic.calls.append(model.name)

    def add(model: Any, parsed: dict[str, Any], **_others: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        units = sum(one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed]))
        if model.name in {"GetItem", "Query", "Scan", "BatchGetItem"}:
            traffic.read_units += units
        else:
            traffic.write_units += units

    with _hooked(client, {"provide-client-params.dynamodb": ask, BEFORE: count, AFTER: add}):
        yield traffic


@contextmanager
def killed(client: Any, *, call: int, answer_lost: bool) -> Iterator[None]:
    """Die at a client's call of a number, counted from 1: before it is sent, or after it, with the answer lost."""
    calls = 0

    def die(**_others: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Killed

    with _hooked(client, {AFTER if answer_lost else BEFORE: die}):
        yield


@contextmanager
def interrupted(client: Any, *, call: int, by: Callable[[], object]) -> Iterator[None]:
    """Let somebody else act right before a client's call of a number is sent, once."""
    calls = 0

    def act(**_others: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            by()

    with _hooked(client, {BEFORE: act}):
        yield


class _Answer(NamedTuple):
    status_code: int


Cancelled = tuple[_Answer, dict[str, Any]]


@contextmanager
def conflicts(client: Any, *, share: float, seed: int = 1, code: str = "TransactionConflict") -> Iterator[list[int]]:
    """Answer a share of a client's transactions with a conflict; gives a list with one element per conflict."""
    chance = random.Random(seed)  # noqa: S311 a test repeats itself by its seed
    happened: list[int] = []

    def cancel(params: dict[str, Any], **_others: Any) -> Cancelled | None:
        if chance.random() >= share:
            return None
        happened.append(1)
        return _cancelled(params, code)

    with _hooked(client, {f"{BEFORE}.TransactWriteItems": cancel}):
        yield happened


@contextmanager
def contended(
    client: Any, *, item: re.Pattern[str], seconds: float, now: Callable[[], float], sleep: Callable[[float], None]
) -> Iterator[Counter[int]]:
    """Hold numbered items for so long by each transaction, and refuse one that meets an item which is held.

    `item` finds the number of a transaction's item. Gives how often each thread tried.
    """
    held_until: dict[str, float] = {}
    tries: Counter[int] = Counter()

    def take(params: dict[str, Any], **_others: Any) -> Cancelled | None:
        tries[threading.get_ident()] += 1
        (number,) = item.findall(_text(params))
        if now() < held_until.get(number, 0):
            return _cancelled(params, "TransactionConflict")
        held_until[number] = now() + seconds
        sleep(seconds)
        return None

    with _hooked(client, {f"{BEFORE}.TransactWriteItems": take}):
        yield tries


@contextmanager
def lagging(client: Any, *, item: Item | None) -> Iterator[None]:
    """Answer a client's reads of an item that need not be consistent with what it was, or with nothing (None).

    They do not reach the engine, and nobody counts them.
    """

    def answer(params: dict[str, Any], **_others: Any) -> tuple[_Answer, dict[str, Any]] | None:
        if json.loads(params["body"]).get("ConsistentRead"):
            return None
        return _Answer(200), {"Item": encode(item)} if item else {}

    with _hooked(client, {f"{BEFORE}.GetItem": answer}):
        yield


@contextmanager
def silences(client: Any, *, share: float, seed: int) -> Iterator[None]:
    """Let a share of a client's transactions happen, and the connection break before their answers."""
    chance = random.Random(seed)  # noqa: S311 a test repeats itself by its seed

    def break_off(request: Any, **_others: Any) -> None:
        if chance.random() < share:
            client._endpoint.http_session.send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    with _hooked(client, {"before-send.dynamodb.TransactWriteItems": break_off}):
        yield


def _cancelled(params: dict[str, Any], code: str) -> Cancelled:
    return _Answer(400), {
        "Error": {"Code": "TransactionCanceledException", "Message": "injected"},
        "CancellationReasons": [{"Code": code}, *_reasons(params)],
        "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}},
    }


def _reasons(params: dict[str, Any]) -> list[dict[str, str]]:
    text = _text(params)
    writes = sum(text.count(f'"{kind}":') for kind in ("Put", "Update", "Delete", "ConditionCheck"))
    return [{"Code": "None"}] * (writes - 1)


def _text(params: dict[str, Any]) -> str:
    body: str | bytes = params["body"]
    return body if isinstance(body, str) else body.decode()


@contextmanager
def _hooked(client: Any, hooks: dict[str, Callable[..., Any]]) -> Iterator[None]:
    for event, hook in hooks.items():
        client.meta.events.register(event, hook)
    try:
        yield
    finally:
        for event, hook in hooks.items():
            client.meta.events.unregister(event, hook)
