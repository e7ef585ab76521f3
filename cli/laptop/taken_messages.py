"""What the emulator's SNS took: by the topic, read back from a queue that listens to it, and as text messages."""

import json
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from cli.connection import Connection, make_client
from cli.laptop.places import LOOPBACK
from shared.messages.store import Recipients

_TEXTS: Final = "/_ministack/sns/sms-messages"
_HIDDEN_SECONDS: Final = 30


def taken_by_topic(connection: Connection, member_id: str | None) -> list[dict[str, Any]]:
    """Read what the topic was given, oldest first, and leave it there."""
    bodies = [json.loads(one["Body"]) for one in _peeked(connection)]
    wanted = [body for body in bodies if member_id in {None, body["member_id"]}]
    return sorted(wanted, key=lambda body: (body["made_at"], body["message_id"]))


def taken_as_texts(connection: Connection, member_id: str | None) -> list[dict[str, str]]:
    """Read what was sent to telephones, or to a member's; nothing where the member has none."""
    phone = _phone_of(connection, member_id) if member_id else None
    if (member_id and phone is None) or urlsplit(connection.endpoint_url or "").hostname != LOOPBACK:
        return []
    with urllib.request.urlopen(f"{connection.endpoint_url}{_TEXTS}", timeout=5) as answer:  # noqa: S310 loopback
        by_phone: Mapping[str, list[dict[str, Any]]] = json.load(answer)["sms_messages"]
    return [
        {"phone": to, "text": one["Message"]} for to, texts in by_phone.items() for one in texts if phone in {None, to}
    ]


def _phone_of(connection: Connection, member_id: str) -> str | None:
    recipient = Recipients(client=connection.dynamodb, table=connection.tables.members).read(member_id)
    return recipient.profile.phone if recipient else None


def _peeked(connection: Connection) -> Iterator[dict[str, Any]]:
    """Give every message of the queue, and make them visible again."""
    address = connection.local["messages_queue"]
    sqs = make_client("sqs", connection.endpoint_url, connection.region)
    taken: list[dict[str, Any]] = []
    while some := _received(sqs, address):
        taken += some
    for one in taken:
        sqs.change_message_visibility(QueueUrl=address, ReceiptHandle=one["ReceiptHandle"], VisibilityTimeout=0)
    yield from taken


def _received(sqs: Any, address: str) -> list[dict[str, Any]]:
    answer = sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, VisibilityTimeout=_HIDDEN_SECONDS)
    received: list[dict[str, Any]] = answer.get("Messages", [])
    return received
