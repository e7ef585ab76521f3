"""Publishing the catalogue on the real engine: stock by differences, once, whatever dies in between."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import OutOfStockError, VersionMovedError
from shared.ledger.store import Ledger
from shared.program.timeline import LEAD
from shared.redemption.catalogue import Catalogue
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.offers import Offer
from shared.redemption.publish_rewards import Plan, plan_publication, publish_rewards
from shared.redemption.rewards import Reward
from tests.integration.redemption.world import World, a_reward


class Died(BaseException):
    """The process ended here."""


class Publisher:
    """A marketer at a command line, whose clock nobody asks."""

    def __init__(self, ledger: Ledger) -> None:
        self.world = World(ledger, now=datetime.now(UTC))
        self.catalogues = Catalogues(
            client=ledger.client, table=ledger.tables.ledger, clock=lambda: datetime(2000, 1, 1, tzinfo=UTC)
        )
        self.stock = self.world.redeeming.stock

    def plan(self, *rewards: Reward) -> Plan:
        return plan_publication(_offer(rewards), self.catalogues, self.stock, self.world.patience)

    def publish(self, *rewards: Reward, base: int | None = None) -> Catalogue:
        revision = self.catalogues.read().catalogue.revision if base is None else base
        return publish_rewards(_offer(rewards), revision, self.catalogues, self.stock, self.world.patience)

    def shards(self, reward: Reward) -> list[tuple[int, int]]:
        read = self.stock.read([reward], self.world.patience)[reward.id]
        return [(shard.left, shard.given) for shard in read.values()]


def _offer(rewards: Sequence[Reward]) -> Offer:
    return Offer(rewards=rewards, currency="CNY")


@pytest.fixture
def publisher(ledger: Ledger) -> Publisher:
    return Publisher(ledger)


class TestStock:
    def test_the_first_publication_spreads_the_stock(self, publisher: Publisher) -> None:
        tableware = a_reward(stock=200)

        publisher.publish(tableware)

        assert publisher.shards(tableware) == [(13, 13)] * 8 + [(12, 12)] * 8

    def test_publishing_the_same_file_again_changes_nothing(self, publisher: Publisher) -> None:
        tableware = a_reward(stock=200)
        publisher.publish(tableware)
        before = publisher.world.items()

        again = publisher.publish(tableware)

        assert again.revision == 1
        assert publisher.world.items() == before

    def test_a_higher_total_adds_the_difference_to_what_is_left(self, publisher: Publisher) -> None:
        tableware = a_reward(stock=10, points=1)
        publisher.publish(tableware)
        member = publisher.world.member(100)
        publisher.world.redeem(member, quantity=4)

        publisher.publish(a_reward(stock=25, points=1))

        assert publisher.world.left(tableware) == 21
        assert sum(given for _, given in publisher.shards(tableware)) == 25
        assert publisher.world.audit() == []

    def test_a_lower_total_takes_back_only_what_is_left(self, publisher: Publisher) -> None:
        tableware = a_reward(stock=10, points=1)
        publisher.publish(tableware)
        publisher.world.redeem(publisher.world.member(100), quantity=4)

        publisher.publish(a_reward(stock=5, points=1))

        assert publisher.world.left(tableware) == 1
        assert publisher.world.audit() == []

    def test_refuses_to_take_back_more_than_is_left(self, publisher: Publisher) -> None:
        publisher.publish(a_reward(stock=10, points=1))
        publisher.world.redeem(publisher.world.member(100), quantity=4)
        before = publisher.world.items()

        with pytest.raises(OutOfStockError) as refusal:
            publisher.publish(a_reward(stock=3, points=1))

        assert refusal.value.fields == {"reward_id": "tableware", "required": 7, "available": 6}
        assert publisher.world.items() == before

    def test_more_shards_make_every_piece_stay_in_reach(self, publisher: Publisher) -> None:
        publisher.publish(a_reward(stock=3, points=1, shards=1))
        wider = a_reward(stock=6, points=1, shards=4)

        publisher.publish(wider)

        assert publisher.shards(wider) == [(3, 3), (1, 1), (1, 1), (1, 1)]

    def test_a_reward_that_comes_back_has_its_stock_still(self, publisher: Publisher) -> None:
        tableware = a_reward(stock=10)
        publisher.publish(tableware)
        publisher.publish(a_reward("mug"))

        plan = publisher.plan(tableware, a_reward("mug"))

        assert plan.added("tableware") == 0
        assert plan.left("tableware") == 10

    def test_the_plan_says_what_is_added_and_left(self, publisher: Publisher) -> None:
        publisher.publish(a_reward(stock=10))

        plan = publisher.plan(a_reward(stock=12))

        assert (plan.added("tableware"), plan.left("tableware"), plan.is_empty) == (2, 10, False)


class TestEffect:
    def test_the_next_publication_takes_effect_a_minute_after_the_services_own_clock(
        self, publisher: Publisher
    ) -> None:
        publisher.publish(a_reward(points=500))
        before = datetime.now(UTC).replace(microsecond=0)

        catalogue = publisher.publish(a_reward(points=400))

        effective = catalogue.contents[-1].effective
        assert before + LEAD <= effective <= datetime.now(UTC) + LEAD
        assert catalogue.in_force(effective - timedelta(milliseconds=1)).rewards["tableware"].points == 500
        assert catalogue.in_force(effective).rewards["tableware"].points == 400

    def test_a_container_needs_no_call_while_its_copy_is_exact(self, publisher: Publisher) -> None:
        publisher.publish(a_reward())
        world = publisher.world
        world.redeeming = world.container(world.ledger)
        first = world.redeeming.catalogues.in_force(world.now)

        publisher.publish(a_reward(points=1))

        assert world.redeeming.catalogues.in_force(world.now + timedelta(seconds=39)) is first


class TestTwoPublishers:
    def test_the_second_one_is_told_that_the_version_moved(self, publisher: Publisher) -> None:
        publisher.publish(a_reward(stock=10))
        publisher.publish(a_reward(stock=20), base=1)

        with pytest.raises(VersionMovedError) as refusal:
            publisher.publish(a_reward(stock=30), base=1)

        assert refusal.value.fields == {"base": 1, "current": 2}
        assert publisher.world.left(a_reward()) == 20


class TestCrash:
    """More shards than fit in one transaction, and a process that dies after any call."""

    MANY = tuple(a_reward(f"reward-{number}", stock=100) for number in range(8))

    def test_many_rewards_are_published_in_steps(self, publisher: Publisher) -> None:
        publisher.publish(*self.MANY)

        assert [publisher.world.left(reward) for reward in self.MANY] == [100] * 8

    @pytest.mark.parametrize("mode", ["before-call", "after-call"])
    @pytest.mark.parametrize("call", [1, 2])
    def test_dying_between_steps_applies_no_difference_twice(self, publisher: Publisher, call: int, mode: str) -> None:
        client: Any = publisher.world.ledger.client
        count = 0

        def die(**_: object) -> None:
            nonlocal count
            count += 1
            if count == call:
                raise Died

        event = f"{mode}.dynamodb.TransactWriteItems"
        client.meta.events.register(event, die)
        try:
            with pytest.raises(Died):
                publisher.publish(*self.MANY)
        finally:
            client.meta.events.unregister(event, die)

        catalogue = publisher.publish(*self.MANY)

        assert catalogue.revision == 1
        assert [publisher.world.left(reward) for reward in self.MANY] == [100] * 8
        assert publisher.publish(*self.MANY).revision == 1

    def test_another_file_after_a_crash_ends_as_that_file_says(self, publisher: Publisher) -> None:
        client: Any = publisher.world.ledger.client

        def die(**_: object) -> None:
            raise Died

        client.meta.events.register("after-call.dynamodb.TransactWriteItems", die)
        try:
            with pytest.raises(Died):
                publisher.publish(*self.MANY)
        finally:
            client.meta.events.unregister("after-call.dynamodb.TransactWriteItems", die)

        publisher.publish(*(a_reward(reward.id, stock=60) for reward in self.MANY))

        assert [publisher.world.left(reward) for reward in self.MANY] == [60] * 8
