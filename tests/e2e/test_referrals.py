"""A friend is invited, over HTTP on the deployed stacks. S2-07, S3-08, E15 (e)."""

import secrets
from datetime import UTC, datetime

from tests.e2e.shop import Customer, Shop


def a_phone() -> str:
    return f"+86135{secrets.randbelow(10**8):08d}"


def points(shop: Shop, customer: Customer) -> tuple[int, int]:
    balance = shop.see(customer)["balance"]
    return balance["available"], balance["pending"]


def test_s3_08_a_friend_joins_by_a_code_buys_and_brings_it_all_back(shop: Shop) -> None:
    lin = shop.enrolled(name="林月", phone=a_phone())
    assert points(shop, lin) == (50, 0)
    told = shop.see(lin, "/v1/me/referral")
    assert ([task["id"] for task in told["tasks"]], told["friends"]) == (["invite", "invite-first-order"], 0)
    mei = shop.enrolled(name="韩梅", phone=a_phone(), code=told["code"])
    assert (points(shop, lin), points(shop, mei)) == ((150, 0), (150, 0))
    assert shop.see(lin, "/v1/me/referral")["friends"] == 1

    sale = shop.sale(mei, paid=50_00, at=datetime.now(UTC))
    assert shop.post(sale).body["result"] == "applied"
    assert points(shop, lin) == (200, 0)
    (newest, *_) = shop.see(lin, "/v1/me/entries")["items"]
    assert (newest["kind"], newest["points"]) == ("referred", 50)
    detail = shop.see(lin, f"/v1/me/entries/{newest['id']}")
    assert [line["points"] for line in detail["explain"]] == [50], detail

    void = {name: sale["data"][name] for name in ("store_id", "receipt_id", "occurred_at")}
    assert shop.post({"type": "sale.voided", "data": void}).status == 200
    assert (points(shop, lin), points(shop, mei)) == ((50, 0), (50, 0))
    assert shop.post({"type": "sale.voided", "data": void}).body["result"] == "duplicate"


def test_l12_a_code_of_nobody_is_refused_and_enrols_nobody(shop: Shop) -> None:
    stranger = shop.somebody(a_phone())
    body = {"consents": [{"policy": "privacy", "version": "1"}], "referral_code": "0000-0000-0000-0000"}
    refused = shop.api.call("POST", "/v1/me", body, token=stranger.token)
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/referral_code")
    assert shop.api.call("GET", "/v1/me", token=stranger.token).status == 404
