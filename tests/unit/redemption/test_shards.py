"""Where pieces are taken from, and how a change of stock is spread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import OutOfStockError
from shared.redemption.shards import changes, take_from

LEFT = st.lists(st.integers(0, 50), min_size=1, max_size=32).map(lambda pieces: dict(enumerate(pieces)))


def first(shards: object) -> int:
    return next(iter(shards))  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    ("left", "quantity", "taken"),
    [
        ({0: 3, 1: 5}, 1, {0: 1}),
        ({0: 0, 1: 5}, 1, {1: 1}),
        ({0: 3, 1: 5}, 4, {1: 4}),
        ({0: 3, 1: 5, 2: 1}, 7, {1: 5, 0: 2}),
        ({0: 3, 1: 5, 2: 1}, 9, {1: 5, 0: 3, 2: 1}),
    ],
)
def test_takes_from_one_shard_or_from_the_fullest(left: dict[int, int], quantity: int, taken: dict[int, int]) -> None:
    assert take_from(left, quantity, first, reward_id="mug") == taken


def test_refuses_what_all_shards_together_do_not_have() -> None:
    with pytest.raises(OutOfStockError) as refusal:
        take_from({0: 3, 1: 5}, 9, first, reward_id="mug")

    assert refusal.value.fields == {"reward_id": "mug", "required": 9, "available": 8}


@pytest.mark.parametrize(
    ("left", "delta", "changed"),
    [
        ({0: 0, 1: 0, 2: 0}, 8, {0: 3, 1: 3, 2: 2}),
        ({0: 2, 1: 0, 2: 0}, 2, {1: 1, 2: 1}),
        ({0: 2, 1: 0, 2: 0}, 5, {1: 3, 2: 2}),
        ({0: 5, 1: 1}, -4, {0: -4}),
        ({0: 5, 1: 1}, -5, {0: -5}),
        ({0: 5, 1: 1}, -6, {0: -5, 1: -1}),
        ({0: 5, 1: 1}, 0, {}),
    ],
)
def test_levels_the_shards(left: dict[int, int], delta: int, changed: dict[int, int]) -> None:
    assert changes(left, delta, reward_id="mug") == changed


def test_takes_back_no_more_than_is_left() -> None:
    with pytest.raises(OutOfStockError) as refusal:
        changes({0: 5, 1: 1}, -7, reward_id="mug")

    assert refusal.value.fields == {"reward_id": "mug", "required": 7, "available": 6}


@given(left=LEFT, quantity=st.integers(1, 99))
def test_shd_1_takes_exactly_what_was_asked_for(left: dict[int, int], quantity: int) -> None:
    if sum(left.values()) < quantity:
        return
    taken = take_from(left, quantity, first, reward_id="mug")

    assert sum(taken.values()) == quantity
    assert all(0 < pieces <= left[shard] for shard, pieces in taken.items())


@given(left=LEFT, delta=st.integers(-1600, 2000))
def test_shd_2_no_change_makes_the_shards_more_uneven(left: dict[int, int], delta: int) -> None:
    if sum(left.values()) + delta < 0:
        return
    changed = changes(left, delta, reward_id="mug")
    after = {shard: pieces + changed.get(shard, 0) for shard, pieces in left.items()}

    assert sum(changed.values()) == delta
    assert min(after.values()) >= 0
    assert max(after.values()) - min(after.values()) <= max(1, max(left.values()) - min(left.values()))
    assert all((change > 0) == (delta > 0) for change in changed.values())
