"""The demo's fourth part: a member checks in, and invites a friend whose first order comes back."""

import secrets
from datetime import UTC, datetime
from typing import Any, Final

from cli.demo_tour import Tour, Visitor

STORE: Final = "SH001"


def invite_a_friend(tour: Tour, wang: Visitor) -> None:
    """Show what is earned without buying, and how a referral gives and takes back."""
    tour.title("4  Points for more than buying", "a check-in counts once a day; both sides of a referral move together")
    start = tour.me(wang)["balance"]["available"]
    taps = [tour.api.call("POST", "/v1/me/check-ins", token=wang.token) for _ in range(2)]
    today = taps[0].body["points"]
    tour.expect("two taps are one check-in", found=[tap.status for tap in taps], wanted=[201, 200])
    code = tour.api.call("GET", "/v1/me/referral", token=wang.token).body["code"]
    tour.console.print(f"  王小明's code for friends: [bold]{code}[/bold]", highlight=False)
    mei = tour.member("韩梅梅", f"+86137{secrets.randbelow(10**8):08d}", code=code)
    joined = tour.me(mei)["balance"]["available"], tour.me(wang)["balance"]["available"] - start - today
    tour.expect("韩梅梅 joins by it: 50 + 100 for her, 100 for 王小明", found=joined, wanted=(150, 100))
    data = {"store_id": STORE, "receipt_id": f"F-{secrets.token_hex(4)}", "occurred_at": datetime.now(UTC).isoformat()}
    tour.post({"type": "sale.completed", "data": _a_sale(data, mei)})
    after_order = tour.me(wang)["balance"]
    got = after_order["available"] + after_order["pending"] - start - today
    tour.expect("her first order: 50 more for 王小明", found=got, wanted=150)
    tour.post({"type": "sale.voided", "data": data})
    left = tour.me(mei)["balance"]["available"], tour.me(wang)["balance"]["available"] - start - today
    tour.expect("all of it comes back, and so do both sides' points", found=left, wanted=(50, 0))


def _a_sale(data: dict[str, Any], visitor: Visitor) -> dict[str, Any]:
    return data | {
        "member": {"member_id": visitor.member_id},
        "currency": "CNY",
        "total": 5000,
        "lines": [{"line_id": "1", "sku": "6901234567892", "quantity": "1", "net": 5000}],
        "tenders": [{"type": "wechat_pay", "amount": 5000}],
    }
