"""The tour that `jifen demo` takes: what it prints, what it calls, and what was not as it should be."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console

from cli.api import Api, Reply
from cli.connection import Connection
from cli.laptop.tokens import mint_member_token

SUBSCRIPTION: Final = "till-sh001"
CONSENTS: Final = [{"policy": "privacy", "version": "1"}]
CREATED: Final = 201


class SurpriseError(Exception):
    """Something was not as it should be."""


@dataclass(slots=True)
class Tour:
    """The console, the API as its callers see it, and what was not as it should be."""

    console: Console
    connection: Connection
    api: Api
    surprises: list[str] = field(default_factory=list)

    def title(self, text: str, told: str = "") -> None:
        self.console.print()
        self.console.rule(f"[bold]{text}", align="left")
        if told:
            self.console.print(told, style="dim")

    def expect(self, claim: str, *, found: object, wanted: object) -> None:
        """Say whether a claim holds."""
        if found == wanted:
            self.console.print(f"[green]✓[/green] {claim}", highlight=False)
        else:
            self.surprises.append(claim)
            self.console.print(f"[red]✗ {claim}: {found!r}, not {wanted!r}[/red]", highlight=False)

    def member(self, name: str, phone: str | None = None, *, code: str | None = None) -> "Visitor":
        """Enrol a member through the API, invited by who has the code."""
        token = mint_member_token(self.connection.local, f"demo-{name}-{secrets.token_hex(4)}", phone)
        body = {"name": name, "consents": CONSENTS, **({"referral_code": code} if code else {})}
        reply = self.api.call("POST", "/v1/me", body, token=token)
        if reply.status != CREATED:
            raise SurpriseError(f"{name} could not enrol: {reply.status} {reply.body}")
        return Visitor(name=name, token=token, member_id=reply.body["id"])

    def post(self, event: dict[str, Any], *, subscription: str = SUBSCRIPTION) -> Reply:
        """Post an event, signed as the till signs."""
        secret = self.connection.signing_secret(subscription)
        return self.api.post_signed(subscription, secret, json.dumps(event, ensure_ascii=False).encode())

    def redeem(self, visitor: "Visitor", reward_id: str) -> Reply:
        return self.api.call(
            "POST",
            "/v1/me/redemptions",
            {"reward_id": reward_id},
            token=visitor.token,
            idempotency_key=secrets.token_hex(16),
        )

    def me(self, visitor: "Visitor") -> dict[str, Any]:
        body: dict[str, Any] = self.api.call("GET", "/v1/me", token=visitor.token).body
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    name: str
    token: str
    member_id: str
