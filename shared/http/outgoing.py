"""Outgoing webhooks: one POST of an event, signed by Standard Webhooks, to an address that was checked.

POST-1 It takes five seconds and a little at most, whatever the other side does: a byte every second does not keep it.
POST-2 Nothing is followed and nothing goes through a proxy; of the answer the status counts, and 1 KB is read.
POST-3 The connection goes to the checked address (ADDR-1), and its certificate must be the host's (decision 11).
"""

import contextlib
import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from threading import Timer
from typing import Any, Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from shared.http.addresses import Resolve, Target, address_of, target_of
from shared.http.endpoints import Endpoint
from shared.http.webhook_signature import sign
from shared.runtime.clock import Clock

CONNECT_SECONDS: Final = 1.0
TOTAL_SECONDS: Final = 5.0
MOST_READ_BYTES: Final = 1024
GONE: Final = 410
USER_AGENT: Final = "Jifen-Webhooks/1"


class NoAnswerError(Exception):
    """Whoever is there does not take a connection, or does not answer in time; the cause says more."""


class Verdict(StrEnum):
    """What an answer means: the event was taken, nobody there wants events any more, or it should come again."""

    DELIVERED = "delivered"
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An event as it leaves; `id` tells repetitions, `timestamp` is when it happened (RFC 3339)."""

    id: str
    type: str
    timestamp: str
    data: Mapping[str, Any]

    @property
    def body(self) -> bytes:
        told = {"type": self.type, "timestamp": self.timestamp, "data": self.data}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What a POST works with. `trust` are the authorities that a certificate may be from; `loopback` is a laptop's."""

    clock: Clock
    resolve: Resolve
    trust: ssl.SSLContext
    loopback: bool = False
    total_seconds: float = TOTAL_SECONDS


def deliver(webhook: Webhook, endpoint: Endpoint, sending: Sending) -> tuple[Verdict, int]:
    """POST an event to an endpoint; give what the answer means, and its status.

    Raises UrlRefusedError where it may not go there, and NoAnswerError.
    """
    target = target_of(endpoint.url, loopback=sending.loopback)
    address = address_of(target, sending.resolve, loopback=sending.loopback)
    status = _post(target, address, webhook.body, headers_of(webhook, endpoint, sending), sending)
    return verdict_of(status), status


def headers_of(webhook: Webhook, endpoint: Endpoint, sending: Sending) -> dict[str, str]:
    """Sign with every active secret, so that the receiver may know either."""
    now = int(sending.clock().timestamp())
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": webhook.id,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(sign(webhook.id, now, webhook.body, secret) for secret in endpoint.secrets),
    }


def verdict_of(status: int) -> Verdict:
    if 200 <= status < 300:  # noqa: PLR2004 the statuses of success
        return Verdict.DELIVERED
    return Verdict.GONE if status == GONE else Verdict.REFUSED


def _post(target: Target, address: str, body: bytes, headers: Mapping[str, str], sending: Sending) -> int:
    try:
        with _connected(target, address, sending) as connection:
            told = {"Host": target.authority, "Connection": "close", **headers}
            connection.request("POST", target.path, body, told, preload_content=False, decode_content=False)
            response = connection.getresponse()
            with contextlib.suppress(HTTPError, OSError):  # the status is known: the rest is only cleared away
                response.read(MOST_READ_BYTES)
            return response.status
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise NoAnswerError from error


@contextlib.contextmanager
def _connected(target: Target, address: str, sending: Sending) -> Iterator[HTTPConnection]:
    """Connect to an address, and cut the connection off when the time is up."""
    ends_at = time.monotonic() + sending.total_seconds
    connection = _connection(target, address, sending)
    try:
        connection.connect()
        left = max(0.1, ends_at - time.monotonic())
        connection.timeout = left
        cut = Timer(left, _cut_off, (connection.sock,))
        cut.start()
        try:
            yield connection
        finally:
            cut.cancel()
    finally:
        connection.close()


def _connection(target: Target, address: str, sending: Sending) -> HTTPConnection:
    if not target.is_secure:
        return HTTPConnection(address, target.port, timeout=CONNECT_SECONDS)
    return HTTPSConnection(
        address,
        target.port,
        timeout=CONNECT_SECONDS,
        server_hostname=target.host,
        ssl_context=sending.trust,
    )


def _cut_off(connected: socket.socket) -> None:
    """End both directions below TLS: who waits for a byte in another thread finds the end of the stream."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
