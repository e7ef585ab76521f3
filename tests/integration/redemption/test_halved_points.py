"""Points near their expiry pay half, where the program says so. S3-15."""

from datetime import timedelta
from typing import Any

import pytest

from shared.errors import InsufficientPointsError
from shared.ledger.entry_ids import entry_id
from shared.program.store import Programs
from shared.tiers.time_rules import TimeRules
from tests.builders import a_ladder, a_program, months, publish
from tests.http_events import answered
from tests.integration.redemption.conftest import Send
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World, a_reward

IN_20_DAYS, IN_A_YEAR = "260404", "270315"
LAST_HALVED, FIRST_WHOLE = "260413", "260414"  # the 30th day counts today, 15 March, as the first
REWARD = a_reward("tableware", points=100)
WHOLE_PRICE, HALF_PRICE = 100, 150


@pytest.fixture
def world(ledger: Any) -> World:
    publish(ledger, a_program(tiers=a_ladder(), expire=months(12, halve_in_last_days=30)))
    programs = Programs(client=ledger.client, table=ledger.tables.ledger)
    world = World(ledger, rules_at=TimeRules(programs=programs, ledger=ledger).at)
    world.offer(REWARD)
    return world


@pytest.mark.parametrize(
    ("lots", "taken"),
    [
        ({IN_20_DAYS: 100, IN_A_YEAR: 100}, {IN_20_DAYS: 100, IN_A_YEAR: 50}),
        ({IN_A_YEAR: 100}, {IN_A_YEAR: 100}),
        ({IN_20_DAYS: 200}, {IN_20_DAYS: 200}),
        ({LAST_HALVED: 200}, {LAST_HALVED: 200}),
        ({FIRST_WHOLE: 200}, {FIRST_WHOLE: 100}),
        ({IN_20_DAYS: 101, IN_A_YEAR: 60}, {IN_20_DAYS: 100, IN_A_YEAR: 50}),
        ({IN_20_DAYS: 51, LAST_HALVED: 51, "~": 90}, {IN_20_DAYS: 51, LAST_HALVED: 51, "~": 49}),
        ({f"{IN_20_DAYS}+": 100, IN_A_YEAR: 100}, {f"{IN_20_DAYS}+": 100, IN_A_YEAR: 50}),
    ],
)
def test_s3_15_a_price_of_100_takes_two_near_points_for_one(
    world: World, lots: dict[str, int], taken: dict[str, int]
) -> None:
    member = world.member(lots)
    assert dict(world.redeem(member).redemption.lots) == taken
    assert world.audit() == []


@pytest.mark.parametrize(
    ("lots", "missing"), [({IN_20_DAYS: 199}, 1), ({IN_20_DAYS: 100, IN_A_YEAR: 49}, 1), ({}, 100)]
)
def test_s3_15_what_near_points_do_not_pay_is_missing(world: World, lots: dict[str, int], missing: int) -> None:
    member = world.member(lots)
    with pytest.raises(InsufficientPointsError) as refused:
        world.redeem(member)
    available = sum(lots.values())
    assert refused.value.fields == {"required": 100, "available": available, "missing": missing}


def test_s3_15_a_cancellation_gives_back_every_point_that_was_taken(world: World) -> None:
    lots = {IN_20_DAYS: 100, IN_A_YEAR: 100}
    member = world.member(lots)
    redeemed = world.redeem(member)
    world.cancel(member, redeemed.redemption.id)
    assert world.account(member).lots == lots


def test_points_are_whole_again_for_what_comes_before_their_last_days(world: World) -> None:
    member = world.member({FIRST_WHOLE: 300})
    assert world.redeem(member).redemption.points == WHOLE_PRICE
    world.now += timedelta(days=1)
    assert world.redeem(member).redemption.points == 2 * WHOLE_PRICE


class TestWhatTheMemberSees:
    @pytest.fixture(autouse=True)
    def program(self, queries: Any) -> None:
        """Publish the halving program over the one of the queries."""
        draft = a_program(tiers=a_ladder(), expire=months(12, halve_in_last_days=30))
        publish(queries.ledger, draft)

    def test_s3_15_the_entry_says_why_it_took_more_than_the_price(
        self, world: World, people: People, send: Send
    ) -> None:
        ann = people.join("ann", {IN_20_DAYS: 100, IN_A_YEAR: 100})
        redemption = world.redeem(people.id_of(ann)).redemption
        answer = send("GET /v1/me/entries/{id}", path=f"/v1/me/entries/{entry_id(redemption.key)}", claims=ann)
        assert answered(answer)["points"] == -HALF_PRICE
        text = "价格 100 分：100 分临近到期，两分抵一分"
        assert answered(answer)["explain"] == [{"kind": "half-value", "text": text}]

    def test_s3_15_a_reward_is_out_of_reach_for_near_points(self, people: People, send: Send) -> None:
        ann = people.join("ann", {IN_20_DAYS: 199})
        (reward,) = answered(send("GET /v1/me/rewards", path="/v1/me/rewards", claims=ann))["items"]
        assert [reason["code"] for reason in reward["reasons"]] == ["insufficient-points"]
