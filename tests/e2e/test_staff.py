"""The back office over HTTP on the deployed stacks: look-ups, redemptions with an approval, stock. F16, F29."""

import secrets
from typing import Any

from cli.laptop.tokens import mint_staff_token
from tests.e2e.shop import Customer, Shop, an_ordinary_day

REWARD = "espresso"


class Desk:
    """A manager who may do everything of this journey, and somebody who only reads."""

    def __init__(self, shop: Shop) -> None:
        self.shop, local = shop, shop.connection.local
        scopes = ["staff:read", "staff:approve", "staff:catalog", "staff:pii", "ops"]
        self.manager = mint_staff_token(local, f"manager-{secrets.token_hex(4)}", scopes)
        self.reader = mint_staff_token(local, "reader", ["staff:read"])
        self.till = mint_staff_token(local, "till-7", ["pos:redeem"])

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200, token: str = "") -> Any:
        reply = self.shop.api.call(
            method, path, body, token=token or self.manager, idempotency_key=secrets.token_hex(8)
        )
        assert reply.status == status, reply
        return reply.body

    def left(self) -> int:
        rewards = self.ask("GET", "/v1/admin/rewards")["items"]
        return int(next(one["left"] for one in rewards if one["id"] == REWARD))


def a_rich_customer(shop: Shop, name: str) -> Customer:
    customer = shop.enrolled(name=name)
    shop.sell(customer, paid=2_000_000, at=an_ordinary_day())
    return customer


def test_f16_applied_approved_and_handed_over(shop: Shop) -> None:
    desk, wang = Desk(shop), a_rich_customer(shop, "王小明")
    before, points = desk.left(), shop.available(wang)
    asked = shop.redeem(wang, REWARD).body
    assert (asked["status"], shop.available(wang), desk.left()) == ("requested", points - 800, before - 1)
    assert asked["id"] in [one["id"] for one in desk.ask("GET", "/v1/admin/redemptions")["items"]]

    handing_over = f"/v1/redemptions/{asked['id']}/fulfil"
    assert desk.ask("POST", handing_over, {}, token=desk.till, status=409)["code"] == "approval-required"
    desk.ask("POST", f"/v1/admin/redemptions/{asked['id']}/approve")
    handed_over = desk.ask("POST", handing_over, {"store_id": "SH001"}, token=desk.till)

    assert (handed_over["status"], handed_over["outcome"]["by"]) == ("fulfilled", "till-7")
    assert desk.ask("POST", handing_over, {}, token=desk.till, status=409)["code"] == "already-used"
    assert asked["id"] not in [one["id"] for one in desk.ask("GET", "/v1/admin/redemptions")["items"]]


def test_f16_rejected_points_and_stock_are_back_and_a_delivery_adds_stock(shop: Shop) -> None:
    desk, li = Desk(shop), a_rich_customer(shop, "李雷")
    before, points = desk.left(), shop.available(li)
    asked = shop.redeem(li, REWARD).body
    desk.ask("POST", f"/v1/admin/redemptions/{asked['id']}/reject", {"reason": "not-eligible"})

    (mine,) = shop.see(li, "/v1/me/redemptions")["items"]
    assert (mine["status"], mine["reason"]) == ("rejected", "not-eligible")
    assert (shop.available(li), desk.left()) == (points, before)

    stocked = desk.ask("POST", f"/v1/admin/rewards/{REWARD}/stock", {"delta": 5, "reason": "delivery"})
    assert stocked["left"] == before + 5 == desk.left()


def test_f29_a_member_is_found_masked_or_seen_and_recorded(shop: Shop) -> None:
    desk, name = Desk(shop), f"欧阳{secrets.token_hex(4)}"
    member = a_rich_customer(shop, name).member_id
    (masked,) = desk.ask("POST", "/v1/admin/members/search", {"name": name}, token=desk.reader)["items"]
    (seen,) = desk.ask("POST", "/v1/admin/members/search", {"name": name})["items"]

    assert (masked["id"], masked["masked"], masked["name"] == name) == (member, True, False)
    assert (seen["id"], seen["masked"], seen["name"]) == (member, False, name)
    day = desk.ask("GET", f"/v1/admin/members/{member}")["enrolled_at"][:10]
    deeds = desk.ask("GET", f"/v1/admin/audit-log?day={day}&member_id={member}")["items"]
    assert {one["what"] for one in deeds} == {"member.seen"}
    (sale,) = desk.ask("GET", f"/v1/admin/members/{member}/sales", token=desk.reader)["items"]
    assert (sale["store_id"], sale["left"]["amount"]["amount"]) == ("SH001", 2_000_000)
