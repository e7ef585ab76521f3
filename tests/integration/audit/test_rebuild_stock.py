"""`jifen ops rebuild --stock`: stock is what was offered less what live redemptions took. L6, L11, K6."""

import random
from typing import Final

import pytest

from cli.rebuild_derived import shards_of_all
from shared import keys
from shared.ledger.store import Ledger, StaleReadError
from shared.redemption.audit import live_pieces
from shared.redemption.rebuild_stock import miscounts, set_right
from shared.runtime.attributes import encode
from tests.builders import Till, a_ladder, a_program, publish
from tests.deeds import deeds_on, told
from tests.integration.audit.test_rebuild import ops
from tests.integration.redemption.world import World, a_reward

SHARDS: Final = 3


@pytest.fixture
def world(ledger: Ledger) -> World:
    """Open a shop that has given out some of two rewards, and taken some of it back."""
    publish(ledger, a_program(tiers=a_ladder()))
    till = Till(ledger=ledger)
    world = World(ledger, now=till.clock(), seed=11)
    world.offer(a_reward("mug", points=5, stock=30, shards=SHARDS), a_reward("pan", points=5, stock=9, shards=1))
    chance = random.Random(11)  # noqa: S311 a test repeats itself by its seed
    member = till.a_member(points=1_000)
    for _ in range(14):
        redeemed = world.redeem(member, chance.choice(("mug", "mug", "pan"))).redemption
        if chance.random() < 0.4:
            world.cancel(member, redeemed.id)
    return world


def spoil(world: World, reward_id: str, shard: int, pieces: int) -> None:
    """Change a shard behind the product's back."""
    world.ledger.client.update_item(
        TableName=world.ledger.tables.ledger,
        Key=encode(keys.stock(reward_id, shard)._asdict()),
        UpdateExpression="ADD #left :pieces",
        ExpressionAttributeNames={"#left": "left"},
        ExpressionAttributeValues=encode({":pieces": pieces}),
    )


def test_l6_k6_stock_that_was_changed_by_hand_is_rebuilt_from_the_redemptions_bit_for_bit(
    world: World, engine_url: str
) -> None:
    before = shards_of_all(world.redeeming.stock)
    for reward_id, shard, pieces in (("mug", 0, 4), ("mug", 2, -3), ("pan", 0, 1)):
        spoil(world, reward_id, shard, pieces)
    till = Till(ledger=world.ledger)

    answer = ops(till, engine_url, "rebuild", "--stock", "--yes", "--by", "ops-1")

    assert answer.exit_code == 0, answer.output
    assert "3 shards set right, 0 still differ" in answer.output
    assert "mug shard 1" not in answer.output
    assert shards_of_all(world.redeeming.stock) == before
    assert world.audit() == []
    assert ops(till, engine_url, "rebuild", "--stock").output.endswith("0 shards set right, 0 still differ\n")


def test_who_did_it_stands_in_the_trail(world: World) -> None:
    spoil(world, "pan", 0, 2)
    stock = world.redeeming.stock
    (found,) = miscounts(shards_of_all(stock), live_pieces(world.items()))

    set_right(found, stock, world.patience, author="ops-1", at=world.now)

    assert told(deeds_on(world.now.date(), world.ledger)) == [("stock.rebuilt", "ops-1", "")]


def test_a_shard_that_moved_meanwhile_is_left_as_it_is(world: World) -> None:
    """Somebody redeems between the count and the write: no piece is offered twice."""
    spoil(world, "pan", 0, 2)
    stock = world.redeeming.stock
    (found,) = miscounts(shards_of_all(stock), live_pieces(world.items()))
    world.redeem(world.member(100), "pan")
    stands = shards_of_all(stock)

    with pytest.raises(StaleReadError):
        set_right(found, stock, world.patience, author="ops-1", at=world.now)

    assert shards_of_all(stock) == stands


def test_more_taken_than_offered_is_told_and_left_to_a_person(world: World, engine_url: str) -> None:
    stands = shards_of_all(world.redeeming.stock)["pan"][0]
    world.ledger.client.update_item(
        TableName=world.ledger.tables.ledger,
        Key=encode(keys.stock("pan", 0)._asdict()),
        UpdateExpression="SET given = :none",
        ExpressionAttributeValues=encode({":none": 0}),
    )

    answer = ops(Till(ledger=world.ledger), engine_url, "rebuild", "--stock", "--yes")

    assert answer.exit_code == 1
    assert f"offer {stands.given - stands.left} pieces more" in answer.output


@pytest.mark.parametrize("arguments", [(), ("--all", "--stock"), ("--member", "mem_1", "--all")])
def test_one_thing_is_rebuilt_at_a_time(world: World, engine_url: str, arguments: tuple[str, ...]) -> None:
    answer = ops(Till(ledger=world.ledger), engine_url, "rebuild", *arguments)
    assert answer.exit_code == 2
