"""Redeeming a reward on the real engine: points, stock, limits, tiers, and the same key again."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.figures import REDEEM
from shared import keys
from shared.errors import (
    IdempotencyKeyReusedError,
    InsufficientPointsError,
    LimitReachedError,
    OutOfStockError,
    RewardNotAvailableError,
    RewardNotFoundError,
    TierRequiredError,
)
from shared.ledger.entries import EntryKind
from shared.program.limits import Every
from tests.integration.redemption.world import Calls, World, a_reward, once, redemption_id


class TestPointsAndStock:
    def test_s0_06_the_tableware_takes_500_points_and_one_piece(self, world: World) -> None:
        tableware = a_reward(stock=10)
        world.offer(tableware)
        member = world.member(500)

        redeemed = world.redeem(member).redemption

        assert (redeemed.points, redeemed.quantity, redeemed.name) == (500, 1, "精致餐具")
        assert world.available(member) == 0
        assert world.left(tableware) == 9
        assert world.audit() == []

    def test_s0_06_499_points_are_refused_and_the_stock_stays(self, world: World) -> None:
        tableware = a_reward(stock=10)
        world.offer(tableware)
        member = world.member(499)

        with pytest.raises(InsufficientPointsError) as refusal:
            world.redeem(member)

        assert refusal.value.fields == {"required": 500, "available": 499, "missing": 1}
        assert world.available(member) == 499
        assert world.left(tableware) == 10

    @pytest.mark.parametrize(("points", "after"), [(1000, 0), (999, None)])
    def test_s0_07_the_cushion_takes_1000_points(self, world: World, points: int, after: int | None) -> None:
        world.offer(a_reward("cushion", points=1000, name="抱枕"))
        member = world.member(points)

        if after is None:
            with pytest.raises(InsufficientPointsError):
                world.redeem(member, "cushion")
        else:
            world.redeem(member, "cushion")
            assert world.available(member) == after

    def test_s2_18_nothing_left_is_refused_without_a_debit(self, world: World) -> None:
        world.offer(a_reward(stock=0))
        member = world.member(500)

        with pytest.raises(OutOfStockError) as refusal:
            world.redeem(member)

        assert refusal.value.fields == {"reward_id": "tableware", "required": 1, "available": 0}
        assert world.available(member) == 500
        assert world.entries(member, EntryKind.REDEEMED) == []

    def test_takes_a_quantity_from_several_shards_at_once(self, world: World) -> None:
        tableware = a_reward(points=10, stock=16)
        world.offer(tableware)
        member = world.member(500)

        redeemed = world.redeem(member, quantity=5).redemption

        assert sum(redeemed.taken.values()) == 5
        assert len(redeemed.taken) == 5
        assert (world.left(tableware), world.available(member)) == (11, 450)
        assert world.audit() == []

    def test_gives_what_has_no_end_without_any_stock(self, world: World) -> None:
        world.offer(a_reward(stock=None))
        member = world.member(500)

        assert world.redeem(member).redemption.taken == {}
        assert world.audit() == []

    def test_s3_21_the_account_shows_the_redemption_at_once(self, world: World) -> None:
        world.offer(a_reward(points=100))
        member = world.member(1000)

        seen = [(world.redeem(member).redemption.balance.available, world.available(member)) for _ in range(5)]

        assert seen == [(900, 900), (800, 800), (700, 700), (600, 600), (500, 500)]

    def test_l8_the_lot_that_lapses_first_is_spent_first(self, world: World) -> None:
        world.offer(a_reward(points=250))
        member = world.member({"~": 100, "271231": 100, "260430": 100})

        world.redeem(member)

        assert world.account(member).lots == {"~": 50}


class TestExpiry:
    """E9: a lot valid through 2026-03-31 lapses at 16:00:00Z, whether or not a sweep has run."""

    @pytest.fixture
    def member(self, world: World) -> str:
        world.offer(a_reward())
        return world.member({"260331": 500})

    def test_e9_can_be_spent_at_15_59_59(self, world: World, member: str) -> None:
        world.now = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)

        world.redeem(member)

        assert world.available(member) == 0

    def test_e9_is_refused_at_16_00_00(self, world: World, member: str) -> None:
        world.now = datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC)

        with pytest.raises(InsufficientPointsError) as refusal:
            world.redeem(member)

        assert refusal.value.fields == {"required": 500, "available": 0, "missing": 500}
        assert world.audit() == []


class TestConditions:
    def test_refuses_a_tier_that_may_not(self, world: World) -> None:
        world.offer(a_reward(tiers=frozenset({"gold", "diamond"})))
        member = world.member(500, tier="silver")

        with pytest.raises(TierRequiredError) as refusal:
            world.redeem(member)

        assert refusal.value.fields == {"required": ["diamond", "gold"], "tier": "silver"}

    def test_lets_a_tier_that_may(self, world: World) -> None:
        world.offer(a_reward(tiers=frozenset({"gold"})))
        member = world.member(500, tier="gold")

        assert world.redeem(member).redemption.points == 500

    def test_counts_pieces_up_to_the_limit_of_the_month(self, world: World) -> None:
        world.offer(a_reward(points=10, limit=once(Every.MONTH)))
        member = world.member(500)
        world.redeem(member)

        with pytest.raises(LimitReachedError) as refusal:
            world.redeem(member)
        world.now = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # 1 April in Shanghai

        assert refusal.value.fields["limit"] == 1
        assert world.redeem(member).redemption.points == 10
        assert world.audit() == []

    def test_refuses_what_is_no_longer_listed(self, world: World) -> None:
        world.offer(a_reward(listed=False))

        with pytest.raises(RewardNotAvailableError):
            world.redeem(world.member(500))

    def test_does_not_know_what_was_never_offered(self, world: World) -> None:
        world.offer(a_reward())

        with pytest.raises(RewardNotFoundError):
            world.redeem(world.member(500), "yacht")


class TestSameKeyAgain:
    def test_i6_answers_the_first_result_again(self, world: World) -> None:
        tableware = a_reward()
        world.offer(tableware)
        member = world.member(500)
        first = world.redeem(member, key="k1")

        second = world.redeem(member, key="k1")

        assert (first.replayed, second.replayed) == (False, True)
        assert second.redemption == first.redemption
        assert (world.available(member), world.left(tableware)) == (0, 9)

    def test_i2_answers_the_first_result_400_days_later(self, world: World) -> None:
        world.offer(a_reward())
        member = world.member(1000)
        first = world.redeem(member, key="k1")
        world.now += timedelta(days=400)

        assert world.redeem(member, key="k1").redemption == first.redemption

    def test_i7_refuses_other_content_without_effect(self, world: World) -> None:
        tableware = a_reward()
        world.offer(tableware)
        member = world.member(1000)
        world.redeem(member, key="k1")

        with pytest.raises(IdempotencyKeyReusedError):
            world.redeem(member, key="k1", digest="d2", quantity=2)

        assert (world.available(member), world.left(tableware)) == (500, 9)

    def test_i7_refuses_other_content_that_could_not_succeed_either(self, world: World) -> None:
        world.offer(a_reward())
        member = world.member(1000)
        world.redeem(member, key="k1")

        with pytest.raises(IdempotencyKeyReusedError):
            world.redeem(member, "yacht", key="k1", digest="d2")

    def test_i11_a_refusal_replays_although_the_balance_has_grown(self, world: World) -> None:
        world.offer(a_reward())
        member = world.member(499)
        with pytest.raises(InsufficientPointsError) as first:
            world.redeem(member, key="k1")
        world.earn(member, {"271231": 1})

        with pytest.raises(InsufficientPointsError) as second:
            world.redeem(member, key="k1")

        assert (first.value.replayed, second.value.replayed) == (False, True)
        assert second.value.fields == first.value.fields == {"required": 500, "available": 499, "missing": 1}
        assert world.redeem(member, key="k2").redemption.points == 500

    def test_i11_a_refusal_is_no_entry(self, world: World) -> None:
        world.offer(a_reward())
        member = world.member(499)
        with pytest.raises(InsufficientPointsError):
            world.redeem(member, key="k1")

        kept = world.ledger.item(keys.redemption(redemption_id("k1")))

        assert kept is not None
        assert kept["k"] == "refused"
        assert not kept.keys() & {"m", "t", "p"}
        assert world.audit() == []

    def test_an_unknown_reward_may_be_known_the_next_time(self, world: World) -> None:
        member = world.member(500)
        with pytest.raises(RewardNotFoundError):
            world.redeem(member, key="k1")
        world.offer(a_reward())

        assert world.redeem(member, key="k1").replayed is False


class TestCost:
    def test_p2_p7_costs_two_calls_and_seven_write_units(self, world: World) -> None:
        world.offer(a_reward(stock=100))
        first, second = world.member(500), world.member(500)
        world.redeem(first)

        with Calls(world.ledger.client).counting() as calls:
            world.redeem(second)

        assert calls.operations == ["GetItem", "TransactWriteItems"]
        assert (calls.write_units, calls.read_units) == (REDEEM.write_units, REDEEM.read_units)

    def test_p5_a_replay_changes_nothing_and_costs_no_more(self, world: World) -> None:
        world.offer(a_reward(stock=100))
        member = world.member(1000)
        world.redeem(member, key="k1")
        before = world.items()

        with Calls(world.ledger.client).counting() as calls:
            world.redeem(member, key="k1")

        assert world.items() == before
        assert calls.operations == ["GetItem", "TransactWriteItems"]

    def test_one_dry_shard_costs_one_call_more_and_is_then_remembered(self, world: World) -> None:
        tableware = a_reward(points=1, stock=31)  # the last shard has one piece, the others two
        world.offer(tableware)
        member = world.member(500)
        world.drain(tableware, shard=0)
        world.redeeming = world.container(world.ledger, pick=lambda shards: shards[0])
        world.redeeming.catalogues.in_force(world.now)
        tried = []
        for _ in range(2):
            with Calls(world.ledger.client).counting() as calls:
                world.redeem(member)
            tried.append(calls.operations)

        assert tried == [
            ["GetItem", "TransactWriteItems", "TransactWriteItems"],
            ["GetItem", "TransactWriteItems"],
        ]

    def test_two_dry_shards_lead_to_one_reading_of_all(self, world: World) -> None:
        tableware = a_reward(points=1, stock=31)
        world.offer(tableware)
        member = world.member(500)
        world.drain(tableware, shard=0)
        world.drain(tableware, shard=1)
        world.redeeming = world.container(world.ledger, pick=lambda shards: shards[0])
        world.redeeming.catalogues.in_force(world.now)

        with Calls(world.ledger.client).counting() as calls:
            redeemed = world.redeem(member).redemption

        assert redeemed.taken == {2: 1}
        assert calls.operations == [
            "GetItem",
            "TransactWriteItems",
            "TransactWriteItems",
            "BatchGetItem",
            "TransactWriteItems",
        ]

    def test_p7_sold_out_is_told_in_three_calls(self, world: World) -> None:
        world.offer(a_reward(stock=0, shards=1))
        member = world.member(500)
        world.redeeming.catalogues.in_force(world.now)

        with Calls(world.ledger.client).counting() as calls, pytest.raises(OutOfStockError):
            world.redeem(member)

        assert calls.operations == ["GetItem", "TransactWriteItems", "TransactWriteItems"]

    def test_the_last_piece_is_found_wherever_it_lies(self, world: World) -> None:
        tableware = a_reward(points=1, stock=15)
        world.offer(tableware)
        member = world.member(500)

        for _ in range(15):
            world.redeem(member)

        assert world.left(tableware) == 0
        with pytest.raises(OutOfStockError):
            world.redeem(member)
        assert world.audit() == []

    def test_a_hint_never_refuses_what_was_restocked(self, world: World) -> None:
        tableware = a_reward(points=1, stock=1, shards=1)
        world.offer(tableware)
        member = world.member(500)
        world.redeem(member)
        with pytest.raises(OutOfStockError):
            world.redeem(member)
        world.drain(tableware, shard=0, pieces=-1)

        assert world.redeem(member).redemption.taken == {0: 1}
