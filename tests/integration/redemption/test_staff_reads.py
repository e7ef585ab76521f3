"""What the staff sees of members, and what of it is recorded. S1, S2, A4, F27."""

from datetime import date, timedelta
from typing import Any

import pytest

from functions.queries.dependencies import Dependencies
from shared import keys
from shared.ledger.account import Movement
from shared.ledger.entries import EntryKind
from shared.ledger.posting import begin
from shared.ledger.rules import Rules
from shared.members.change_profile import ProfileChange, change_profile
from shared.runtime.ids import MemberId
from shared.tiers.set_tier import Setting, set_tier
from shared.tiers.time_rules import TimeRules
from tests.builders import Till, a_refund, a_sale
from tests.deeds import deeds_on, told
from tests.http_events import answered, member_claims, staff_claims
from tests.integration.redemption.conftest import Get, Send
from tests.integration.redemption.people import People
from tests.integration.redemption.world import ZONE, Calls, World, a_reward, redemption_id

SEARCH, MEMBER = "POST /v1/admin/members/search", "GET /v1/admin/members/{id}"
ENTRIES, REDEMPTIONS, SALES = (f"GET /v1/admin/members/{{id}}/{what}" for what in ("entries", "redemptions", "sales"))
STAFF, INSPECTOR = staff_claims("staff:read"), staff_claims("staff:read", "staff:pii", subject="inspector")
OF_ONE_STORE = staff_claims("staff:read", stores="SH002")
PHONE = "+8613812345678"
NOBODY = "mem_00000000000000000000000000"


def search(send: Send, claims: dict[str, str], body: Any, **details: Any) -> Any:
    answer = send(SEARCH, claims=claims, body=body, **details)
    assert answer["statusCode"] == 200, answer["body"]
    return answered(answer)


class TestWhoMayAsk:
    @pytest.mark.parametrize("route", [SEARCH, MEMBER, ENTRIES, REDEMPTIONS, SALES])
    @pytest.mark.parametrize(
        ("claims", "status"), [(None, 401), (member_claims(), 403), (staff_claims("staff:pii", "staff:catalog"), 403)]
    )
    def test_s1_only_staff_that_reads(self, send: Send, route: str, claims: dict[str, str] | None, status: int) -> None:
        answer = send(route, claims=claims, path=route.split(" ")[1].replace("{id}", NOBODY), body={"name": "x"})
        assert answer["statusCode"] == status

    @pytest.mark.parametrize("route", [MEMBER, ENTRIES, REDEMPTIONS, SALES])
    @pytest.mark.parametrize("identifier", [NOBODY, "mem_1", "rdm_00000000000000000000000000", "x" * 3000])
    def test_a_member_who_is_not_there_is_404(self, get: Get, route: str, identifier: str) -> None:
        assert get(route, STAFF, id=identifier, status=404)["code"] == "member-not-found"


class TestSearch:
    @pytest.mark.parametrize("body", [{"phone": "138 1234 5678"}, {"name": " 王 小明"}, {"member_id": "its own"}])
    def test_finds_and_masks(self, send: Send, people: People, body: dict[str, str]) -> None:
        member_id = people.enrol(phone=PHONE, name="王小明", lots=120)
        body = {"member_id": member_id} if "member_id" in body else body

        assert search(send, STAFF, body) == {
            "items": [
                {
                    "id": member_id,
                    "name": "王*明",
                    "phone": "138****5678",
                    "masked": True,
                    "tier": {"id": "normal", "name": "普通会员", "valid_until": None},
                    "balance": {"available": 120, "pending": 0, "held": 0, "debt": 0},
                    "frozen": False,
                    "enrolled_at": "2026-03-15T04:00:00Z",
                }
            ],
            "next_cursor": None,
        }

    def test_t23_nobody_found_is_one_answer(self, send: Send, people: People) -> None:
        people.enrol(phone=PHONE, name="王小明")
        asked = [
            {"phone": "13900000000"},
            {"card": "VIP9999"},
            {"external_id": "x"},
            {"member_id": NOBODY},
            {"member_id": "x"},
            {"name": "王"},
        ]
        assert [search(send, STAFF, body) for body in asked] == [{"items": [], "next_cursor": None}] * len(asked)

    def test_a_name_leads_to_all_who_bear_it_page_by_page(self, send: Send, people: People) -> None:
        members = sorted(people.enrol(name="王伟") for _ in range(5))
        people.enrol(name="王小伟")
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = search(send, STAFF, {"name": "王伟"}, query={"limit": "2"} | ({"cursor": cursor} if cursor else {}))
            found += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert found == members

    def test_a4_a_cursor_serves_its_own_search_and_caller(self, send: Send, people: People) -> None:
        for _ in range(2):
            people.enrol(name="王伟")
        query = {"limit": "1"}
        query["cursor"] = search(send, STAFF, {"name": "王伟"}, query=query)["next_cursor"]
        for claims, body in ((INSPECTOR, {"name": "王伟"}), (STAFF, {"name": "李伟"})):
            answer = send(SEARCH, claims=claims, body=body, query=query)
            assert (answer["statusCode"], answered(answer)["code"]) == (400, "bad-cursor")

    def test_a_changed_name_is_found_and_the_old_one_is_not(self, send: Send, people: People, world: World) -> None:
        member_id = people.enrol(name="王小明")
        change_profile(
            people.members,
            _NoGreetings(),
            MemberId(member_id),
            ProfileChange(name="王大明"),
            at=world.now,
            patience=world.patience,
        )
        assert [one["id"] for one in search(send, STAFF, {"name": "王大明"})["items"]] == [member_id]
        assert search(send, STAFF, {"name": "王小明"})["items"] == []

    @pytest.mark.parametrize(
        ("body", "pointer", "code"),
        [
            ({}, "", "exactly_one"),
            ({"phone": PHONE, "name": "王"}, "", "exactly_one"),
            ({"phone": "99999"}, "/phone", "phone_invalid"),
            ({"balance": 1}, "/balance", "extra_forbidden"),
        ],
    )
    def test_takes_exactly_one_field(self, send: Send, body: dict[str, Any], pointer: str, code: str) -> None:
        answer = send(SEARCH, claims=STAFF, body=body)
        (error,) = answered(answer)["errors"]
        assert (answer["statusCode"], error["pointer"], error["code"]) == (422, pointer, code)

    def test_a_search_by_phone_takes_two_calls(self, send: Send, people: People) -> None:
        people.enrol(phone=PHONE)
        search(send, STAFF, {"phone": PHONE})
        with Calls(people.members.client).counting() as calls:
            search(send, STAFF, {"phone": PHONE})
        assert calls.operations == ["GetItem", "BatchGetItem"]


