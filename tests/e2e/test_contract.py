"""What the deployed API promises to every caller. I1, I6, W2, S1, A7, S7."""

import json
import secrets
import time
from pathlib import Path
from typing import Any

from cli.laptop.emulator import Emulator
from cli.laptop.places import ROOT
from tests.e2e.conftest import STATE
from tests.e2e.shop import Shop, an_ordinary_day


def test_i6_a_repeated_request_is_answered_with_the_first_answer_and_says_so(shop: Shop) -> None:
    wang = shop.enrolled()
    shop.sell(wang, paid=600_000, at=an_ordinary_day())
    before, key = shop.available(wang), secrets.token_hex(16)
    first, again = shop.redeem(wang, "tableware", key=key), shop.redeem(wang, "tableware", key=key)
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert first.headers["content-length"] == again.headers["content-length"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert shop.available(wang) == before - 500


def test_i1_a_sale_that_the_till_repeats_is_counted_once(shop: Shop) -> None:
    wang = shop.enrolled()
    event = shop.sale(wang, paid=10_000, at=an_ordinary_day())
    answers = [shop.post(event) for _ in range(3)]
    assert [(one.status, one.body["result"]) for one in answers] == [
        (200, "applied"),
        (200, "duplicate"),
        (200, "duplicate"),
    ]
    assert {one.body["entry_id"] for one in answers} == {answers[0].body["entry_id"]}
    assert shop.available(wang) == 20


def test_s1_what_is_anothers_does_not_exist(shop: Shop) -> None:
    wang, stranger = shop.enrolled(), shop.enrolled()
    shop.sell(wang, paid=600_000, at=an_ordinary_day())
    redemption = shop.redeem(wang, "tableware").body
    missing = f"/v1/me/redemptions/rdm_{'0' * 26}"
    for path in (f"/v1/me/redemptions/{redemption['id']}", f"/v1/me/entries/{redemption['entry_id']}", missing):
        reply = shop.api.call("GET", path, token=stranger.token)
        assert (reply.status, reply.body["code"]) == (404, "not-found")
    cancel = f"/v1/me/redemptions/{redemption['id']}/cancel"
    reply = shop.api.call("POST", cancel, {}, token=stranger.token, idempotency_key=secrets.token_hex(16))
    assert (reply.status, reply.body["code"]) == (404, "not-found")
    assert shop.see(wang, f"/v1/me/redemptions/{redemption['id']}")["status"] == redemption["status"]


def test_s1_without_a_token_of_the_issuer_nobody_gets_through(shop: Shop) -> None:
    token = shop.enrolled().token
    head, claims, signature = token.split(".")
    for bad in (None, "x", f"{head}.{claims}.", f"{head}.{claims}.{signature[::-1]}"):
        assert shop.api.call("GET", "/v1/me", token=bad).status == 401
    assert shop.api.call("GET", "/v1/me", token=token).status == 200


def test_w2_a_sale_with_a_forged_signature_is_refused_and_counts_nothing(shop: Shop) -> None:
    wang = shop.enrolled()
    event = shop.sale(wang, paid=10_000, at=an_ordinary_day())
    forged = shop.post(event, secret="whsec_" + "QUJD" * 8)
    assert (forged.status, forged.body["code"]) == (401, "signature-invalid")
    assert forged.headers["content-type"] == "application/problem+json"
    assert shop.available(wang) == 0


def test_a7_the_description_that_is_served_is_the_committed_one(shop: Shop) -> None:
    reply = shop.api.call("GET", "/v1/openapi.json")
    assert reply.status == 200
    assert reply.body == json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))


def test_an_unknown_path_is_answered_by_a_problem_and_not_by_the_gateway(shop: Shop) -> None:
    reply = shop.api.call("GET", "/v1/nothing")
    assert (reply.status, reply.body["code"]) == (404, "not-found")
    assert reply.headers["content-type"] == "application/problem+json"


def test_s7_the_logs_of_a_visit_name_no_person_and_no_secret(shop: Shop, aws: dict[str, Any]) -> None:
    phone, name = f"+86139{secrets.randbelow(10**8):08d}", f"王{secrets.token_hex(4)}"
    wang = shop.enrolled(name=name, phone=phone)
    sale = shop.sale({"phone": phone}, paid=600_000, at=an_ordinary_day())
    assert shop.post(sale).body["result"] == "applied"
    shop.post(sale, secret="whsec_" + "QUJD" * 8)
    redemption = shop.redeem(wang, "tableware").body
    logged = wait_for_logs(aws["logs"], wang.member_id, "SH001")
    secret = shop.connection.signing_secret("chain")
    told = {
        "phone": phone.removeprefix("+86"),
        "name": name,
        "token": wang.token.split(".")[1],
        "secret": secret.removeprefix("whsec_"),
        "pick-up code": redemption["code"] or "no code",
    }
    assert [what for what, text in told.items() if text in logged] == []


def wait_for_logs(logs: Any, *expected: str) -> str:
    """Give all that functions and the gateway logged, once what must be there is there."""
    deadline = time.monotonic() + 10
    while True:
        text = "\n".join(lines_of(logs)) + (STATE / "emulator.log").read_text("utf-8", errors="replace")
        if all(one in text for one in expected) or time.monotonic() > deadline:
            assert [one for one in expected if one not in text] == []
            return text
        time.sleep(0.2)


def lines_of(logs: Any) -> list[str]:
    lines: list[str] = []
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for stream in logs.describe_log_streams(logGroupName=name)["logStreams"]:
            page = logs.get_log_events(logGroupName=name, logStreamName=stream["logStreamName"], limit=10_000)
            lines += [event["message"] for event in page["events"]]
    return lines


def test_the_emulator_listens_to_this_machine_alone(shop: Shop) -> None:
    emulator = Emulator(**json.loads((STATE / "emulator.json").read_text("utf-8")))
    port = f"{emulator.port:04X}"
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    listening = [address for _, address, _, state, *_ in sockets if state == "0A"]
    assert [address for address in listening if address.endswith(f":{port}")] == [f"0100007F:{port}"]
