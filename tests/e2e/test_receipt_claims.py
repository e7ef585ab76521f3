"""A receipt that was recorded without its member, claimed over HTTP on the deployed stacks. S0-19, T11."""

import secrets
from datetime import UTC, datetime
from typing import Any

from cli.api import Reply
from cli.laptop.tokens import mint_staff_token
from tests.e2e.shop import Customer, Shop, an_ordinary_day


def a_guests_receipt(shop: Shop) -> dict[str, Any]:
    """Sell for 219 yuan to somebody who shows no card; give what stands on the paper."""
    sold = shop.sale({}, paid=21_900, at=an_ordinary_day())
    del sold["data"]["member"]
    answer = shop.post(sold)
    assert (answer.status, answer.body["result"], answer.body["reason"]) == (200, "ignored", "guest"), answer
    return {name: sold["data"][name] for name in ("store_id", "receipt_id", "total")}


def claims(shop: Shop, customer: Customer, receipt: dict[str, Any]) -> Reply:
    return shop.api.call("POST", "/v1/me/receipt-claims", receipt, token=customer.token)


def test_s0_19_a_receipt_without_a_card_is_credited_once_to_whoever_has_the_paper(shop: Shop) -> None:
    wang, stranger, receipt = shop.enrolled(), shop.enrolled(name="路人"), a_guests_receipt(shop)
    guessed = claims(shop, stranger, receipt | {"total": 20_000})
    assert (guessed.status, guessed.body["code"]) == (404, "receipt-not-found")

    credited = claims(shop, wang, receipt)
    assert (credited.status, credited.body["points"]) == (201, shop.available(wang))
    assert credited.body["points"] >= 21
    again = claims(shop, wang, receipt)
    assert (again.status, again.body) == (200, credited.body)
    late = claims(shop, stranger, receipt)
    assert (late.status, late.body["code"], shop.available(stranger)) == (404, "receipt-not-found", 0)
    assert [one["kind"] for one in shop.see(wang, "/v1/me/entries")["items"]] == ["earned"]


def test_s0_19_staff_credit_it_for_a_member_and_the_log_says_who(shop: Shop) -> None:
    wang, receipt, clerk = shop.enrolled(), a_guests_receipt(shop), f"e2e-{secrets.token_hex(4)}"
    token = mint_staff_token(shop.connection.local, clerk, ("staff:adjust", "staff:approve"), ["SH001"])
    path = f"/v1/admin/members/{wang.member_id}/receipt-claims"
    credited = shop.api.call("POST", path, receipt, token=token)
    assert (credited.status, credited.body["points"]) == (201, shop.available(wang))
    log = f"/v1/admin/audit-log?day={datetime.now(UTC).date()}&member_id={wang.member_id}"
    deeds = shop.api.call("GET", log, token=token).body["items"]
    assert [(one["what"], one["who"], one["store_id"]) for one in deeds] == [("receipt.claimed", clerk, "SH001")]
