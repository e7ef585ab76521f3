"""The queries function on the engine: entries, tier, rewards, redemptions. P3, A4, S1, S2-20."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from functions.queries.entry_texts import text_of
from shared import keys
from shared.keys import Key
from shared.ledger.entries import EntryKind
from shared.ledger.entry_ids import entry_id
from tests.builders import Till, a_refund, a_sale
from tests.http_events import staff_claims
from tests.integration.redemption.conftest import Get
from tests.integration.redemption.people import People
from tests.integration.redemption.world import Calls, World, a_reward, redemption_id

ENTRIES, ENTRY = "GET /v1/me/entries", "GET /v1/me/entries/{id}"
TIER, REWARDS = "GET /v1/me/tier", "GET /v1/me/rewards"
REDEMPTIONS, REDEMPTION = "GET /v1/me/redemptions", "GET /v1/me/redemptions/{id}"
ENGLISH = {"accept-language": "en"}


class TestWhoMayAsk:
    @pytest.mark.parametrize("route", [ENTRIES, ENTRY, TIER, REWARDS, REDEMPTIONS, REDEMPTION])
    @pytest.mark.parametrize(("claims", "status"), [(None, 401), (staff_claims("staff:read"), 403)])
    def test_s1_only_members(self, get: Get, route: str, claims: dict[str, str] | None, status: int) -> None:
        get(route, claims, id="x", status=status)


class TestEntries:
    def test_s2_20_every_line_shows_time_and_reason(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward())
        ann = people.join("ann", 500)
        world.now += timedelta(minutes=1)
        world.redeem(people.id_of(ann), key="k1", store_id="SH001")

        redeemed, earned = get(ENTRIES, ann)["items"]

        assert redeemed == {
            "id": entry_id(keys.redemption(redemption_id("k1"))),
            "kind": "redeemed",
            "points": -500,
            "points_pending": 0,
            "balance_after": {"available": 0, "pending": 0, "held": 0, "debt": 0},
            "at": "2026-03-15T04:01:00Z",
            "occurred_at": "2026-03-15T04:01:00Z",
            "store_id": "SH001",
            "text": "兑换：精致餐具",
            "source": {"type": "redemption", "id": redemption_id("k1")},
        }
        assert (earned["text"], earned["points"], earned["source"]["type"]) == ("消费积分", 500, "sale")

    def test_speaks_the_callers_language(self, get: Get, people: People) -> None:
        assert get(ENTRIES, people.join("ann", 1), headers=ENGLISH)["items"][0]["text"] == "Points for a purchase"

    @pytest.mark.parametrize("kind", list(EntryKind))
    def test_s2_20_every_kind_has_a_reason(self, kind: EntryKind) -> None:
        assert text_of(kind, "x", "zh-CN")
        assert text_of(kind, "x", "en")

    def test_p3_a_page_of_20_costs_one_call_and_at_most_one_unit(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward(points=1, stock=100))
        ann = people.join("ann", 100)
        for _ in range(25):
            world.redeem(people.id_of(ann), store_id="SH001")

        with Calls(world.ledger.client).counting() as calls:
            page = get(ENTRIES, ann)

        assert len(page["items"]) == 20
        assert calls.operations == ["Query"]
        assert calls.read_units <= 1.0

    def test_a4_pages_have_no_gap_and_no_duplicate_while_entries_are_written(
        self, get: Get, people: People, world: World
    ) -> None:
        ann = people.join("ann", 1)
        for number in range(24):
            world.now += timedelta(seconds=1)
            world.earn(people.id_of(ann), {"271231": number + 2})
        seen, query = [], {"limit": "7"}
        while True:
            page = get(ENTRIES, ann, query=query)
            seen += [item["points"] for item in page["items"]]
            world.earn(people.id_of(ann), {"271231": 1000})
            if page["next_cursor"] is None:
                break
            query = {"limit": "7", "cursor": page["next_cursor"]}

        assert seen == list(range(25, 0, -1))

    def test_a_kind_is_found_in_few_calls_however_rare_it_is(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward(points=1, stock=100))
        ann = people.join("ann", 100)
        redeemed = [world.redeem(people.id_of(ann)).redemption.id for _ in range(3)]
        for _ in range(60):
            world.earn(people.id_of(ann), {"271231": 1})

        with Calls(world.ledger.client).counting() as calls:
            first = get(ENTRIES, ann, query={"kind": "redeemed", "limit": "2"})
        second = get(ENTRIES, ann, query={"kind": "redeemed", "limit": "2", "cursor": first["next_cursor"]})

        assert [item["source"]["id"] for item in first["items"] + second["items"]] == redeemed[::-1]
        assert second["next_cursor"] is None
        assert len(calls.operations) <= 4

    def test_days_are_those_of_the_programs_zone(self, get: Get, people: People, world: World) -> None:
        world.now = datetime(2026, 3, 14, 15, 59, 59, tzinfo=UTC)  # 14 March in Shanghai
        ann = people.join("ann", 1)
        for hour in (16, 39):  # 15 March 00:00 and 23:00
            world.now = datetime(2026, 3, 14, tzinfo=UTC) + timedelta(hours=hour)
            world.earn(people.id_of(ann), {"271231": hour})
        world.now = datetime(2026, 3, 15, 16, tzinfo=UTC)
        world.earn(people.id_of(ann), {"271231": 99})

        page = get(ENTRIES, ann, query={"from": "2026-03-15", "to": "2026-03-15"})

        assert [item["points"] for item in page["items"]] == [39, 16]

    @pytest.mark.parametrize(
        "query", [{"limit": "0"}, {"limit": "101"}, {"kind": "stolen"}, {"from": "soon"}, {"to": "9999-12-31"}]
    )
    def test_refuses_what_cannot_be_asked(self, get: Get, people: People, query: dict[str, str]) -> None:
        assert get(ENTRIES, people.join("ann"), query=query, status=422)["code"] == "validation-failed"

    def test_a4_anothers_cursor_is_refused(self, get: Get, people: People, world: World) -> None:
        ann, ben = people.join("ann", 1), people.join("ben", 1)
        world.earn(people.id_of(ann), {"271231": 1})
        cursor = get(ENTRIES, ann, query={"limit": "1"})["next_cursor"]

        assert get(ENTRIES, ben, query={"cursor": cursor}, status=400)["code"] == "bad-cursor"
        get(ENTRIES, ann, query={"cursor": cursor, "kind": "earned"}, status=400)
        get(REDEMPTIONS, ann, query={"cursor": cursor}, status=400)
        get(ENTRIES, ann, query={"cursor": cursor[:-2] + "AA"}, status=400)


class TestOneEntry:
    def test_a_sale_and_its_refund_explain_themselves(self, get: Get, people: People, world: World) -> None:
        ann = people.join("ann")
        till = Till(ledger=world.ledger)
        till.clock.now = world.now
        till.sell(a_sale(21_900, occurred_at=world.now), people.id_of(ann))
        till.take_back(a_refund(1_000, occurred_at=world.now))
        refund, sale = (item["id"] for item in get(ENTRIES, ann)["items"])

        sold = get(ENTRY, ann, id=sale)
        with Calls(world.ledger.client).counting() as calls:
            get(ENTRY, ann, id=sale)
        returned = get(ENTRY, ann, id=refund)

        assert calls.operations == ["Query"]
        assert (sold["points"], sold["links"]["sale"], sold["links"]["returns"]) == (21, sale, [refund])
        assert sold["source"] == {"type": "sale", "id": "T-1001"}
        assert next(line["kind"] for line in sold["explain"]) == "total"
        assert sold["lots"] == [{"points": 21, "valid_through": None, "available_on": None}]
        assert (returned["points"], returned["links"]["sale"], returned["source"]["type"]) == (-1, sale, "return")
        assert returned["explain"] != sold["explain"]

    def test_a_cancelled_redemption_links_both_ways(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward())
        ann = people.join("ann", 500)
        redeemed = world.redeem(people.id_of(ann)).redemption
        world.cancel(people.id_of(ann), redeemed.id)
        links: dict[str, Any] = {
            "sale": None,
            "returns": [],
            "redemption": redeemed.id,
            "redeemed": entry_id(redeemed.key),
            "returned": entry_id(keys.outcome(redeemed.id)),
        }

        body = get(ENTRY, ann, id=entry_id(redeemed.key))

        assert body["links"] == links
        assert body["lots"] == [{"points": -500, "valid_through": "2027-12-31", "available_on": None}]
        assert get(ENTRY, ann, id=links["returned"])["links"] == links

    def test_s1_anothers_entry_is_the_same_404_as_a_missing_one(self, get: Get, people: People, world: World) -> None:
        ann, ben = people.join("ann", 1), people.join("ben", 1)
        (entry,) = get(ENTRIES, ann)["items"]
        missing = entry_id(keys.sale("SH001", "never"))
        strangers = [entry["id"], missing, entry_id(keys.CATALOGUE), "ent_", "nonsense", "ent_" + "A" * 5000]
        world.offer(a_reward())

        told = [get(ENTRY, ben, id=identifier, status=404) for identifier in strangers]

        assert {tuple(body) for body in told} == {tuple(told[0])}
        assert {(body["code"], body["detail"]) for body in told} == {(told[0]["code"], told[0]["detail"])}

    @pytest.mark.parametrize("sk", [keys.SALE, "RETURN#0001", keys.REDEEMED, keys.OUTCOME])
    def test_t21_an_id_that_names_another_partition_reads_no_more_than_an_item(
        self, get: Get, people: People, world: World, sk: str
    ) -> None:
        ann = people.join("ann", 1)
        get(ENTRIES, ann)
        with Calls(world.ledger.client).counting() as calls:
            get(ENTRY, ann, id=entry_id(Key(keys.trail_of(world.now.date()), sk)), status=404)
        assert calls.operations == ["GetItem"]


class TestTier:
    def test_shows_the_way_to_the_next_tier(self, get: Get, people: People, world: World) -> None:
        ann = people.join("ann")
        till = Till(ledger=world.ledger)
        till.clock.now = world.now
        till.sell(a_sale(300_000, occurred_at=world.now), people.id_of(ann))

        assert get(TIER, ann) == {
            "current": {"id": "normal", "name": "普通会员"},
            "valid_until": None,
            "measure": "points_earned",
            "value": 300,
            "next": {"id": "silver", "name": "银卡会员", "missing": 1700},
            "keep": None,
            "benefits": [],
        }

    def test_shows_what_keeps_the_tier(self, get: Get, people: People, world: World) -> None:
        ann = people.join("ann")
        till = Till(ledger=world.ledger)
        till.clock.now = world.now
        till.sell(a_sale(2_000_000, occurred_at=world.now), people.id_of(ann))

        body = get(TIER, ann)

        assert (body["current"]["id"], body["next"]["missing"]) == ("silver", 8000)
        assert body["keep"] == {"needed": 1000, "missing": 1000, "by": body["valid_until"]}
        assert date.fromisoformat(body["valid_until"]) == date(2027, 3, 15)
