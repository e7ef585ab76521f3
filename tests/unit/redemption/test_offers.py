"""What a file offers, and how that differs from what is published."""

import pytest

from shared.program.catalog import CatalogItem, CatalogLimit
from shared.program.limits import Every, Limit
from shared.redemption.offers import differences, offer_of
from shared.redemption.rewards import Reward


def an_item(**others: object) -> CatalogItem:
    return CatalogItem(**{"id": "mug", "name": "马克杯", "points": 300, **others})  # type: ignore[arg-type]


def a_reward(reward_id: str = "mug", **others: object) -> Reward:
    return Reward(**{"id": reward_id, "name": "马克杯", "points": 300, **others})  # type: ignore[arg-type]


def test_takes_every_field_of_the_file() -> None:
    item = an_item(
        category="周边",
        stock=300,
        low_stock=20,
        tiers=frozenset({"gold"}),
        limit=CatalogLimit(per_member=2, every="month"),
        cash_minor=1000,
        shards=3,
        hidden=True,
        review=True,
    )

    (reward,) = offer_of([item], "CNY").rewards

    assert reward == a_reward(
        category="周边",
        stock=300,
        low_stock=20,
        tiers=frozenset({"gold"}),
        limit=Limit(per_member=2, every=Every.MONTH),
        cash_minor=1000,
        shards=3,
        hidden=True,
        review=True,
    )


def test_a_limit_without_a_period_is_for_ever() -> None:
    (reward,) = offer_of([an_item(limit=CatalogLimit(per_member=1))], "CNY").rewards

    assert reward.limit == Limit(per_member=1, every=Every.EVER)


@pytest.mark.parametrize(("stock", "shards"), [(0, 1), (3, 1), (8, 2), (63, 15), (64, 16), (100_000, 16)])
def test_a_small_stock_lies_in_fewer_shards(stock: int, shards: int) -> None:
    (reward,) = offer_of([an_item(stock=stock)], "CNY").rewards

    assert reward.shards == shards


def test_names_what_is_new_changed_and_delisted() -> None:
    before = {reward.id: reward for reward in (a_reward("a"), a_reward("b"), a_reward("c"))}
    after = {
        reward.id: reward
        for reward in (a_reward("d"), a_reward("a", points=1, stock=5), a_reward("b"), a_reward("c", listed=False))
    }

    told = [(change.kind, change.reward.id, change.fields) for change in differences(before, after)]

    assert told == [("new", "d", ()), ("changed", "a", ("points", "stock")), ("delisted", "c", ("listed",))]
