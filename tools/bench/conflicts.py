"""P16 and P17: a hundred who want one reward at one instant, and an engine that refuses, throttles and falls silent.

The engine of the laptop does one transaction after the other; DynamoDB refuses one that meets another on an item.
So an item is held for 10 ms here, as a transaction takes about there, and who comes meanwhile is refused.
"""

import multiprocessing
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Final

from shared.audit.scan import Reach, audit
from shared.redemption.rewards import Reward
from tests.builders import a_ladder, a_program, months, per_yuan
from tests.engine import dynamodb_client, running_engine
from tests.observed import conflicts, contended, silences
from tests.whole.requests import Asked
from tests.whole.story import redeems, sale
from tools.bench.crowd import Crowd, member_id, name_of, open_crowd
from tools.bench.figures import Figure, at_least, at_most, exactly, told
from tools.bench.load import Answered, at_once, p99_ms

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
_SHARD: Final = re.compile(r"STOCK#mug#(\d+)")


def figures() -> Iterator[Figure]:
    with running_engine() as url:
        yield from _sharded(url)
        yield from _unreliable(url)


def _sharded(url: str) -> Iterator[Figure]:
    waited = {}
    for shards in (MANY, ONE):
        rounds = [_everybody_wants_one(url, shards, number) for number in range(ROUNDS)]
        answers = [one for made, _ in rounds for one in made]
        waited[shards] = statistics.median(p99_ms(made) for made, _ in rounds)
        got = sum(one.status == 201 for one in answers)  # noqa: PLR2004 created
        yield exactly(f"P16.{shards}.got", got, AT_ONCE * ROUNDS, f"who got the reward, {shards} shards")
        if shards == MANY:
            yield at_most("P16.p99", waited[MANY], P99_MS, f"ms that 99 of 100 wait at most, {MANY} shards")
            usual = statistics.median(tries for _, tries in rounds)
            yield at_most("P16.tries", usual, TRIES, f"tries that 99 of 100 need at most, {MANY} shards")
    yield told("P16.one.p99", waited[ONE], "ms that 99 of 100 wait at most, one shard")
    worse = round(waited[ONE] / waited[MANY], 1)
    yield at_least("P16.worse", worse, TIMES_WORSE, "times longer with one shard")


def a_crowd(url: str, suffix: str, members: int, *, points: int, shards: int = MANY) -> AbstractContextManager[Crowd]:
    program = a_program(per_yuan(), tiers=a_ladder(silver=10**9, gold=10**10), expire=months(12))
    mug = Reward(id="mug", name="马克杯", points=PRICE, stock=16_000, shards=shards)
    warm = (redeems(name_of(0), "mug", key="warm-warm"), sale("T-warm", None, 1_000))
    return open_crowd(url, suffix, program, members=members, rewards=[mug], points=points, warm=warm)


def _everybody_wants_one(url: str, shards: int, number: int) -> tuple[list[Answered], int]:
    """Let a hundred redeem at one instant; give their answers, and the tries that 99 of them made at most."""
    held = multiprocessing.get_context("fork").Array("d", MANY)
    with a_crowd(url, f"-{shards}-{number}", AT_ONCE + 1, points=1_000, shards=shards) as crowd:

        def redeem(hand: int) -> tuple[Answered, int]:
            with contended(crowd.client, held, item=_SHARD, seconds=HELD_SECONDS) as tries:
                return crowd.answered(redeems(name_of(hand + 1), "mug", key=f"redeem-{hand}")), len(tries)

        again = redeems(name_of(0), "mug", key="warm-warm")
        ran = at_once(redeem, AT_ONCE, first=lambda: crowd.answered(again))
    tries = sorted(count for _, count in ran.made)
    return [answer for answer, _ in ran.made], tries[-2]


def _unreliable(url: str) -> Iterator[Figure]:
    """Let tills and members do the same until they are answered, each member's from two processes at once."""
    with a_crowd(url, "-unreliable", PROCESSES // 2 + 1, points=0) as crowd:

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
