"""Customers and tills of the sample shop, as they reach the deployed API."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from cli.api import Api, Reply
from cli.connection import Connection
from cli.laptop.tokens import mint_member_token

CHAIN: Final = "chain"
CONSENTS: Final = [{"policy": "privacy", "version": "1"}]
SHOP_ZONE: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who has a token, and is a member once enrolled."""

    token: str
    member_id: str = ""


def an_ordinary_day() -> datetime:
    """Give ten o'clock of a day just gone on which no campaign of the sample program runs."""
    noon = datetime.now(UTC).astimezone(SHOP_ZONE).replace(hour=10, minute=0, second=0, microsecond=0)
    days = (noon - timedelta(days=ago) for ago in range(1, 20))
    return next(day for day in days if day.strftime("%a") in {"Mon", "Tue", "Thu", "Fri"} and is_quiet(day))


def an_action(
    customer: Customer,
    action: str,
    *,
    subject: str | None = None,
    store: str | None = None,
    at: datetime | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """Make the event by which the chain's server tells what a member did."""
    data = {
        "action": action,
        "event_id": f"e2e-{secrets.token_hex(6)}",
        "occurred_at": (at or datetime.now(UTC)).isoformat(),
        "member": {"member_id": customer.member_id},
        "facts": facts,
        **({"subject": subject} if subject else {}),
        **({"store_id": store} if store else {}),
    }
    return {"type": "action.completed", "data": data}


def is_quiet(day: datetime) -> bool:
    """Say that it is neither a members' day (the 8th) nor in the carnival of June 2027."""
    return day.day != 8 and not (day.year == 2027 and day.month == 6 and 12 <= day.day <= 18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What customers and tills do. Every till of the chain signs with one secret here."""

    connection: Connection
    api: Api

    def somebody(self, phone: str | None = None) -> Customer:
        subject = f"e2e-{secrets.token_hex(6)}"
        return Customer(token=mint_member_token(self.connection.local, subject, phone))

    def enrolled(self, *, name: str = "王小明", phone: str | None = None, code: str | None = None) -> Customer:
        token = self.somebody(phone).token
        body = {"name": name, "consents": CONSENTS, **({"referral_code": code} if code else {})}
        reply = self.api.call("POST", "/v1/me", body, token=token)
        assert reply.status == 201, reply
        return Customer(token=token, member_id=reply.body["id"])

    def sale(
        self, customer: Customer | Mapping[str, str], *, paid: int, at: datetime, store: str = "SH001"
    ) -> dict[str, Any]:
        """Make the event of a sale of household goods; `paid` in fen."""
        member = {"member_id": customer.member_id} if isinstance(customer, Customer) else dict(customer)
        lines = [{"line_id": "1", "sku": "2000000000025", "category": "家居", "quantity": "1", "net": paid}]
        data = {
            "store_id": store,
            "receipt_id": f"{store}-{secrets.token_hex(5)}",
            "occurred_at": at.isoformat(),
            "member": member,
            "currency": "CNY",
            "lines": lines,
            "tenders": [{"type": "cash", "amount": paid}],
            "total": paid,
        }
        return {"type": "sale.completed", "data": data}

    def post(self, event: Mapping[str, Any], *, secret: str | None = None) -> Reply:
        body = json.dumps(event, ensure_ascii=False).encode()
        return self.api.post_signed(CHAIN, secret or self.connection.signing_secret(CHAIN), body)

    def sell(self, customer: Customer, *, paid: int, at: datetime, store: str = "SH001") -> Reply:
        reply = self.post(self.sale(customer, paid=paid, at=at, store=store))
        assert (reply.status, reply.body["result"]) == (200, "applied"), reply
        return reply

    def redeem(self, customer: Customer, reward: str, *, key: str | None = None) -> Reply:
        body, idempotency_key = {"reward_id": reward}, key or secrets.token_hex(16)
        path = "/v1/me/redemptions"
        return self.api.call("POST", path, body, token=customer.token, idempotency_key=idempotency_key)

    def see(self, customer: Customer, path: str = "/v1/me") -> Any:
        reply = self.api.call("GET", path, token=customer.token)
        assert reply.status == 200, reply
        return reply.body

    def available(self, customer: Customer) -> int:
        return int(self.see(customer)["balance"]["available"])
