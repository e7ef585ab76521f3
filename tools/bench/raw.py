"""The engine alone: the same calls as a container makes, sent again as bytes, with nothing of botocore around them."""

import re
import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

_RECEIVED: Final = 65_536
_TOKEN: Final = re.compile(rb'"ClientRequestToken": "[0-9a-f-]{36}"')
_LENGTH: Final = b"content-length:"


class RawCallError(Exception):
    """The engine refused what it took from the container."""


@contextmanager
def recorded(client: Any) -> Iterator[list[bytes]]:  # noqa: ANN401 a botocore client
    """Keep what a client sends, as the bytes of whole HTTP requests."""
    sent: list[bytes] = []

    def keep(request: Any, **_others: Any) -> None:  # noqa: ANN401 botocore's prepared request
        body = request.body if isinstance(request.body, bytes) else request.body.encode()
        names = ("X-Amz-Target", "Content-Type", "Authorization", "X-Amz-Date")
        values = {name: request.headers[name] for name in names}
        written = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in {"Host": urlsplit(request.url).netloc, **values, "Content-Length": len(body)}.items()
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in written.items())
        sent.append(f"POST / HTTP/1.1\r\n{head}\r\n".encode() + body)

    client.meta.events.register("before-send.dynamodb", keep)
    try:
        yield sent
    finally:
        client.meta.events.unregister("before-send.dynamodb", keep)


def moved(call: bytes, before: str, after: str) -> bytes:
    """Give a call for tables whose names end otherwise, in as many letters, as a call that was never made."""
    if len(before) != len(after):
        raise ValueError("the length of the request would be another")
    token = f'"ClientRequestToken": "{uuid.uuid4()}"'.encode()
    return _TOKEN.sub(token, call.replace(before.encode(), after.encode()))


def send(engine_url: str, calls: Sequence[bytes]) -> int:
    """Send calls one after the other over one connection. Raises RawCallError for an answer that is not 200."""
    place = urlsplit(engine_url)
    with socket.create_connection((place.hostname or "", place.port or 80)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for call in calls:
            connection.sendall(call)
            answer = _answer(connection)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RawCallError(answer[-200:])
    return len(calls)


def _answer(connection: socket.socket) -> bytes:
    received = connection.recv(_RECEIVED)
    while b"\r\n\r\n" not in received:
        received += connection.recv(_RECEIVED)
    head, _, body = received.partition(b"\r\n\r\n")
    _, _, rest = head.lower().partition(_LENGTH)
    length = int(rest.split(b"\r\n", 1)[0])
    while len(body) < length:
        body += connection.recv(_RECEIVED)
    return head + body
