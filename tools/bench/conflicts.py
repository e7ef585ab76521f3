"""P16 and P17: a hundred who want one reward at one instant, and an engine that refuses, throttles and falls silent.

The engine of the laptop does one transaction after the other; DynamoDB refuses one that meets another on an item.
So an item is held for 10 ms here, as a transaction takes about there, and who comes meanwhile is refused.
"""

import re
import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Final, NamedTuple

from shared.audit.scan import Reach, audit
from shared.ledger.store import Ledger
from shared.redemption.rewards import Reward
from shared.runtime.patience import Patience
from tests.builders import a_ladder, a_program, months, per_yuan
from tests.engine import create_tables, dynamodb_client, running_engine
from tests.integration.redemption.world import World, a_reward
from tests.observed import conflicts, contended, silences
from tests.whole.requests import Asked
from tests.whole.story import redeems, sale
from tools.bench.crowd import Crowd, member_id, name_of, open_crowd
from tools.bench.figures import Figure, at_least, at_most, exactly, told
from tools.bench.load import at_once
from tools.bench.turns import Turns

AT_ONCE: Final = 100
ROUNDS: Final = 3
HELD_SECONDS: Final = 0.010
P99_MS: Final = 500
TIMES_WORSE: Final = 5
TRIES: Final = 3
MANY, ONE = 16, 1
PROCESSES: Final = 10
PAIRS: Final = 25
"""Sales, each with a redemption after it, that each process posts."""
AGAIN: Final = 20
SOLD, PRICE = 100_000, 100
CONFLICTS, THROTTLES, SILENCES = 0.20, 0.05, 0.02
SERVER_ERROR: Final = 500
_SHARD: Final = re.compile(r"STOCK#tableware#(\d+)")


def figures() -> Iterator[Figure]:
    with running_engine() as url:
        yield from _sharded(url)
        yield from _unreliable(url)


def _sharded(url: str) -> Iterator[Figure]:
    rounds = {shards: [_everybody_wants_one(url, shards, number) for number in range(ROUNDS)] for shards in (MANY, ONE)}
    waited = {shards: statistics.median(one.waited_ms for one in found) for shards, found in rounds.items()}
    yield at_most("P16.p99", waited[MANY], P99_MS, f"ms of waiting, 99 of 100 who want one reward, {MANY} shards")
    mean = statistics.median(one.mean_tries for one in rounds[MANY])
    yield at_most("P16.tries", mean, TRIES, f"tries of each of the hundred, on average, {MANY} shards")
    tries = statistics.median(one.tries for one in rounds[MANY])
    yield told("P16.most-tries", tries, f"tries that 99 of 100 need at most, {MANY} shards")
    yield told("P16.one.p99", waited[ONE], "ms of waiting, 99 of 100, one shard")
    yield at_least("P16.worse", round(waited[ONE] / waited[MANY], 1), TIMES_WORSE, "times longer with one shard")


class Rush(NamedTuple):
    """How long 99 of a hundred wait at most, and how often they try; and how often all of them do on average."""

    waited_ms: float
    tries: int
    mean_tries: float


def _everybody_wants_one(url: str, shards: int, number: int) -> Rush:
    """Let a hundred redeem at one instant. Time passes only where they wait: for a transaction, or to try again."""
    client, turns = dynamodb_client(url), Turns()
    world = World(Ledger(client=client, tables=create_tables(client, f"-{shards}-{number}")))
    world.offer(a_reward(points=1, stock=16 * AT_ONCE, shards=shards))
    world.redeem(world.member(1))
    members = [world.member(1) for _ in range(AT_ONCE)]
    world.given_patience = Patience(remaining_ms=lambda: int(10_000 - turns.now * 1_000), sleep=turns.sleep)
    with contended(client, item=_SHARD, seconds=HELD_SECONDS, now=lambda: turns.now, sleep=turns.sleep) as tries:
        seconds = turns.run([partial(world.redeem, member) for member in members])
    if world.audit():
        raise RuntimeError("not everybody got the reward once")
    waited_ms = round(sorted(seconds)[-2] * 1_000, 1)
    return Rush(waited_ms, sorted(tries.values())[-2], tries.total() / AT_ONCE)


def a_crowd(url: str, suffix: str, members: int) -> AbstractContextManager[Crowd]:
    program = a_program(per_yuan(), tiers=a_ladder(silver=10**9, gold=10**10), expire=months(12))
    mug = Reward(id="mug", name="马克杯", points=PRICE, stock=16_000)
    warm = (redeems(name_of(0), "mug", key="warm-warm"), sale("T-warm", None, 1_000))
    return open_crowd(url, suffix, program, members=members, rewards=[mug], warm=warm)


def _unreliable(url: str) -> Iterator[Figure]:
    """Let tills and members do the same until they are answered, each member's from two processes at once."""
    with a_crowd(url, "-unreliable", PROCESSES // 2 + 1) as crowd:

        def persist(hand: int) -> list[int]:
            client = crowd.client
            with (
                conflicts(client, share=CONFLICTS, seed=hand),
                conflicts(client, share=THROTTLES, seed=100 + hand, code="ThrottlingError"),
                silences(client, share=SILENCES, seed=200 + hand),
            ):
                return [status for number in range(PAIRS) for status in _sell_and_redeem(crowd, hand, number)]

        ran = at_once(persist, PROCESSES)
        reach = Reach(connect=partial(dynamodb_client, url), tables=crowd.tables)
        found = audit(reach, processes=2, progress=lambda _name, _done, _total: None)
    statuses = Counter(status for made in ran.made for status in made)
    failed = sum(count for status, count in statuses.items() if status >= SERVER_ERROR)
    wanted = 2 * PAIRS * PROCESSES
    yield exactly("P17.entries", found.entries, wanted, "entries, of as many sales and redemptions")
    points = PAIRS * PROCESSES * (SOLD // 100 - PRICE)
    yield exactly("P17.points", found.outstanding, points, "points of all members")
    yield exactly("P17.audit", len(found.differences), 0, "wrong balances and other differences")
    yield at_most("P17.5xx", round(failed / sum(statuses.values()), 4), 0.001, "share of answers that are 5xx")


def _sell_and_redeem(crowd: Crowd, hand: int, number: int) -> Iterator[int]:
    member = 1 + hand // 2
    name = f"{hand}-{number}"
    yield from _until_answered(crowd, sale(f"T-{name}", member_id(member), SOLD))
    yield from _until_answered(crowd, redeems(name_of(member), "mug", key=f"redeem-{name}"))


def _until_answered(crowd: Crowd, request: Asked) -> Iterator[int]:
    for _ in range(AGAIN):
        status = crowd.answered(request).status
        yield status
        if status < SERVER_ERROR:
            return
