"""Many at once on the real engine: never one piece too many, never one point too few."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Self

import pytest

from shared.errors import AlreadyCancelledError, InsufficientPointsError, JifenError, OutOfStockError
from shared.ledger.entries import EntryKind
from shared.ledger.store import Ledger
from shared.redemption.cancel_redemption import Cancellation, cancel_redemption
from shared.redemption.redeem_reward import Order, Redeemed, Redeeming, redeem_reward
from shared.runtime.settings import Tables
from tests.engine import dynamodb_client
from tests.integration.redemption.world import World, a_reward, redemption_id
from tests.profile import FULL

ROUNDS = 200 if FULL else 20
CANCELLATIONS = 500 if FULL else 100
CROWD = 50


class Crowd:
    """Fifty containers that act at the same instant. Each serves one request at a time, as a Lambda does."""

    def __init__(self, world: World, size: int = CROWD) -> None:
        self.world = world
        self.containers = [world.container(world.ledger) for _ in range(size)]
        self.pool = ThreadPoolExecutor(size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown()

    def at_once(self, act: Callable[[int, Redeeming], Redeemed]) -> list[Redeemed | JifenError]:
        """Let everybody act together; give what came of each."""
        barrier = Barrier(len(self.containers))

        def one(number: int) -> Redeemed | JifenError:
            barrier.wait()
            try:
                return act(number, self.containers[number])
            except JifenError as refused:
                return refused

        return list(self.pool.map(one, range(len(self.containers))))

    def redeem(
        self, members: Sequence[str], reward_id: str, *, key: str, same_key: bool = False
    ) -> list[Redeemed | JifenError]:
        def act(number: int, redeeming: Redeeming) -> Redeemed:
            order = Order(
                redemption_id=redemption_id(key if same_key else f"{key}-{number}"),
                digest="d1",
                member_id=members[number],
                reward_id=reward_id,
            )
            return redeem_reward(order, redeeming, self.world.patience)

        return self.at_once(act)


def outcomes(results: Sequence[object]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def test_e2_fifty_members_and_one_piece(world: World) -> None:
    tableware = a_reward(stock=1, shards=1)
    world.offer(tableware)
    members = [world.member(500) for _ in range(CROWD)]

    with Crowd(world) as crowd:
        results = crowd.redeem(members, "tableware", key="e2")

    assert outcomes(results) == {"Redeemed": 1, "OutOfStockError": 49}
    assert sorted(world.available(member) for member in members) == [0] + [500] * 49
    assert world.left(tableware) == 0
    assert world.audit() == []


@pytest.mark.parametrize(("rounds", "shards"), [(ROUNDS * 3 // 4, 1), (ROUNDS // 4, 16)])
def test_c1_the_last_piece_goes_to_one_of_fifty_in_every_round(world: World, rounds: int, shards: int) -> None:
    rewards = [a_reward(f"last-{number}", stock=1, shards=shards) for number in range(rounds)]
    world.offer(*rewards[:50])
    for start in range(50, rounds, 50):
        world.offer(*rewards[start : start + 50])
    members = [world.member(500 * rounds) for _ in range(CROWD)]

    with Crowd(world) as crowd:
        told = [outcomes(crowd.redeem(members, reward.id, key=f"{reward.id}")) for reward in rewards]

    assert told == [{"Redeemed": 1, "OutOfStockError": 49}] * rounds
    assert [world.left(reward) for reward in rewards] == [0] * rounds
    redeemed = [entry.details["r"] for member in members for entry in world.entries(member, EntryKind.REDEEMED)]
    assert sorted(redeemed) == sorted(reward.id for reward in rewards)
    assert world.audit() == []


def test_c2_points_for_one_of_two_rewards_buy_exactly_one(world: World) -> None:
    world.offer(a_reward("mug", points=300), a_reward("eggs", points=300))
    member = world.member(300)
    seen = []
    done = Event()

    def watch() -> None:
        while not done.is_set():
            seen.append(world.available(member))

    with Crowd(world) as crowd, ThreadPoolExecutor(1) as watcher:
        watching = watcher.submit(watch)

        def act(number: int, redeeming: Redeeming) -> Redeemed:
            order = Order(
                redemption_id=redemption_id(f"c2-{number}"),
                digest="d1",
                member_id=member,
                reward_id=("mug", "eggs")[number % 2],
            )
            return redeem_reward(order, redeeming, world.patience)

        results = crowd.at_once(act)
        done.set()
        watching.result()

    assert outcomes(results) == {"Redeemed": 1, "InsufficientPointsError": 49}
    assert set(seen) <= {300, 0}
    assert world.available(member) == 0
    assert world.audit() == []


def test_s0_15_a_hundred_members_look_and_redeem_at_once_and_sixty_pieces_go_to_sixty(
    engine_url: str, tables: Tables
) -> None:
    world = World(Ledger(client=dynamodb_client(engine_url, connections=100), tables=tables))
    tableware = a_reward(stock=60)
    world.offer(tableware)
    members = [world.member(500) for _ in range(100)]
    seen: dict[int, list[int]] = {}

    with Crowd(world, len(members)) as crowd:

        def act(number: int, redeeming: Redeeming) -> Redeemed:
            seen[number] = [world.available(members[number])]
            order = Order(
                redemption_id=redemption_id(f"noon-{number}"),
                digest="d1",
                member_id=members[number],
                reward_id="tableware",
            )
            try:
                return redeem_reward(order, redeeming, world.patience)
            finally:
                seen[number].append(world.available(members[number]))

        results = crowd.at_once(act)

    assert outcomes(results) == {"Redeemed": 60, "OutOfStockError": 40}
    for number, result in enumerate(results):
        assert seen[number] == [500, 0 if isinstance(result, Redeemed) else 500]
    assert world.left(tableware) == 0
    assert world.audit() == []


def test_i8_the_same_key_at_once_has_one_effect_and_one_answer(world: World) -> None:
    tableware = a_reward(points=10, stock=100)
    world.offer(tableware)
    member = world.member(500)

    with Crowd(world, 20) as crowd:
        results = crowd.redeem([member] * 20, "tableware", key="i8", same_key=True)

    answers = [result for result in results if isinstance(result, Redeemed)]
    assert Counter(answer.replayed for answer in answers) == {False: 1, True: 19}
    assert len({answer.redemption.key for answer in answers}) == 1
    assert all(answer.redemption == answers[0].redemption for answer in answers)
    assert (world.available(member), world.left(tableware)) == (490, 99)


def test_i11_a_refusal_and_a_redemption_at_once_under_one_key_agree(world: World) -> None:
    world.offer(a_reward(points=500, stock=100))
    member = world.member(500)

    with Crowd(world, 20) as crowd:
        results = crowd.redeem([member] * 20, "tableware", key="same", same_key=True)
        others = crowd.redeem([member] * 20, "tableware", key="more")

    assert outcomes(results) == {"Redeemed": 20}
    assert outcomes(others) == {"InsufficientPointsError": 20}
    assert world.available(member) == 0


def test_c5_each_of_many_redemptions_is_cancelled_once_by_two_at_once(world: World) -> None:
    """Two taps with keys of their own: one is told that it is cancelled already. The same tap twice: one answer."""
    tableware = a_reward(points=1, stock=CANCELLATIONS)
    world.offer(tableware)
    members = [world.member(CANCELLATIONS) for _ in range(25)]
    redeemed = [world.redeem(members[number % len(members)]).redemption for number in range(CANCELLATIONS)]
    assert world.left(tableware) == 0

    def cancel(number: int) -> str:
        redemption = redeemed[number // 2]
        same_key = number // 2 % 5 == 0
        cancellation = Cancellation(
            redemption_id=redemption.id,
            member_id=redemption.member_id,
            digest="c" if same_key else f"c{number % 2}",
        )
        try:
            cancelled = cancel_redemption(cancellation, world.container(world.ledger), world.patience)
        except AlreadyCancelledError:
            return "already cancelled"
        return "replayed" if cancelled.replayed else "cancelled"

    with ThreadPoolExecutor(16) as pool:
        told = Counter(pool.map(cancel, range(2 * CANCELLATIONS)))

    same_keys = CANCELLATIONS // 5
    assert told == {
        "cancelled": CANCELLATIONS,
        "already cancelled": CANCELLATIONS - same_keys,
        "replayed": same_keys,
    }
    assert world.left(tableware) == CANCELLATIONS
    assert [world.available(member) for member in members] == [CANCELLATIONS] * len(members)
    assert sum(item.get("k") == EntryKind.RETURNED for item in world.items()) == CANCELLATIONS
    assert world.audit() == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_l11_any_sequence_leaves_stock_and_points_as_a_plain_count_has_them(ledger: Ledger, seed: int) -> None:
    world = World(ledger, seed=seed)
    chance = random.Random(seed)  # noqa: S311 a test repeats itself by its seed
    tableware = a_reward(points=7, stock=40, shards=4)
    world.offer(tableware)
    points = {world.member(200): 200 for _ in range(3)}
    stock = 40
    live: list[tuple[str, str, int]] = []
    for step in range(150):
        member = chance.choice(sorted(points))
        quantity = chance.choice([1, 1, 2, 5, 9])
        if live and chance.random() < 0.4:
            owner, identifier, pieces = live.pop(chance.randrange(len(live)))
            world.cancel(owner, identifier)
            points[owner] += 7 * pieces
            stock += pieces
        else:
            expected = _expected(points[member], stock, quantity)
            if expected is None:
                redeemed = world.redeem(member, key=f"s{seed}-{step}", quantity=quantity).redemption
                live.append((member, redeemed.id, quantity))
                points[member] -= 7 * quantity
                stock -= quantity
            else:
                with pytest.raises(expected):
                    world.redeem(member, key=f"s{seed}-{step}", quantity=quantity)
        if step % 15 == 0:
            assert world.left(tableware) == stock

    assert world.left(tableware) == stock
    assert {member: world.available(member) for member in points} == points
    assert world.audit() == []


def _expected(points: int, stock: int, quantity: int) -> type[JifenError] | None:
    if points < 7 * quantity:
        return InsufficientPointsError
    return OutOfStockError if stock < quantity else None
