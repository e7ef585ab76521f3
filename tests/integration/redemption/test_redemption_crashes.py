"""K1, I12: die at any call of a redemption or a cancellation, then ask again: as if nothing had happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shared.errors import OutOfStockError
from shared.ledger.store import Ledger
from tests.integration.redemption.world import World, a_reward


class Died(BaseException):
    """The process ended here."""


@contextmanager
def death(client: Any, mode: str, call: int) -> Iterator[None]:
    """End the process at its n-th call: before it is sent, or when its answer is lost."""
    count = 0

    def die(**_: object) -> None:
        nonlocal count
        count += 1
        if count == call:
            raise Died

    client.meta.events.register(f"{mode}.dynamodb", die)
    try:
        yield
    finally:
        client.meta.events.unregister(f"{mode}.dynamodb", die)


def crash(client: Any, mode: str, call: int, act: Callable[[], object]) -> None:
    with death(client, mode, call), pytest.raises(Died):
        act()


@pytest.fixture
def world(ledger: Ledger) -> World:
    world = World(ledger)
    world.offer(a_reward(stock=10))
    return world


@pytest.mark.parametrize("mode", ["before-call", "after-call"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_k1_a_redemption_that_died_completes_once(world: World, mode: str, call: int) -> None:
    member = world.member(500)
    crash(world.ledger.client, mode, call, lambda: world.redeem(member, key="k1"))

    redeemed = world.redeem(member, key="k1").redemption

    assert (redeemed.points, world.available(member), world.left(a_reward())) == (500, 0, 9)
    assert world.redeem(member, key="k1").redemption == redeemed
    assert world.audit() == []


@pytest.mark.parametrize("mode", ["before-call", "after-call"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_k1_a_cancellation_that_died_completes_once(world: World, mode: str, call: int) -> None:
    member = world.member(500)
    redeemed = world.redeem(member).redemption
    crash(world.ledger.client, mode, call, lambda: world.cancel(member, redeemed.id))

    world.cancel(member, redeemed.id)

    assert (world.available(member), world.left(a_reward())) == (500, 10)
    assert world.cancel(member, redeemed.id).replayed
    assert world.audit() == []


@pytest.mark.parametrize("mode", ["before-call", "after-call"])
@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_k1_a_refusal_that_died_is_decided_once(ledger: Ledger, mode: str, call: int) -> None:
    world = World(ledger)
    world.offer(a_reward(stock=0, shards=1))
    member = world.member(500)
    crash(world.ledger.client, mode, call, lambda: world.redeem(member, key="k1"))

    for _ in range(2):
        with pytest.raises(OutOfStockError):
            world.redeem(member, key="k1")

    assert world.available(member) == 500
