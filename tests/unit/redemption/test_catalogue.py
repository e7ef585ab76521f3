"""Which rewards are in force when, and that an exact copy stays exact."""

from datetime import UTC, datetime, timedelta

from shared.program.limits import Every, Limit
from shared.program.timeline import LEAD, is_exact_for
from shared.redemption.catalogue import Catalogue, published
from shared.redemption.catalogue_items import catalogue_item, catalogue_of
from shared.redemption.rewards import Reward

NOON = datetime(2026, 3, 18, 4, 0, tzinfo=UTC)


def a_reward(reward_id: str = "mug", **others: object) -> Reward:
    return Reward(**{"id": reward_id, "name": "马克杯", "points": 300, **others})  # type: ignore[arg-type]


def publish(catalogue: Catalogue, *rewards: Reward, now: datetime) -> Catalogue:
    return published(catalogue, rewards, currency="CNY", now=now)


def test_before_the_first_publication_there_is_nothing() -> None:
    assert dict(Catalogue().in_force(NOON).rewards) == {}


def test_cat_1_the_first_publication_takes_effect_at_once() -> None:
    first = publish(Catalogue(), a_reward(), now=NOON)

    assert list(first.in_force(NOON).rewards) == ["mug"]


def test_cat_1_the_next_one_takes_effect_a_minute_later() -> None:
    first = publish(Catalogue(), a_reward(), now=NOON)
    day_later = NOON + timedelta(days=1)
    second = publish(first, a_reward(points=250), now=day_later)

    assert second.in_force(day_later + LEAD - timedelta(milliseconds=1)).rewards["mug"].points == 300
    assert second.in_force(day_later + LEAD).rewards["mug"].points == 250


def test_cat_1_an_exact_copy_never_differs_from_what_was_published_since() -> None:
    first = publish(Catalogue(), a_reward(), now=NOON)
    fetched_at = NOON + timedelta(hours=1)
    second = publish(first, a_reward(points=1), now=fetched_at)
    third = publish(second, a_reward(points=2), now=fetched_at + timedelta(seconds=30))
    for seconds in range(90):
        at = fetched_at + timedelta(seconds=seconds)
        if is_exact_for(fetched_at, at):
            assert first.in_force(at) == third.in_force(at)


def test_two_publications_within_a_minute_each_take_effect_at_their_instant() -> None:
    first = publish(Catalogue(), a_reward(points=1), now=NOON - timedelta(days=1))
    second = publish(first, a_reward(points=2), now=NOON)
    third = publish(second, a_reward(points=3), now=NOON + timedelta(seconds=30))
    points = [
        third.in_force(NOON + timedelta(seconds=seconds)).rewards["mug"].points for seconds in (0, 59, 60, 89, 90)
    ]

    assert points == [1, 1, 2, 2, 3]


def test_cat_2_drops_what_no_clock_can_be_before() -> None:
    catalogue = publish(Catalogue(), a_reward(points=1), now=NOON)
    for number in range(2, 6):
        catalogue = publish(catalogue, a_reward(points=number), now=NOON + timedelta(hours=number))

    assert [content.rewards["mug"].points for content in catalogue.contents] == [4, 5]


def test_cat_3_what_is_left_out_is_delisted_and_can_come_back() -> None:
    first = publish(Catalogue(), a_reward(), a_reward("eggs"), now=NOON)
    second = publish(first, a_reward("eggs"), now=NOON)
    third = publish(second, a_reward("eggs"), a_reward(), now=NOON)

    assert (second.latest["mug"].listed, third.latest["mug"].listed) == (False, True)


def test_cat_4_the_number_of_shards_never_falls() -> None:
    first = publish(Catalogue(), a_reward(stock=10, shards=16), now=NOON)
    second = publish(first, a_reward(stock=10, shards=1, points=1), now=NOON)

    assert second.latest["mug"].shards == 16


def test_publishing_the_same_again_is_no_publication() -> None:
    first = publish(Catalogue(), a_reward(), now=NOON)

    assert publish(first, a_reward(), now=NOON + timedelta(days=1)) is first


def test_the_item_keeps_every_field() -> None:
    full = a_reward(
        cash_minor=100,
        category="生鲜",
        tiers=frozenset({"gold", "diamond"}),
        limit=Limit(per_member=2, every=Every.WEEK),
        stock=0,
        low_stock=5,
        shards=1,
        hidden=True,
        review=True,
        listed=False,
    )
    catalogue = publish(publish(Catalogue(), a_reward(), now=NOON), full, a_reward("plain"), now=NOON)

    assert catalogue_of(catalogue_item(catalogue)) == catalogue


def test_a_thousand_rewards_fit_in_a_quarter_of_an_item() -> None:
    rewards = [a_reward(f"reward-{number:04d}", name=f"奖品第{number}号", category="生鲜") for number in range(1000)]
    catalogue = publish(publish(Catalogue(), *rewards, now=NOON), *rewards[:999], now=NOON)

    assert len(catalogue_item(catalogue)["z"]) < 100_000
