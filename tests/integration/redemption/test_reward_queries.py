"""The queries function on the engine: rewards and redemptions, as members see them. P3, S1."""

from datetime import UTC, datetime, timedelta

from shared import keys
from shared.ledger.entry_ids import entry_id
from tests.http_events import answered
from tests.integration.redemption.conftest import Get, Send
from tests.integration.redemption.people import People
from tests.integration.redemption.world import Calls, World, a_reward, redemption_id

ENTRIES, ENTRY = "GET /v1/me/entries", "GET /v1/me/entries/{id}"
TIER, REWARDS = "GET /v1/me/tier", "GET /v1/me/rewards"
REDEMPTIONS, REDEMPTION = "GET /v1/me/redemptions", "GET /v1/me/redemptions/{id}"
ENGLISH = {"accept-language": "en"}


class TestRewards:
    def test_says_what_is_missing(self, get: Get, people: People, world: World) -> None:
        world.offer(
            a_reward("mug", points=300, cash_minor=1000, stock=5, category="周边"),
            a_reward("haircut", points=100, stock=None, tiers=frozenset({"gold"})),
            a_reward("gone", points=1, stock=0),
            a_reward("gift", hidden=True),
        )
        ann = people.join("ann", 200)

        mug, haircut, gone = get(REWARDS, ann, headers=ENGLISH)["items"]

        assert mug == {
            "id": "mug",
            "name": "精致餐具",
            "type": "product",
            "category": "周边",
            "points": 300,
            "cash_due": {"amount": 1000, "currency": "CNY"},
            "tiers": [],
            "limit": None,
            "left": 5,
            "review": False,
            "status": "unavailable",
            "reasons": [
                {
                    "code": "insufficient-points",
                    "text": "Not enough points",
                    "required": 300,
                    "available": 200,
                    "missing": 100,
                }
            ],
        }
        assert haircut["reasons"][0]["code"] == "tier-required"
        assert (haircut["reasons"][0]["required"], haircut["reasons"][0]["available"]) == (["gold"], "normal")
        assert [(reason["code"], reason["available"]) for reason in gone["reasons"]] == [("out-of-stock", 0)]

    def test_a_tier_that_can_be_bought_is_in_the_catalogue_too(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward("silver", stock=None, type="tier_upgrade", to_tier="silver"))

        (silver,) = get(REWARDS, people.join("ann", 500))["items"]

        assert (silver["type"], silver["status"], silver["left"]) == ("tier_upgrade", "available", None)

    def test_what_can_be_had_is_available(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward(stock=5))

        (tableware,) = get(REWARDS, people.join("ann", 500))["items"]

        assert (tableware["status"], tableware["reasons"], tableware["left"]) == ("available", [], 5)

    def test_stock_is_read_once_in_ten_seconds(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward(stock=5))
        ann = people.join("ann", 500)
        get(REWARDS, ann)
        world.redeem(people.id_of(ann))

        with Calls(world.ledger.client).counting() as calls:
            cached = get(REWARDS, ann)["items"][0]["left"]
        world.now += timedelta(seconds=11)
        fresh = get(REWARDS, ann)["items"][0]["left"]

        assert calls.operations == ["GetItem"]
        assert (cached, fresh) == (5, 4)

    def test_e9_expired_points_are_not_counted(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward())
        ann = people.join("ann", {"260331": 500})
        world.now = datetime(2026, 3, 31, 16, tzinfo=UTC)

        (tableware,) = get(REWARDS, ann)["items"]

        assert tableware["reasons"][0]["available"] == 0


class TestRedemptions:
    def test_lists_the_newest_first_with_its_fate(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward(points=100, cash_minor=50))
        ann = people.join("ann", 500)
        first = world.redeem(people.id_of(ann), quantity=2).redemption
        world.now += timedelta(seconds=1)
        second = world.redeem(people.id_of(ann), store_id="SH001").redemption
        world.cancel(people.id_of(ann), first.id)

        newest, oldest = get(REDEMPTIONS, ann)["items"]

        assert newest == {
            "id": second.id,
            "status": "confirmed",
            "reward_id": "tableware",
            "name": "精致餐具",
            "quantity": 1,
            "points": 100,
            "cash_due": {"amount": 50, "currency": "CNY"},
            "code": None,
            "expires_at": None,
            "store_id": "SH001",
            "redeemed_at": "2026-03-15T04:00:01Z",
            "decided_at": None,
            "reason": None,
            "entry_id": entry_id(second.key),
            "returned_entry_id": None,
        }
        assert (oldest["status"], oldest["returned_entry_id"]) == ("cancelled", entry_id(keys.outcome(first.id)))
        assert get(REDEMPTION, ann, id=first.id) == oldest

    def test_pages(self, get: Get, people: People, world: World) -> None:
        world.offer(a_reward(points=1, stock=100))
        ann = people.join("ann", 500)
        redeemed = [world.redeem(people.id_of(ann)).redemption.id for _ in range(5)]
        seen, query = [], {"limit": "2"}
        while True:
            page = get(REDEMPTIONS, ann, query=query)
            seen += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            query = {"limit": "2", "cursor": page["next_cursor"]}

        assert seen == redeemed[::-1]

    def test_s1_anothers_redemption_is_the_same_404_as_a_missing_one(
        self, get: Get, people: People, world: World
    ) -> None:
        world.offer(a_reward())
        redeemed = world.redeem(people.id_of(people.join("ann", 500))).redemption
        ben = people.join("ben", 500)
        told = [get(REDEMPTION, ben, id=one, status=404) for one in (redeemed.id, redemption_id("never"), "x")]

        assert {(body["code"], body["detail"]) for body in told} == {("not-found", told[0]["detail"])}


def test_the_same_page_answers_the_redemptions_function_and_this_one(
    get: Get, send: Send, people: People, world: World
) -> None:
    world.offer(a_reward())
    ann = people.join("ann", 500)
    made = answered(
        send(
            "POST /v1/me/redemptions",
            claims=ann,
            body={"reward_id": "tableware"},
            headers={"idempotency-key": "key-00000001"},
        )
    )

    shown = get(REDEMPTION, ann, id=made["id"])

    assert {name: shown[name] for name in made} == made
