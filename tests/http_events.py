"""Builds invocation events of an HTTP API (payload 2.0), shaped as API Gateway sends them."""

import base64
import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from shared.http.api import Api

MEMBER_CLIENT = "member-app"
STAFF_CLIENT = "staff-app"
ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example"
NOW_SECONDS = 1_797_387_660


class LambdaContext:
    """What a handler uses of Lambda's context."""

    aws_request_id = "11111111-2222-3333-4444-555555555555"
    function_name = "members"

    def __init__(self, remaining_ms: int = 9_000) -> None:
        self.remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


def member_claims(subject: str = "sub-1", *, phone: str | None = None, verified: bool = True) -> dict[str, str]:
    """Claims of a member's access token."""
    claims = {"iss": ISSUER, "sub": subject, "client_id": MEMBER_CLIENT, "token_use": "access", "scope": "openid"}
    if phone:
        claims |= {"phone_number": phone, "phone_number_verified": str(verified).lower()}
    return claims


def staff_claims(*scopes: str, subject: str = "staff-1", stores: str | None = None) -> dict[str, str]:
    """Claims of a token of a till or of staff."""
    claims = {"iss": ISSUER, "sub": subject, "client_id": STAFF_CLIENT}
    claims["scope"] = " ".join(f"jifen/{scope}" for scope in scopes)
    if stores is not None:
        claims["stores"] = stores
    return claims


def http_event(
    route: str,
    *,
    path: str | None = None,
    body: Any = None,
    claims: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    in_base64: bool = False,
) -> dict[str, Any]:
    """Build an event. `route` is its key (`POST /v1/me`); `body` is text, bytes, or a value to write as JSON."""
    method, template = route.split(" ", 1)
    raw_path = path or template
    text = body if isinstance(body, str | bytes | None) else json.dumps(body, ensure_ascii=False)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": raw_path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"host": "api.example.com", "user-agent": "test", **(headers or {})},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "test",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "16/Dec/2026:02:21:00 +0000",
            "timeEpoch": NOW_SECONDS * 1000,
        },
        "isBase64Encoded": in_base64,
    }
    if query:
        event["queryStringParameters"] = query
    if text is not None:
        event["headers"].setdefault("content-type", "application/json")
        raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        event["body"] = base64.b64encode(raw).decode() if in_base64 else raw.decode("utf-8", "surrogatepass")
    if claims is not None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    return event


def answered(answer: dict[str, Any]) -> Any:
    """Read the JSON body of an answer."""
    return json.loads(answer["body"])


class PerThread:
    """An API of its own for each thread, as each container has one: it answers one request at a time."""

    def __init__(self, make: Callable[[], Api]) -> None:
        self._make, self._local = make, threading.local()

    def resolve(self, event: dict[str, Any], context: object) -> dict[str, Any]:
        if not hasattr(self._local, "api"):
            self._local.api = self._make()
        api: Api = self._local.api
        return api.resolve(event, context)
