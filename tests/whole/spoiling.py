"""Requests made wrong, or strange: one or two things of a good one are changed by chance, which a seed repeats."""

import copy
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.http.webhook_signature import sign
from tests.http_events import http_event, member_claims, staff_claims
from tests.whole.requests import SECRET, WEBHOOK, Asked

TEXTS: Final = (
    "", " ", "0", "-1", "x" * 10_000, "\x00", "a\x00b", "😀🀄️", "\u202eabc", "e\u0301", "é", "#", "a#b", "..",
    "%2e%2e", "'; DROP TABLE", "{{7*7}}", "$ne", "1e9", "NaN", "2026-02-30", "9999-12-31T23:59:59Z", "2026-12-16",
    "１３８００００００００", "+8613800000002", "138-0000-0002", "mem_00000000000000000000000001", "ent_", "SH002",
)  # fmt: skip
VALUES: Final[tuple[Any, ...]] = (
    *TEXTS, "\ud800", None, True, False, 0, -1, 1, 2**53, 2**53 + 1, -(2**63), 10**40, 0.5, 1e308, [], {}, [[]],
    {"": ""}, ["x"] * 200, {"amount": 1}, [None], {"a": {"a": {"a": {"a": []}}}},
)  # fmt: skip
NEVER_WRITABLE: Final = ("balance", "tier", "role", "member_id", "scope", "version", "is_admin")
BODIES: Final = (
    b"", b" ", b"{", b"null", b"[]", b'""', b"0", b"NaN", b"1e999", b'{"a":1,"a":2}', b"\xff\xfe{}", b'{"a":"\\ud800"}',
    b"[" * 5_000, b'{"a":' * 5_000, b'"' + b"x" * 70_000 + b'"', b"name=x&points=1", b"\xef\xbb\xbf{}",
)  # fmt: skip
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "content-type": ("", "text/plain", "application/json; charset=utf-16", "multipart/form-data", "Application/JSON"),
    "accept-language": ("", "*", "en", "x" * 5_000, "zh;q=2", "en;q=a", ",,,", "\x00"),
    "idempotency-key": ("", "short", "x" * 129, "has blank in it", "schlüssel-ü", "another-good-key"),
    "if-match": ("", "*", '"', '"x"', "x" * 5_000),
    "if-none-match": ("*", '"x", W/"y"', ","),
    "webhook-signature": ("", "v1", "v1,a,b", "v2,AAAA", "x" * 5_000, "v1,é"),
    "webhook-timestamp": ("", "0", "-1", "1e9", "9" * 40, "NaN"),
    "webhook-id": ("", "x" * 5_000, "\x00"),
}  # fmt: skip
QUERY: Final = ("limit", "cursor", "kind", "from", "to", "store_id", "status", "day", "member_id", "surprise")


@dataclass(slots=True)
class Sent:
    """A request that is about to be sent. `raw` is a body that is no JSON value of the test's."""

    asked: Asked
    body: Any = None
    raw: bytes | None = None
    claims: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    is_signed: bool = True

    @property
    def path(self) -> str:
        return self.asked.route.path.format(**self.parameters)

    @property
    def is_routed(self) -> bool:
        """Say whether the gateway would take the path for this route."""
        return all(one and "/" not in one for one in self.parameters.values())

    def event(self) -> dict[str, Any]:
        """Make the event; what a till sends is signed as it is then."""
        raw = self.raw
        if raw is None and self.body is not None:
            raw = json.dumps(self.body).encode()
        headers = dict(self.headers)
        if self.asked.route.key == WEBHOOK and self.is_signed:
            seconds = int(self.asked.at.timestamp())
            headers |= {"webhook-timestamp": str(seconds), "webhook-id": "msg_1"}
            headers["webhook-signature"] = sign("msg_1", seconds, raw or b"", SECRET)
        return http_event(
            self.asked.route.key,
            path=self.path,
            body=raw,
            claims=self.claims,
            headers=headers,
            query=self.query,
            in_base64=True,
        )


def sent(asked: Asked) -> Sent:
    """Give a good request, to be spoiled."""
    body = json.loads(asked.body) if isinstance(asked.body, str) else copy.deepcopy(asked.body)
    return Sent(asked, body, None, asked.claims, dict(asked.headers), dict(asked.parameters), dict(asked.query))


def spoiled(asked: Asked, chance: random.Random) -> Sent:
    """Give a request with one or two things changed."""
    request = sent(asked)
    kinds = [_header, _query, _claims]
    kinds += [_value, _value, _value, _field, _less, _raw] if request.body is not None else [_raw]
    kinds += [_parameter, _parameter] if request.parameters else []
    for spoil in chance.sample(kinds, chance.choice((1, 1, 2))):
        spoil(request, chance)
    return request


def places(body: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Give the ways to all values inside a body."""
    inner: list[tuple[str | int, Any]] = []
    if isinstance(body, dict):
        inner = list(body.items())
    elif isinstance(body, list):
        inner = list(enumerate(body))
    return [found for name, value in inner for found in ((*path, name), *places(value, (*path, name)))]


def replaced(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Give a body with another value in a place of it, which may be new."""
    copied = copy.deepcopy(body)
    target = copied
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = value
    return copied


def _value(request: Sent, chance: random.Random) -> None:
    known = places(request.body)
    if known:
        request.body = replaced(request.body, chance.choice(known), chance.choice(VALUES))


def _field(request: Sent, chance: random.Random) -> None:
    if isinstance(request.body, dict):
        request.body = {**request.body, chance.choice(NEVER_WRITABLE): chance.choice(VALUES)}


def _less(request: Sent, chance: random.Random) -> None:
    if isinstance(request.body, dict) and request.body:
        gone = chance.choice(sorted(request.body))
        request.body = {name: value for name, value in request.body.items() if name != gone}


def _raw(request: Sent, chance: random.Random) -> None:
    request.raw = chance.choice(BODIES)


def _header(request: Sent, chance: random.Random) -> None:
    name = chance.choice(sorted(HEADERS))
    request.headers[name] = chance.choice(HEADERS[name])
    request.is_signed = not name.startswith("webhook-")


def _query(request: Sent, chance: random.Random) -> None:
    request.query[chance.choice(QUERY)] = chance.choice(TEXTS)


def _claims(request: Sent, chance: random.Random) -> None:
    everything = staff_claims(
        "pos:write", "pos:redeem", "staff:read", "staff:approve", stores=chance.choice(("", "SH002"))
    )
    odd = {"iss": "x", "sub": chance.choice(("😀", "a|b", "x" * 5_000)), "client_id": "member-app"}
    request.claims = chance.choice((None, {}, member_claims("nobody"), member_claims("hua"), everything, odd))


def _parameter(request: Sent, chance: random.Random) -> None:
    name = chance.choice(sorted(request.parameters))
    request.parameters[name] = chance.choice(TEXTS)