class TestPersonalData:
    def test_t11_who_may_see_it_does_and_is_recorded(self, send: Send, get: Get, people: People, world: World) -> None:
        member_id = people.enrol(phone=PHONE, name="王小明", birthday=date(1990, 5, 17))

        (found,) = search(send, INSPECTOR, {"name": "王小明"})["items"]
        world.now += timedelta(seconds=1)
        member = get(MEMBER, INSPECTOR, id=member_id)

        assert (found["name"], found["phone"], found["masked"]) == ("王小明", PHONE, False)
        assert (member["name"], member["phone"], member["birthday"]) == ("王小明", PHONE, "1990-05-17")
        assert told(deeds_on(world.now.date(), world.ledger)) == [("member.seen", "inspector", member_id)] * 2

    def test_what_is_masked_or_nobody_leaves_no_trace(self, send: Send, get: Get, people: People, world: World) -> None:
        member_id = people.enrol(phone=PHONE, name="王小明", birthday=date(1990, 5, 17), store_id="SH001")

        member = get(MEMBER, STAFF, id=member_id)
        search(send, INSPECTOR, {"name": "张三"})

        assert (member["name"], member["phone"], member["birthday"]) == ("王*明", "138****5678", None)
        assert (member["store_id"], member["masked"], member["frozen"]) == ("SH001", True, False)
        assert deeds_on(world.now.date(), world.ledger) == []


