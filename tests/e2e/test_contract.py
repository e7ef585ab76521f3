"""What the deployed API promises to every caller. I1, I6, W2, S1, A7."""

import base64
import json
import secrets
from pathlib import Path
from typing import Any

from cli.laptop.emulator import Emulator
from cli.laptop.issuer import signed
from cli.laptop.places import ROOT
from cli.laptop.tokens import mint_member_token
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
    """The API has one authorizer for all its routes; tests/infra says so."""
    token, local = shop.enrolled().token, shop.connection.local
    head, claims, signature = token.split(".")
    said = json.loads(decoded(claims))
    strangers = {
        "no token": None,
        "no JWT": "x",
        "no signature": f"{head}.{claims}.",
        "another signature": f"{head}.{claims}.{signature[::-1]}",
        "alg none": f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{claims}.",
        "alg none, with the name of the key": f"{encoded(json.loads(decoded(head)) | {'alg': 'none'})}.{claims}.",
        "expired": mint_member_token(local, said["sub"], lifetime_seconds=-60),
        "another issuer": signed(said | {"iss": "https://issuer.example"}),
        "another audience": signed(said | {"client_id": "another", "aud": "another"}),
        "another subject, under the old signature": f"{head}.{encoded(said | {'sub': 'another'})}.{signature}",
    }
    answers = {what: shop.api.call("GET", "/v1/me", token=bad).status for what, bad in strangers.items()}
    assert answers == dict.fromkeys(strangers, 401)
    assert shop.api.call("GET", "/v1/me", token=token).status == 200


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encoded(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


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


def test_the_emulator_listens_to_this_machine_alone(shop: Shop) -> None:
    emulator = Emulator(**json.loads((STATE / "emulator.json").read_text("utf-8")))
    port = f"{emulator.port:04X}"
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    listening = [address for _, address, _, state, *_ in sockets if state == "0A"]
    assert [address for address in listening if address.endswith(f":{port}")] == [f"0100007F:{port}"]
