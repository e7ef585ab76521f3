"""What members do besides buying, and campaigns with budgets, over HTTP on the deployed stacks. S2-06, S0-04."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.laptop.tokens import mint_staff_token
from tests.e2e.shop import SHOP_ZONE, Customer, Shop, an_action


def last_members_day() -> datetime:
    """Give ten o'clock of the latest 8th of a month that is no more than the claim window ago."""
    now = datetime.now(UTC).astimezone(SHOP_ZONE).replace(hour=10, minute=0, second=0, microsecond=0)
    days = (now - timedelta(days=ago) for ago in range(1, 32))
    return next(day for day in days if day.day == 8)


def test_s2_06_a_member_checks_in_once_a_day_and_sees_it(shop: Shop) -> None:
    wang = shop.enrolled()
    first, second = (shop.api.call("POST", "/v1/me/check-ins", token=wang.token) for _ in range(2))
    assert (first.status, second.status) == (201, 200), (first, second)
    assert first.body == second.body
    assert (first.body["streak_day"], first.body["points"], first.body["next_day_points"]) == (1, 5, 8)
    assert shop.available(wang) == 5
    (entry,) = shop.see(wang, "/v1/me/entries")["items"]
    assert (entry["id"], entry["kind"], entry["text"]) == (first.body["entry_id"], "acted", "连续签到7天")
    tasks = {one["id"]: one for one in shop.see(wang, "/v1/me/tasks")["items"]}
    assert (tasks["check-in"]["done_today"], tasks["share"]["left"]) == (True, 1)


def test_s0_04_the_chains_server_tells_of_a_share_with_twenty_likes(shop: Shop) -> None:
    wang = shop.enrolled()
    told = [shop.post(an_action(wang, "share", likes=likes)).body for likes in (19, 20, 21)]
    assert [(one["result"], one.get("points", 0)) for one in told] == [("ignored", 0), ("applied", 50), ("ignored", 0)]
    assert shop.available(wang) == 50


def told(shop: Shop, customer: Customer, action: str, **details: Any) -> tuple[str, int]:
    """Tell of an action; give what came of it, and the points."""
    answer = shop.post(an_action(customer, action, **details)).body
    return answer["result"], answer.get("points", 0)


def test_s0_03_following_counts_once_for_ever(shop: Shop) -> None:
    wang = shop.enrolled()
    event = an_action(wang, "follow")
    assert [shop.post(event).body["result"] for _ in range(2)] == ["applied", "duplicate"]
    assert told(shop, wang, "follow") == ("ignored", 0), "unfollowed, and followed again"
    assert shop.available(wang) == 10


def test_s2_08_a_review_with_a_photo_counts_once_per_order(shop: Shop) -> None:
    wang = shop.enrolled()
    review: dict[str, Any] = {"subject": f"SH001-{secrets.token_hex(4)}", "photo": True, "chars": 60}
    answers = [told(shop, wang, "review", **review) for _ in range(2)]
    assert answers == [("applied", 100), ("duplicate", 100)]
    assert told(shop, wang, "review", **review | {"subject": "another"}) == ("ignored", 0), "one a day"
    assert shop.available(wang) == 100


def test_browsing_counts_once_a_day_and_a_survey_once_each(shop: Shop) -> None:
    wang = shop.enrolled()
    pages = ("home", "new-arrivals", "new-arrivals")
    assert [told(shop, wang, "browse", page=page)[1] for page in pages] == [0, 2, 0]
    surveys = ("taste", "taste", "service")
    answers = [told(shop, wang, "survey", subject=subject) for subject in surveys]
    assert answers == [("applied", 20), ("duplicate", 20), ("applied", 20)]
    assert shop.available(wang) == 2 + 20 + 20
    texts = {one["text"] for one in shop.see(wang, "/v1/me/entries")["items"]}
    assert texts == {"浏览新品页送2分", "问卷送20分"}


def test_a_members_day_has_a_budget_for_each_member(shop: Shop) -> None:
    wang, day = shop.enrolled(), last_members_day()
    # ¥4000 ÷ 10 × (1 + 0.5 for so much at once + 1 for the day), and 10 for a hundred.
    answer = shop.sell(wang, paid=400_000, at=day)
    assert answer.body["points"] == 400 + 200 + 400 + 10
    # Of the ¥4000 that follow the day adds the 100 that are left of its 500.
    again = shop.sell(wang, paid=400_000, at=day + timedelta(hours=1))
    assert again.body["points"] == 400 + 200 + 100 + 10
    assert any(line["kind"] == "budget" for line in again.body["explain"])
    event = {
        "store_id": "SH001",
        "receipt_id": shop.see(wang, f"/v1/me/entries/{answer.body['entry_id']}")["source"]["id"],
        "occurred_at": (day + timedelta(hours=2)).isoformat(),
    }
    voided = shop.post({"type": "sale.voided", "data": event})
    assert voided.body["points"] == -1_010, voided


def test_campaigns_are_told_ahead(shop: Shop) -> None:
    reply = shop.api.call("GET", "/v1/campaigns")
    assert reply.status == 200, reply
    names = {one["name"] for one in reply.body["items"]}
    assert {"周三生鲜日双倍", "周末1.5倍"} <= names
    assert all(one["begins"] < one["ends"] for one in reply.body["items"])


def test_s0_05_a_report_is_handed_in_and_approved_by_somebody_else(shop: Shop) -> None:
    wang, product = shop.enrolled(), f"pan-{secrets.token_hex(4)}"
    path, body = "/v1/me/tasks/report/completions", {"subject": product, "text": "用了一个月，煮面很快。" * 10}
    handed = shop.api.call("POST", path, body, token=wang.token, idempotency_key=secrets.token_hex(8))
    assert (handed.status, handed.body["status"], shop.available(wang)) == (202, "waiting", 0), handed
    staff = mint_staff_token(shop.connection.local, "zhou", ["staff:approve"])
    listed = shop.api.call("GET", "/v1/admin/completions", token=staff)
    assert product in {one["subject"] for one in listed.body["items"]}
    for _ in range(2):
        approved = shop.api.call("POST", f"/v1/admin/completions/{handed.body['id']}/approve", token=staff)
        assert (approved.status, approved.body["status"]) == (200, "approved"), approved
    assert shop.available(wang) == 100
    refused = shop.api.call("POST", f"/v1/admin/completions/{handed.body['id']}/approve", token=wang.token)
    assert refused.status == 403
