"""What all these journeys left in logs, events and queues: no person and no secret; it comes last. S7, T19."""

import json
import secrets
import time
from collections.abc import Iterator
from typing import Any, Final

from cli.laptop.tokens import mint_staff_token
from infra.routes import ROUTES
from tests.e2e.conftest import STATE
from tests.e2e.shop import Shop, an_ordinary_day
from tests.e2e.told import ListeningApi

LOGS: Final = "/jifen/local/functions/"
GOES_ON: Final = 12
"""Seconds within which what was done is in the logs."""


def visit(shop: Shop) -> str:
    """Let every function of the API be told something that is nobody else's business; give the member."""
    phone, name = f"+86139{secrets.randbelow(10**8):08d}", f"王{secrets.token_hex(4)}"
    wang, key = shop.enrolled(name=name, phone=phone), secrets.token_hex(8)
    sale = shop.sale({"phone": phone}, paid=600_000, at=an_ordinary_day())
    assert shop.post(sale).body["result"] == "applied"
    assert shop.post(sale, secret="whsec_" + "QUJD" * 8).status == 401
    assert shop.redeem(wang, "tableware").status == 201
    shop.see(wang, "/v1/me/entries")
    assert shop.see(wang, "/v1/me/referral")["code"]
    report = {"subject": f"pan-{key}", "text": f"用了一个月，{name}很喜欢，电话{phone}。" * 3}
    path = "/v1/me/tasks/report/completions"
    assert shop.api.call("POST", path, report, token=wang.token, idempotency_key=key).status == 202
    staff = mint_staff_token(
        shop.connection.local, "zhou", ["staff:adjust", "staff:catalog", "staff:read", "staff:pii"]
    )
    told = {"points": 5, "reason_code": "goodwill", "store_id": "SH001", "internal_note": f"{name}来电{phone}"}
    path = f"/v1/admin/members/{wang.member_id}/adjustments"
    assert shop.api.call("POST", path, told, token=staff, idempotency_key=key).status == 201
    for body in ({"phone": phone}, {"name": name}):
        assert (
            shop.api.call("POST", "/v1/admin/members/search", body, token=staff).body["items"][0]["id"]
            == wang.member_id
        )
    assert shop.api.call("GET", "/v1/admin/rewards", token=staff).status == 200
    assert shop.api.call("GET", "/v1/program").status == 200
    return wang.member_id


def test_s7_the_logs_of_all_that_was_done_name_no_person_and_no_secret(shop: Shop, aws: dict[str, Any]) -> None:
    member_id = visit(shop)
    logged = written(aws["logs"], until=member_id)
    assert {f"{LOGS}{route.function}" for route in ROUTES} <= {group for group, text in logged.items() if text}
    assert is_in(member_id, logged[f"{LOGS}desk"])
    assert isinstance(shop.api, ListeningApi)
    told = shop.api.told | {shop.connection.signing_secret("chain").removeprefix("whsec_"): "secret"}
    assert set(told.values()) >= {
        "token",
        "signature",
        "body",
        "name",
        "phone",
        "text",
        "internal_note",
        "code",
        "secret",
    }
    found = [(group, what) for text, what in told.items() for group, log in logged.items() if is_in(text, log)]
    assert found == []


def test_s7_no_event_and_no_message_of_a_queue_names_a_person_or_a_secret(
    shop: Shop, aws: dict[str, Any], published: str
) -> None:
    """What is published is also what dead-letter queues hold. Where messages to members end is another matter."""
    member_id = visit(shop)
    queues = [url for url in aws["sqs"].list_queues()["QueueUrls"] if url != published and "Taken" not in url]
    assert any("Letters" in url or "Failures" in url for url in queues)
    queued = {url: "\n".join(messages_of(aws["sqs"], url)) for url in (*queues, published)}
    deadline = time.monotonic() + GOES_ON
    while member_id not in queued[published] and time.monotonic() < deadline:
        queued[published] += "\n".join(messages_of(aws["sqs"], published))
    assert member_id in queued[published]
    assert isinstance(shop.api, ListeningApi)
    found = [
        (url, what) for text, what in shop.api.told.items() for url, all_of in queued.items() if is_in(text, all_of)
    ]
    assert found == []


def messages_of(sqs: Any, queue: str) -> Iterator[str]:
    """Give what waits in a queue, and leave it there."""
    while page := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        yield from (message["Body"] for message in page)


def is_in(text: str, log: str) -> bool:
    """Look for a text as it is, and as it stands within a line of JSON."""
    return text in log or json.dumps(text, ensure_ascii=False)[1:-1] in log or json.dumps(text)[1:-1] in log


def written(logs: Any, *, until: str) -> dict[str, str]:
    """Give all that was logged, by group, once every function has written of a member's visit."""
    deadline = time.monotonic() + GOES_ON
    while True:
        groups = [
            one["logGroupName"]
            for page in logs.get_paginator("describe_log_groups").paginate()
            for one in page["logGroups"]
        ]
        text = {group: "\n".join(lines_of(logs, group)) for group in groups}
        text["emulator"] = (STATE / "emulator.log").read_text("utf-8", errors="replace")
        if until in text.get(f"{LOGS}desk", "") or time.monotonic() > deadline:
            return text
        time.sleep(0.2)


def lines_of(logs: Any, group: str) -> Iterator[str]:
    for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
        asked = {"logGroupName": group, "logStreamName": stream["logStreamName"], "startFromHead": True}
        page = logs.get_log_events(**asked)
        while page["events"]:
            yield from (event["message"] for event in page["events"])
            page = logs.get_log_events(**asked, nextToken=page["nextForwardToken"])
