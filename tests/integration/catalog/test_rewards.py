"""The staff keeps the catalogue: adds, changes and archives rewards, and changes their stock. F11, F29, A5, S1."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest

from functions.catalog.dependencies import Dependencies
from functions.catalog.routes import routes
from shared.errors import JifenError, OutOfStockError
from shared.http.api import build_api
from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.program.timeline import LEAD
from shared.redemption.catalogue_items import reward_tag
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.change_rewards import Shelf, StockChange, add_reward, change_stock
from shared.redemption.offers import Offer
from shared.redemption.publish_rewards import plan_publication, publish_rewards
from shared.redemption.stock import Stock
from tests.builders import a_ladder, a_program, publish
from tests.deeds import deeds_on
from tests.http_events import MEMBER_CLIENT, LambdaContext, answered, http_event, member_claims, staff_claims
from tests.integration.redemption.world import World, a_reward
from tests.observed import Killed, interrupted, killed

LIST, ADD = "GET /v1/admin/rewards", "POST /v1/admin/rewards"
CHANGE = "PUT /v1/admin/rewards/{id}"
STOCK, ARCHIVE = "POST /v1/admin/rewards/{id}/stock", "POST /v1/admin/rewards/{id}/archive"
STAFF = staff_claims("staff:catalog", subject="li")
KEY = {"idempotency-key": "k-0000001"}
MUG = {"id": "mug", "name": "马克杯", "points": 300, "stock": 40, "low_stock": 5, "category": "周边"}
MUG |= {"cash": {"amount": 1000, "currency": "CNY"}, "tiers": ["gold"], "limit": {"per_member": 1, "every": "month"}}
PLAIN = {"name": "马克杯", "points": 200}
DELIVERED = {"delta": 10, "reason": "delivery"}
Ask = Callable[..., Any]


@pytest.fixture
def world(ledger: Ledger) -> World:
    return World(ledger)


@pytest.fixture
def built(world: World) -> Dependencies:
    publish(world.ledger, a_program(tiers=a_ladder()))
    client, table = world.ledger.client, world.ledger.tables.ledger
    return Dependencies(
        programs=Programs(client=client, table=table, clock=world.clock),
        catalogues=Catalogues(client=client, table=table, clock=world.clock),
        stock=Stock(ledger=world.ledger, pick=random.choice),
        clock=world.clock,
    )


@pytest.fixture
def shelf(built: Dependencies) -> Shelf:
    return Shelf(catalogues=built.catalogues, stock=built.stock, currency="CNY", by="li")


@pytest.fixture
def ask(built: Dependencies) -> Ask:
    api = build_api([routes], built=built, member_client_id=MEMBER_CLIENT)

    def asking(route: str, body: Any = None, *, status: int = 200, id: str = "mug", **details: Any) -> Any:  # noqa: A002
        details = {"claims": STAFF, "headers": KEY, **details}
        event = http_event(route, path=route.split(" ")[1].replace("{id}", id), body=body, **details)
        answer = api.resolve(event, LambdaContext())
        assert answer["statusCode"] == status, answer["body"]
        return answered(answer)

    return asking


def _refused(change: StockChange, shelf: Shelf, world: World) -> OutOfStockError:
    with pytest.raises(OutOfStockError) as refusal:
        change_stock(change, shelf, world.patience)
    return refusal.value


def stood(world: World) -> list[tuple[str, str, str]]:
    """Tell what the trail holds of today, by the clock of DynamoDB, newest first."""
    return [(deed.what.value, deed.who, deed.about) for deed in deeds_on(_today(world), world.ledger)]


def _today(world: World) -> date:
    at = Catalogues(client=world.ledger.client, table=world.ledger.tables.ledger, clock=world.clock).read().answered_at
    return at.date()


class TestWhoMay:
    @pytest.mark.parametrize("route", [LIST, ADD, CHANGE, STOCK, ARCHIVE])
    @pytest.mark.parametrize(
        ("claims", "status"),
        [(None, 401), (member_claims(), 403), (staff_claims("staff:approve", "pos:redeem"), 403)],
    )
    def test_s1_only_who_keeps_the_catalogue(
        self, ask: Ask, route: str, claims: dict[str, str] | None, status: int
    ) -> None:
        ask(route, MUG, claims=claims, status=status)

    @pytest.mark.parametrize(("route", "body"), [(CHANGE, PLAIN), (STOCK, DELIVERED), (ARCHIVE, None)])
    def test_what_is_not_there_is_404(self, ask: Ask, route: str, body: Any) -> None:
        headers = {**KEY, "if-match": '"x"'}
        assert ask(route, body, id="nothing", headers=headers, status=404)["code"] == "reward-not-found"


class TestAdd:
    def test_adds_a_reward_with_its_stock(self, ask: Ask, world: World) -> None:
        added = ask(ADD, MUG, status=201)

        assert {name: added[name] for name in MUG if name != "stock"} == {
            name: MUG[name] for name in MUG if name != "stock"
        }
        assert (added["left"], added["given"], added["listed"], added["review"]) == (40, 40, True, False)
        listed = ask(LIST)
        assert (listed["revision"], listed["items"]) == (1, [added])
        assert stood(world) == [("reward.added", "li", "mug@1")]

    def test_the_same_again_is_answered_and_another_under_its_id_refused(self, ask: Ask, world: World) -> None:
        added = ask(ADD, MUG, status=201)
        assert ask(ADD, MUG) == added
        assert ask(ADD, {**MUG, "points": 1}, status=409)["code"] == "already-exists"
        assert (ask(LIST)["revision"], len(stood(world))) == (1, 1)

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({**MUG, "listed": False}, "/listed"),
            ({**MUG, "type": "tier_upgrade"}, "/type"),
            ({**MUG, "tiers": ["platinum"]}, "/tiers/0"),
            ({**MUG, "cash": {"amount": 1, "currency": "USD"}}, "/cash/currency"),
            ({**MUG, "id": "Mug#1"}, "/id"),
            ({**MUG, "points": 0}, "/points"),
            ({**MUG, "stock": -1}, "/stock"),
        ],
    )
    def test_a5_refuses_what_cannot_be(self, ask: Ask, body: Any, pointer: str) -> None:
        assert [one["pointer"] for one in ask(ADD, body, status=422)["errors"]] == [pointer]


class TestChange:
    def test_changes_from_the_state_that_was_seen_and_leaves_the_stock(self, ask: Ask, world: World) -> None:
        added = ask(ADD, MUG, status=201)
        changed = ask(CHANGE, PLAIN, headers={"if-match": added["etag"]})

        assert (changed["points"], changed["cash"], changed["tiers"]) == (200, None, [])
        assert (changed["left"], changed["given"]) == (40, 40)
        assert changed["etag"] != added["etag"]
        assert stood(world)[0] == ("reward.changed", "li", "mug@2")

    def test_if_match_is_required_and_must_be_the_present_state(self, ask: Ask) -> None:
        added = ask(ADD, MUG, status=201)
        assert ask(CHANGE, PLAIN, headers={}, status=428)["code"] == "if-match-required"
        ask(CHANGE, PLAIN, headers={"if-match": added["etag"]})
        moved = ask(CHANGE, {**PLAIN, "points": 1}, headers={"if-match": added["etag"]}, status=412)
        assert moved["code"] == "version-mismatch"

    def test_i6_what_it_is_already_is_done_from_whatever_state(self, ask: Ask, world: World) -> None:
        added = ask(ADD, MUG, status=201)
        first, again = (ask(CHANGE, PLAIN, headers={"if-match": added["etag"]}) for _ in range(2))
        assert (first, len(stood(world))) == (again, 2)

    def test_another_reward_and_stock_that_moved_are_no_obstacle(self, ask: Ask) -> None:
        added = ask(ADD, MUG, status=201)
        ask(ADD, {"id": "cup", **PLAIN}, status=201)
        ask(STOCK, DELIVERED)
        assert ask(CHANGE, PLAIN, headers={"if-match": added["etag"]})["given"] == 50

    def test_archived_and_back(self, ask: Ask) -> None:
        added = ask(ADD, MUG, status=201)
        archived = [ask(ARCHIVE) for _ in range(2)]
        assert (archived[0] == archived[1], archived[0]["listed"]) == (True, False)
        back = ask(CHANGE, {k: v for k, v in MUG.items() if k not in {"id", "stock"}},
                   headers={"if-match": archived[0]["etag"]})  # fmt: skip
        assert back == added

    def test_cat_1_a_change_is_in_force_within_a_minute(self, ask: Ask, built: Dependencies) -> None:
        added = ask(ADD, MUG, status=201)
        ask(CHANGE, PLAIN, headers={"if-match": added["etag"]})
        made = built.catalogues.read().answered_at
        assert built.catalogues.read().catalogue.in_force(made).rewards["mug"].points == 300
        assert (
            built.catalogues.read().catalogue.in_force(made + LEAD + timedelta(seconds=1)).rewards["mug"].points == 200
        )


class TestStock:
    def test_more_and_fewer_pieces_once_per_key(self, ask: Ask, world: World) -> None:
        ask(ADD, MUG, status=201)
        more = [ask(STOCK, DELIVERED) for _ in range(2)]
        fewer = ask(STOCK, {"delta": -5, "reason": "damaged"}, headers={"idempotency-key": "k-0000002"})
        assert more == [{"reward_id": "mug", "left": 50, "given": 50}] * 2
        assert fewer == {"reward_id": "mug", "left": 45, "given": 45}
        assert [what for what, _, _ in stood(world)] == ["stock.changed", "stock.changed", "reward.added"]
        assert world.audit() == []

    def test_never_fewer_than_are_left_and_the_refusal_replays(self, ask: Ask) -> None:
        ask(ADD, MUG, status=201)
        too_many = {"delta": -41, "reason": "damaged"}
        first = ask(STOCK, too_many, status=409)
        ask(STOCK, DELIVERED, headers={"idempotency-key": "k-0000002"})
        again = ask(STOCK, too_many, status=409)
        assert (first["code"], again["available"]) == ("out-of-stock", first["available"])
        assert ask(STOCK, DELIVERED, status=422)["code"] == "idempotency-key-reused"
        assert ask(LIST)["items"][0]["left"] == 50

    def test_i11_two_at_once_with_one_key_are_refused_alike(self, world: World, shelf: Shelf) -> None:
        add_reward(a_reward("mug", stock=40), shelf, world.patience)
        change = StockChange(change_id="stk_1", digest="d", reward_id="mug", delta=-41, reason="damaged")
        with interrupted(world.ledger.client, call=4, by=lambda: _refused(change, shelf, world)):
            refusal = _refused(change, shelf, world)
        assert (refusal.fields["available"], refusal.replayed) == (40, True)

    def test_i6_what_was_refused_and_done_at_once_with_one_key_is_done(self, world: World, shelf: Shelf) -> None:
        add_reward(a_reward("mug", stock=40), shelf, world.patience)
        change = StockChange(change_id="stk_1", digest="d", reward_id="mug", delta=-41, reason="damaged")
        delivery = replace(change, change_id="stk_2", delta=5)

        def somebody_else() -> None:
            change_stock(delivery, shelf, world.patience)
            change_stock(change, shelf, world.patience)

        with interrupted(world.ledger.client, call=4, by=somebody_else):
            assert change_stock(change, shelf, world.patience) == (4, 4, True)

    def test_what_has_no_end_has_no_stock_to_change(self, ask: Ask) -> None:
        ask(ADD, {"id": "cup", **PLAIN}, status=201)
        assert ask(STOCK, DELIVERED, id="cup", status=409)["code"] == "out-of-stock"

    @pytest.mark.parametrize("body", [{"delta": 0, "reason": "x-y"}, {"delta": 1}, {"delta": 1, "reason": "Wang!"}])
    def test_a5_refuses_what_cannot_be(self, ask: Ask, body: Any) -> None:
        ask(ADD, MUG, status=201)
        ask(STOCK, body, status=422)

    def test_l11_redemptions_and_changes_at_once_lose_no_piece(self, world: World, shelf: Shelf) -> None:
        reward = a_reward(points=1, stock=30, shards=2)
        world.offer(reward)
        members = [world.member(50) for _ in range(4)]
        barrier = Barrier(8)

        def work(number: int) -> tuple[int, int]:
            """Redeem, or change the stock, six times; give the pieces redeemed and those added."""
            table, client = shelf.catalogues.table, world.ledger.client
            own = replace(
                shelf,
                catalogues=Catalogues(client=client, table=table, clock=world.clock),
                stock=Stock(ledger=world.ledger, pick=random.choice),
            )
            redeemed = added = 0
            barrier.wait()
            for turn in range(6):
                delta = 3 if turn % 2 else -2
                change = StockChange(
                    change_id=f"stk_{number}{turn}", digest="d", reward_id="tableware", delta=delta, reason="delivery"
                )
                with suppress(OutOfStockError):
                    if number < 4:
                        world.redeem(members[number], key=f"{number}-{turn}")
                        redeemed += 1
                    else:
                        change_stock(change, own, world.patience)
                        added += delta
            return redeemed, added

        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(work, range(8)))
        redeemed, added = (sum(one) for one in zip(*done, strict=True))
        latest = shelf.catalogues.read().catalogue.latest["tableware"]
        assert (latest.stock, world.left(latest)) == (30 + added, 30 + added - redeemed)
        assert world.audit() == []

    @pytest.mark.parametrize("answer_lost", [False, True])
    def test_k1_who_dies_at_any_call_is_finished_by_the_same_request(
        self,
        world: World,
        shelf: Shelf,
        answer_lost: bool,  # noqa: FBT001
    ) -> None:
        add_reward(a_reward("mug", stock=40), shelf, world.patience)
        change = StockChange(change_id="stk_1", digest="d", reward_id="mug", delta=10, reason="delivery")
        for call in range(1, 5):
            with killed(world.ledger.client, call=call, answer_lost=answer_lost):
                try:
                    change_stock(change, shelf, world.patience)
                except Killed:
                    continue
        assert change_stock(change, shelf, world.patience)[:2] == (50, 50)
        assert shelf.catalogues.read().catalogue.latest["mug"].stock == 50


class TestTheFile:
    def test_cat_5_the_next_publication_names_what_the_staff_changed(self, world: World, shelf: Shelf) -> None:
        mug = a_reward("mug", stock=40)
        offer = Offer(rewards=[mug], currency="CNY")
        base = publish_rewards(offer, 0, shelf.catalogues, shelf.stock, world.patience)
        change = StockChange(change_id="stk_1", digest="d", reward_id="mug", delta=10, reason="delivery")
        change_stock(change, shelf, world.patience)
        add_reward(a_reward("cup", stock=None), shelf, world.patience)

        plan = plan_publication(offer, shelf.catalogues, shelf.stock, world.patience)

        assert {id_: one.fields for id_, one in plan.base.staff.items()} == {"mug": ("stock",), "cup": ()}
        assert (plan.added("mug"), plan.after.latest["cup"].listed) == (-10, False)
        with pytest.raises(JifenError, match="version-mismatch"):
            publish_rewards(offer, base.revision, shelf.catalogues, shelf.stock, world.patience)
        after = publish_rewards(offer, plan.base.revision, shelf.catalogues, shelf.stock, world.patience)
        assert (after.staff, after.latest["mug"].stock) == ({}, 40)
        assert world.left(after.latest["mug"]) == 40

    def test_cat_5_a_file_that_takes_the_change_over_ends_the_note(self, world: World, shelf: Shelf) -> None:
        added = add_reward(a_reward("mug", stock=40), shelf, world.patience)
        offer = Offer(rewards=[added.reward], currency="CNY")
        plan = plan_publication(offer, shelf.catalogues, shelf.stock, world.patience)
        after = publish_rewards(offer, plan.base.revision, shelf.catalogues, shelf.stock, world.patience)
        assert (after.staff, after.revision, reward_tag(after.latest["mug"])) == ({}, 2, reward_tag(added.reward))
