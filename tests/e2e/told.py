"""What was said in confidence while a run lasts, so that it can be looked for where it may not stand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cli.api import Api, Reply

PERSONAL: Final = frozenset(
    {
        "name",
        "phone",
        "birthday",
        "card",
        "external_id",
        "referral_code",
        "text",
        "photos",
        "internal_note",
        "customer_note",
    }
)
OF_THINGS: Final = "/v1/admin/rewards"
"""Names there are those of rewards."""
SHORTEST_BYTES: Final = 6
"""What is shorter stands in any log by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningApi(Api):
    """A client that keeps what it sends and gets that is nobody else's business, with a word for what it is."""

    told: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        reply = Api.send(self, method, path, body, headers)
        for part in headers.get("authorization", "").split(".")[1:]:
            self._keep("token", part)
        self._keep("signature", headers.get("webhook-signature", "").removeprefix("v1,"))
        if body:
            text = body.decode("utf-8", "replace")
            self._keep("body", text.strip())
            for name, value in () if path.startswith(OF_THINGS) else personal_in(as_json(text)):
                self._keep(name, value.removeprefix("+86"))
        if reply.status < 400 and isinstance(reply.body, dict) and isinstance(code := reply.body.get("code"), str):
            self._keep("code", code)
            self._keep("code", code.replace("-", ""))
        return reply

    def _keep(self, what: str, text: str) -> None:
        if len(text.encode()) >= SHORTEST_BYTES:
            self.told[text] = what


def as_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def personal_in(value: Any) -> Iterator[tuple[str, str]]:
    """Give the personal texts of a body, wherever they stand in it."""
    match value:
        case dict():
            for name, inner in value.items():
                if name in PERSONAL and isinstance(inner, str):
                    yield name, inner
                yield from personal_in(inner)
        case list():
            for inner in value:
                yield from personal_in(inner)
