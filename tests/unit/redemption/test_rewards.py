"""What may stand in a member's way, and when a limit begins anew."""

from datetime import UTC, date, datetime

import pytest

from shared.ledger.account import Account, TierState
from shared.program.limits import Every, Limit
from shared.redemption.rewards import Reward, counter_to_raise, obstacles

TODAY = date(2026, 3, 18)  # a Wednesday


def a_reward(**others: object) -> Reward:
    return Reward(**{"id": "mug", "name": "马克杯", "points": 300, **others})  # type: ignore[arg-type]


def an_account(points: int = 300, **others: object) -> Account:
    values = {
        "member_id": "mem_1",
        "version": 3,
        "as_of": datetime(2026, 3, 18, tzinfo=UTC),
        "enrolled_on": TODAY,
        "tier": TierState(tier_id="normal"),
        "lots": {"261231": points} if points else {},
    }
    return Account(**{**values, **others})  # type: ignore[arg-type]


def codes(reward: Reward, account: Account, *, quantity: int = 1, left: int | None = None) -> list[str]:
    return [obstacle.code for obstacle in obstacles(reward, quantity, account, TODAY, left=left)]


def test_nothing_stands_in_the_way() -> None:
    assert codes(a_reward(), an_account(), left=1) == []


def test_names_every_obstacle_the_refusal_first() -> None:
    reward = a_reward(listed=False, tiers=frozenset({"gold"}), limit=Limit(per_member=1, every=Every.DAY))
    account = an_account(299, frozen=True, counters={"r:mug:260318": 1})

    assert codes(reward, account, left=0) == [
        "reward-not-available",
        "member-frozen",
        "tier-required",
        "limit-reached",
        "insufficient-points",
        "out-of-stock",
    ]


def test_counts_a_quantity_against_points_limit_and_stock() -> None:
    reward = a_reward(limit=Limit(per_member=2, every=Every.EVER))

    assert codes(reward, an_account(900), quantity=3, left=2) == ["limit-reached", "out-of-stock"]


def test_says_how_much_is_missing() -> None:
    (short,) = obstacles(a_reward(), 1, an_account(20), TODAY)

    assert short.fields == {"required": 300, "available": 20, "missing": 280}


def test_debt_blocks_and_is_told() -> None:
    (short,) = obstacles(a_reward(), 1, an_account(0, debt=150), TODAY)

    assert short.fields == {"required": 300, "available": -150, "missing": 450}


def test_a_reward_for_no_points_needs_none() -> None:
    assert codes(a_reward(points=0), an_account(0)) == []


@pytest.mark.parametrize(
    ("every", "counter"),
    [
        (Every.DAY, "r:mug:260318"),
        (Every.WEEK, "r:mug:260322"),
        (Every.MONTH, "r:mug:260331"),
        (Every.YEAR, "r:mug:261231"),
        (Every.EVER, "r:mug:~"),
    ],
)
def test_a_limit_lasts_to_the_end_of_its_period(every: Every, counter: str) -> None:
    assert counter_to_raise(a_reward(limit=Limit(per_member=1, every=every)), TODAY) == counter


def test_what_is_not_limited_counts_nothing() -> None:
    assert counter_to_raise(a_reward(), TODAY) is None
