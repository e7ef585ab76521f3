"""A small client of the API, for the tour, the samples and the smoke test."""

import http.client
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from rich.console import Console

from shared.http.webhook_signature import sign

TIMEOUT_SECONDS = 120  # on a busy laptop, twenty functions take their time to start


class Reply(NamedTuple):
    """An answer: status, headers in lower case, and its JSON body (None where there is none)."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The API at a base URL; one connection per call, so that calls can be made from many threads."""

    url: str

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        idempotency_key: str | None = None,
        language: str = "zh-CN",
    ) -> Reply:
        """Call a route with a JSON body."""
        headers = {"accept-language": language}
        if token:
            headers["authorization"] = f"Bearer {token}"
        if idempotency_key:
            headers["idempotency-key"] = idempotency_key
        if body is not None:
            headers["content-type"] = "application/json"
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self.send(method, path, sent, headers)

    def post_signed(self, subscription_id: str, secret: str, body: bytes, *, language: str = "zh-CN") -> Reply:
        """Post an event as a till does, signed by Standard Webhooks."""
        delivery, now = f"msg_{secrets.token_hex(12)}", int(time.time())
        headers = {
            "content-type": "application/json",
            "accept-language": language,
            "webhook-id": delivery,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(delivery, now, body, secret),
        }
        return self.send("POST", f"/v1/webhooks/{subscription_id}", body, headers)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        address = urlsplit(self.url)
        secure = address.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(address.netloc, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, address.path + path, body, dict(headers))
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, told, json.loads(text) if text else None)


def print_reply(console: Console, reply: Reply) -> None:
    console.print(f"[bold]{reply.status}[/bold]")
    console.print_json(json.dumps(reply.body, ensure_ascii=False), ensure_ascii=False)
