"""The demo's eighth part: what goes wrong in a store, and the people who put it right."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from cli.api import Reply
from cli.demo_tour import CREATED, Tour, Visitor
from cli.laptop.tokens import mint_staff_token
from cli.quarantine import Shelf, post_again

STORE: Final = "SH001"
ACCEPTED: Final = 202
BEYOND_THE_LIMIT: Final = 2_000


def put_right(tour: Tour, wang: Visitor) -> None:
    """Show an event that cannot be used, a receipt without its member, and points by hand, with the audit log."""
    tour.title("8  Something went wrong", "nothing is lost, nobody decides alone, and who did what is kept")
    _quarantine(tour, wang)
    _missing_points(tour, wang)
    _adjust(tour, wang)
    _show_trail(tour, wang)


def _receipt(visitor: Visitor | None, **more: Any) -> dict[str, Any]:
    return {
        "store_id": STORE,
        "receipt_id": f"O-{secrets.token_hex(4)}",
        "occurred_at": datetime.now(UTC).isoformat(),
        "currency": "CNY",
        "total": 8_000,
        "lines": [{"line_id": "1", "sku": "2000000000025", "category": "家居", "quantity": "1", "net": 8_000}],
        "tenders": [{"type": "cash", "amount": 8_000}],
        **({"member": {"member_id": visitor.member_id}} if visitor else {}),
        **more,
    }


def _quarantine(tour: Tour, wang: Visitor) -> None:
    sale = _receipt(wang, currency="RMB")
    reply = tour.post({"type": "sale.completed", "data": sale})
    tour.expect(
        "a till calls its currency RMB: acknowledged, kept, counted",
        found=(reply.status, reply.body.get("result")),
        wanted=(ACCEPTED, "quarantined"),
    )
    shelf = Shelf(objects=tour.connection.s3, bucket=tour.connection.quarantine_bucket)
    kept = max((shelf.look(key) for key in shelf.waiting()), key=lambda one: one.received_at)
    before = tour.me(wang)["balance"]["available"]
    corrected = json.dumps({"type": "sale.completed", "data": sale | {"currency": "CNY"}}).encode()
    taken_in = post_again(kept, corrected, tour.connection, shelf, Console(quiet=True))
    gained = tour.me(wang)["balance"]["available"] - before
    tour.expect(
        "corrected and posted again (jifen ops quarantine replay)", found=(taken_in, gained > 0), wanted=(True, True)
    )


def _missing_points(tour: Tour, wang: Visitor) -> None:
    sale = _receipt(None)
    tour.post({"type": "sale.completed", "data": sale})
    receipt = {"store_id": STORE, "receipt_id": sale["receipt_id"], "total": sale["total"]}
    stranger = tour.member("路人")
    first = tour.api.call("POST", "/v1/me/receipt-claims", receipt, token=wang.token)
    other = tour.api.call("POST", "/v1/me/receipt-claims", receipt, token=stranger.token)
    tour.expect("王小明 forgot the card: the receipt is claimed", found=first.status, wanted=CREATED)
    tour.expect("once: to others there is no such receipt", found=other.body.get("code"), wanted="receipt-not-found")


def _adjust(tour: Tour, wang: Visitor) -> None:
    clerk = _staff(tour, "clerk", "staff:adjust", "staff:approve")
    manager = _staff(tour, "manager", "staff:approve")
    before = tour.me(wang)["balance"]["available"]
    asked = tour.api.call(
        "POST",
        f"/v1/admin/members/{wang.member_id}/adjustments",
        {
            "points": BEYOND_THE_LIMIT,
            "reason_code": "goodwill",
            "store_id": STORE,
            "internal_note": "a cake for the birthday came too late",
        },
        token=clerk,
        idempotency_key=secrets.token_hex(16),
    )
    tour.expect(
        f"a clerk gives {BEYOND_THE_LIMIT} points: above the limit it waits", found=asked.status, wanted=ACCEPTED
    )
    own = _decide(tour, asked, clerk)
    tour.expect("refused to its own author: 403", found=(own.status, own.body["code"]), wanted=(403, "self-approval"))
    approved = _decide(tour, asked, manager)
    gained = tour.me(wang)["balance"]["available"] - before
    tour.expect(
        "approved by another", found=(approved.body.get("status"), gained), wanted=("applied", BEYOND_THE_LIMIT)
    )


def _decide(tour: Tour, asked: Reply, token: str) -> Reply:
    return tour.api.call("POST", f"/v1/admin/adjustments/{asked.body['id']}/approve", token=token)


def _staff(tour: Tour, name: str, *scopes: str) -> str:
    return mint_staff_token(tour.connection.local, name, scopes)


def _show_trail(tour: Tour, wang: Visitor) -> None:
    path = f"/v1/admin/audit-log?day={datetime.now(UTC).date()}&member_id={wang.member_id}"
    deeds = tour.api.call("GET", path, token=_staff(tour, "auditor", "ops")).body["items"]
    table = Table("what", "by", "about", box=None, header_style="dim")
    for deed in deeds:
        table.add_row(deed["what"], deed["who"], deed["about"])
    tour.console.print(table)
    found = {(deed["what"], deed["who"]) for deed in deeds}
    wanted = {("adjustment.requested", "clerk"), ("adjustment.approved", "manager")}
    tour.expect("the audit log says who did what", found=found, wanted=wanted)
