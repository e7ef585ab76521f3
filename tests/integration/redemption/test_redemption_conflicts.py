"""C6, P17: injected conflicts and throttling are tried again with jitter, and nothing happens twice."""

import pytest

from shared.errors import BusyError
from shared.runtime.patience import Patience
from tests.integration.redemption.world import World, a_reward
from tests.observed import conflicts


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError"])
def test_c6_every_redemption_and_cancellation_succeeds_once(world: World, code: str) -> None:
    tableware = a_reward(points=1, stock=100)
    world.offer(tableware)
    member = world.member(100)

    with conflicts(world.ledger.client, share=0.3, code=code) as happened:
        redeemed = [world.redeem(member).redemption for _ in range(40)]
        for redemption in redeemed[:20]:
            world.cancel(member, redemption.id)

    assert len(happened) > 10
    assert (world.available(member), world.left(tableware)) == (80, 80)
    assert world.audit() == []


def test_c6_when_conflicts_outlast_the_time_it_is_503_and_nothing_is_recorded(world: World) -> None:
    tableware = a_reward(points=1, stock=100)
    world.offer(tableware)
    member = world.member(100)
    before = world.items()
    left_ms = iter([9_000, 9_000, 9_000, 9_000, 100])
    world.given_patience = Patience(remaining_ms=lambda: next(left_ms), sleep=lambda _seconds: None)

    with conflicts(world.ledger.client, share=1), pytest.raises(BusyError):
        world.redeem(member, key="k1")

    assert world.items() == before
    world.given_patience = None
    assert world.redeem(member, key="k1").replayed is False
