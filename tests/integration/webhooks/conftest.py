"""The webhooks function on the engine, and a till that signs what it posts."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

import functions.webhooks.routes
from functions.webhooks.dependencies import Dependencies
from shared.earning.assembly import Earning
from shared.http.api import Api, build_api
from shared.http.quarantine import Quarantine
from shared.http.subscriptions import SubscriptionBook
from shared.http.webhook_signature import sign
from shared.members.store import Members
from shared.runtime.settings import Tables
from tests.builders import Till
from tests.http_events import LambdaContext, http_event

AN_HOUR = timedelta(hours=1)
BUCKET = "quarantine"
KEY = b"k" * 32
ROUTE = "POST /v1/webhooks/{subscription_id}"
OLD, NEW, OTHER = ("whsec_" + letter * 32 for letter in "ABC")
SUBSCRIPTIONS = (
    {"id": "till-1", "format": "house", "stores": ["SH001"], "secrets": [NEW, OLD]},
    {"id": "till-2", "format": "house", "stores": ["SH002"], "secrets": [OTHER]},
)


class Vault:
    """Secrets Manager with one secret, which a test may change."""

    def __init__(self) -> None:
        self.subscriptions: list[dict[str, Any]] = [dict(one) for one in SUBSCRIPTIONS]

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: ARG002, N803 as botocore's client has it
        return {"SecretString": json.dumps({"subscriptions": self.subscriptions})}


@dataclass(frozen=True, slots=True)
class Object:
    """What S3 keeps: a body, and what its metadata say."""

    body: bytes
    metadata: dict[str, str]


class Objects:
    """S3 as far as the webhooks use it; it runs the same tests as moto's. `failing` is how it answers instead."""

    def __init__(self) -> None:
        self.kept: dict[str, Object] = {}
        self.failing: Exception | None = None

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, Metadata: dict[str, str], IfNoneMatch: str) -> None:  # noqa: N803 as S3 names them
        assert IfNoneMatch == "*"
        if self.failing:
            raise self.failing
        if Bucket != BUCKET:
            raise refused("NoSuchBucket")
        if Key in self.kept:
            raise refused("PreconditionFailed")
        assert all(f"{name}{value}".isascii() for name, value in Metadata.items())
        assert sum(len(name) + len(value) for name, value in Metadata.items()) <= 2_048
        self.kept[Key] = Object(Body, Metadata)


def refused(code: str) -> ClientError:
    """Give what S3's client raises."""
    return ClientError({"Error": {"Code": code, "Message": "arn:aws:s3:::quarantine"}}, "PutObject")


class Posting:
    """A till at the other end of the line: it builds a sale, signs it and posts it."""

    def __init__(self, api: Api, till: Till, vault: Vault) -> None:
        self.api = api
        self.till = till
        self.vault = vault
        self.objects = Objects()

    def sale(self, member_id: str | None, net: int = 10_000, **changes: Any) -> dict[str, Any]:
        member = {"member": {"member_id": member_id}} if member_id else {}
        line = {"line_id": "1", "sku": "S-1", "quantity": "1", "net": net}
        data = {
            "store_id": "SH001",
            "receipt_id": "R-1",
            "occurred_at": self.till.clock().isoformat(),
            **member,
            "currency": "CNY",
            "lines": [line],
            "total": net,
            **changes,
        }
        return {"type": "sale.completed", "data": data}

    def post(
        self,
        posted: Any,
        *,
        subscription: str = "till-1",
        secret: str = NEW,
        delivery_id: str = "msg_1",
        headers: dict[str, str] | None = None,
        in_base64: bool = False,
        at: datetime | None = None,
        language: str = "zh-CN",
    ) -> dict[str, Any]:
        body = posted if isinstance(posted, bytes) else json.dumps(posted, ensure_ascii=False).encode()
        seconds = int((at or self.till.clock()).timestamp())
        signed = {
            "webhook-id": delivery_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign(delivery_id, seconds, body, secret),
            "accept-language": language,
        }
        event = http_event(
            ROUTE,
            path=f"/v1/webhooks/{subscription}",
            body=body,
            headers=signed if headers is None else headers,
            in_base64=in_base64,
        )
        return self.api.resolve(event, LambdaContext())


@pytest.fixture
def posting(till: Till, tables: Tables) -> Posting:
    members = Members(client=till.ledger.client, tables=tables, key=KEY)
    earning = Earning(
        ledger=till.ledger,
        programs=till.earning.programs,
        find_member=lambda reference: members.find(reference.kind, reference.value),
        find_birthday=members.birthday,
        budgets=till.earning.budgets,
        clock=till.clock,
    )
    vault = Vault()
    book = SubscriptionBook(client=vault, secret_id="subscriptions", clock=till.clock)
    quarantine = Quarantine(connect=lambda: line.objects, bucket=BUCKET, clock=till.clock)
    built = Dependencies(subscriptions=book, earning=earning, quarantine=quarantine, clock=till.clock)
    api = build_api([functions.webhooks.routes.routes], built=built, member_client_id="")
    line = Posting(api, till, vault)
    return line