class TestEntries:
    def test_who_answers_for_an_entry_is_told(
        self, get: Get, queries: Dependencies, people: People, world: World
    ) -> None:
        member_id = people.enrol(lots=10)
        world.now += timedelta(minutes=1)
        setting = Setting(
            setting_id="tsr_1",
            digest="d",
            member_id=member_id,
            tier_id="silver",
            valid_until=date(2027, 1, 1),
            reason="vip",
            author="zhou",
        )
        rules = TimeRules(programs=queries.programs, ledger=world.ledger)
        set_tier(setting, rules, world.ledger, world.patience, clock=world.clock)

        with Calls(world.ledger.client).counting() as calls:
            by_hand, earned = get(ENTRIES, STAFF, id=member_id)["items"]

        assert (by_hand["kind"], by_hand["author"], by_hand["reason"]) == ("tier_set", "zhou", "vip")
        assert (earned["points"], earned["author"], earned["approver"], earned["reason"]) == (10, None, None, None)
        assert calls.operations == ["GetItem", "Query", "BatchGetItem"]

    def test_nobody_of_the_staff_answers_for_a_referral(self, get: Get, people: People, world: World) -> None:
        friend, referrer = people.enrol(), people.enrol()
        posting = begin(world.ledger.account(friend), world.now, Rules(zone=ZONE))
        details = {"by": referrer, "v": 1, "on": "referral_enrolled", "ru": {}}
        key = keys.referral(friend, keys.ENROLLED, "friend")
        posting = posting.add(EntryKind.REFERRED, key, Movement(), details=details)
        world.ledger.commit(posting, world.patience, guards={})
        (entry,) = get(ENTRIES, STAFF, id=friend)["items"]
        assert (entry["kind"], entry["author"]) == ("referred", None)

    def test_s1_entries_of_other_stores_are_not_listed_and_what_is_of_no_store_is(
        self, get: Get, people: People, world: World
    ) -> None:
        world.offer(a_reward(points=1, stock=None))
        member_id = people.enrol(lots=100)
        for number, store_id in enumerate(["SH001", "SH002", None, "SH001"]):
            world.redeem(member_id, key=f"k{number}", store_id=store_id)

        whole = get(ENTRIES, STAFF, id=member_id)["items"]
        part = get(ENTRIES, OF_ONE_STORE, id=member_id)["items"]

        assert [one["store_id"] for one in whole] == ["SH001", None, "SH002", "SH001", None]
        assert part == [whole[1], whole[2], whole[4]]

    def test_a4_pages_of_a_store_have_no_gap_and_their_cursors_name_no_other_store(
        self, get: Get, people: People, world: World
    ) -> None:
        world.offer(a_reward(points=1, stock=None))
        member_id = people.enrol(lots=100)
        for number in range(9):
            world.redeem(member_id, key=f"k{number}", store_id=f"SH00{1 + number % 3}")
        seen: list[str] = []
        query = {"kind": "redeemed", "limit": "2"}
        while True:
            page = get(ENTRIES, OF_ONE_STORE, id=member_id, query=query)
            seen += [one["source"]["id"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert seen == [redemption_id(f"k{number}") for number in (7, 4, 1)]

    def test_a4_a_cursor_of_one_member_does_not_serve_another(self, get: Get, people: People, world: World) -> None:
        ann, ben = (people.enrol(lots=5) for _ in range(2))
        world.earn(ann, {"271231": 1})
        cursor = get(ENTRIES, STAFF, id=ann, query={"limit": "1"})["next_cursor"]
        assert get(ENTRIES, STAFF, id=ben, query={"cursor": cursor}, status=400)["code"] == "bad-cursor"
        get(SALES, STAFF, id=ann, query={"cursor": cursor}, status=400)
        assert len(get(ENTRIES, STAFF, id=ann, query={"limit": "1", "cursor": cursor})["items"]) == 1


class TestRedemptions:
    def test_lists_them_with_their_fates(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward(points=10))
        member_id = people.enrol(lots=100)
        for number, store_id in enumerate(["SH001", "SH002"]):
            world.redeem(member_id, key=f"k{number}", store_id=store_id)
        world.cancel(member_id, redemption_id("k1"))

        whole = get(REDEMPTIONS, STAFF, id=member_id)["items"]
        part = get(REDEMPTIONS, OF_ONE_STORE, id=member_id)["items"]

        assert [(one["store_id"], one["status"]) for one in whole] == [("SH002", "cancelled"), ("SH001", "confirmed")]
        assert part == whole[:1]


class TestSales:
    def test_shows_what_a_sale_gave_what_came_back_and_what_is_left(
        self, get: Get, people: People, world: World
    ) -> None:
        member_id = people.enrol()
        till = Till(ledger=world.ledger)
        till.clock.now = world.now
        till.sell(a_sale(21_900, occurred_at=world.now), member_id)
        till.take_back(a_refund(1_000, occurred_at=world.now))

        (sale,) = get(SALES, STAFF, id=member_id)["items"]

        assert sale == {
            "store_id": "SH001",
            "receipt_id": "T-1001",
            "occurred_at": "2026-03-15T04:00:00Z",
            "total": {"amount": 21_900, "currency": "CNY"},
            "points": 21,
            "returns": [{"id": "R-1", "occurred_at": "2026-03-15T04:00:00Z", "points": 1, "void": False}],
            "left": {"amount": {"amount": 20_900, "currency": "CNY"}, "points": 20},
            "entry_id": get(ENTRIES, STAFF, id=member_id, query={"kind": "earned"})["items"][0]["id"],
        }

    def test_s1_sales_of_other_stores_are_not_listed(self, get: Get, people: People, world: World) -> None:
        member_id = people.enrol()
        till = Till(ledger=world.ledger)
        till.clock.now = world.now
        for store_id in ("SH001", "SH002"):
            till.sell(a_sale(10_000, occurred_at=world.now, store_id=store_id, receipt_id=f"R-{store_id}"), member_id)

        assert [one["receipt_id"] for one in get(SALES, OF_ONE_STORE, id=member_id)["items"]] == ["R-SH002"]
        assert len(get(SALES, STAFF, id=member_id)["items"]) == 2


class _NoGreetings:
    """Nobody proves a phone here."""

    def greet(self, member_id: str, create: Any) -> None:
        raise AssertionError(member_id, create)
