"""What one member sees of the catalogue."""

from datetime import date

from shared.redemption.member_catalogue import choices
from shared.redemption.rewards import Reward
from tests.builders import an_account

TODAY = date(2026, 12, 16)


def a_reward(reward_id: str, **others: object) -> Reward:
    return Reward(**{"id": reward_id, "name": reward_id, "points": 100, **others})  # type: ignore[arg-type]


def test_shows_what_is_listed_and_not_hidden_in_the_order_of_the_file() -> None:
    rewards = [a_reward("b"), a_reward("a"), a_reward("gift", hidden=True), a_reward("old", listed=False)]

    seen = choices({reward.id: reward for reward in rewards}, {}, an_account(), TODAY, halved_through=None)

    assert [choice.reward.id for choice in seen] == ["b", "a"]


def test_says_what_is_missing_for_each() -> None:
    rewards = {
        "mug": a_reward("mug", stock=5),
        "gone": a_reward("gone", stock=5, points=1),
        "endless": a_reward("endless", points=1),
    }

    seen = choices(rewards, {"mug": 5, "gone": 0}, an_account(lots={"~": 20}), TODAY, halved_through=None)

    assert [(choice.reward.id, choice.left, [one.code for one in choice.obstacles]) for choice in seen] == [
        ("mug", 5, ["insufficient-points"]),
        ("gone", 0, ["out-of-stock"]),
        ("endless", None, []),
    ]
