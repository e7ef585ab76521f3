"""Points buy a tier: S1-11."""

from datetime import date

import pytest

from shared.errors import AlreadyUsedError, InsufficientPointsError, RewardNotAvailableError
from shared.ledger.account import TierState
from shared.redemption.decide_redemption import find_fate
from shared.redemption.redemptions import Status
from shared.tiers.time_rules import TimeRules
from tests.builders import Till, a_ladder, a_program, per_yuan, publish
from tests.integration.redemption.world import World, a_reward

SILVER = a_reward("silver-upgrade", points=2_000, stock=None, type="tier_upgrade", to_tier="silver")


@pytest.fixture
def world(till: Till) -> World:
    """Give a world whose program has tiers."""
    publish(till.ledger, a_program(per_yuan(1, 10), tiers=a_ladder()))
    world = World(till.ledger, rules_at=TimeRules(programs=till.earning.programs, ledger=till.ledger).at)
    world.offer(SILVER)
    return world


def test_s1_11_2000_points_are_silver_for_twelve_months_and_count_for_nothing_else(world: World) -> None:
    member = world.member(2_500)
    before = world.account(member).qualifying

    redeemed = world.redeem(member, "silver-upgrade")

    account = world.account(member)
    assert account.tier == TierState(tier_id="silver", since=date(2026, 3, 15), valid_until=date(2027, 3, 15))
    assert (account.spendable, account.qualifying) == (500, before)
    assert find_fate(redeemed.redemption.id, world.ledger).status is Status.FULFILLED
    assert world.audit() == []


def test_1999_points_are_not_enough(world: World) -> None:
    member = world.member(1_999)
    with pytest.raises(InsufficientPointsError):
        world.redeem(member, "silver-upgrade")
    assert world.account(member).tier.tier_id == "normal"


@pytest.mark.parametrize("tier", ["silver", "gold"])
def test_nobody_pays_for_a_tier_that_they_have(world: World, tier: str) -> None:
    member = world.member(5_000, tier=tier)
    with pytest.raises(RewardNotAvailableError):
        world.redeem(member, "silver-upgrade")
    assert world.available(member) == 5_000


def test_a_bought_tier_cannot_be_given_back(world: World) -> None:
    member = world.member(2_000)
    redeemed = world.redeem(member, "silver-upgrade")
    with pytest.raises(AlreadyUsedError):
        world.cancel(member, redeemed.redemption.id)
    assert world.account(member).tier.tier_id == "silver"
