"""Points given by hand, over HTTP on the deployed stacks: two people, and the log of it. S2, T11."""

import secrets
from datetime import UTC, datetime
from typing import Any

from cli.api import Reply
from cli.laptop.tokens import mint_staff_token
from tests.e2e.shop import Customer, Shop


class Clerk:
    """Somebody of the staff of SH001 who may ask for adjustments and approve them."""

    def __init__(self, shop: Shop) -> None:
        self.name = f"e2e-{secrets.token_hex(4)}"
        scopes = ("staff:adjust", "staff:approve")
        self._api = shop.api
        self._token = mint_staff_token(shop.connection.local, self.name, scopes, ["SH001"])

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        return self._api.call(method, path, body, token=self._token, idempotency_key=f"e2e-{secrets.token_hex(8)}")

    def gives(self, customer: Customer, points: int) -> Reply:
        asked = {
            "points": points,
            "reason_code": "compensation",
            "store_id": "SH001",
            "internal_note": "等了一个小时",
            "customer_note": "抱歉让您久等",
        }
        return self.call("POST", f"/v1/admin/members/{customer.member_id}/adjustments", asked)


def test_s2_an_adjustment_is_refused_to_its_own_author_approved_by_another_and_in_the_audit_log(shop: Shop) -> None:
    wang, li, zhou = shop.enrolled(), Clerk(shop), Clerk(shop)
    assert li.gives(wang, 300).status == 201
    asked = li.gives(wang, 2_000)
    assert (asked.status, asked.body["status"], shop.available(wang)) == (202, "awaiting-approval", 300)
    adjustment = f"/v1/admin/adjustments/{asked.body['id']}"

    own = li.call("POST", f"{adjustment}/approve")
    assert (own.status, own.body["code"]) == (403, "self-approval")
    waiting = zhou.call("GET", "/v1/admin/adjustments").body["items"]
    assert asked.body["id"] in [one["adjustment"]["id"] for one in waiting]
    approved = zhou.call("POST", f"{adjustment}/approve")
    assert (approved.status, approved.body["status"], approved.body["decided_by"]) == (200, "applied", zhou.name)
    late = li.call("POST", f"{adjustment}/reject", {"reason": "x"})
    assert (late.status, late.body["code"]) == (403, "self-approval")

    assert shop.available(wang) == 2_300
    line, _ = shop.see(wang, "/v1/me/entries")["items"]
    assert (line["kind"], line["points"], line["text"]) == ("adjusted", 2_000, "积分调整：服务补偿")
    assert shop.see(wang, f"/v1/me/entries/{line['id']}")["explain"] == [{"kind": "note", "text": "抱歉让您久等"}]

    frozen = zhou.call("POST", f"/v1/admin/members/{wang.member_id}/freeze", {"reason": "abuse", "store_id": "SH001"})
    assert (frozen.status, frozen.body["frozen"]) == (200, True)
    refused = shop.redeem(wang, "tableware")
    assert (refused.status, refused.body["code"]) == (409, "member-frozen")

    log = f"/v1/admin/audit-log?day={datetime.now(UTC).date()}&member_id={wang.member_id}"
    deeds = [(one["what"], one["who"], one["why"]) for one in zhou.call("GET", log).body["items"]]
    assert deeds == [
        ("member.frozen", zhou.name, "abuse"),
        ("adjustment.approved", zhou.name, "compensation"),
        ("adjustment.requested", li.name, "compensation"),
        ("adjustment.applied", li.name, "compensation"),
    ]
