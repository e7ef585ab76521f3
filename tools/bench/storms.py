"""P13 and P14: how much of the engine's own pace is left behind the handlers, and how long members wait in a crowd.

The calls of a number of requests go to the engine as bytes, without a handler, and then the same number of requests
through handlers: in turns, on one machine, over as many connections.
"""

import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final

from shared.redemption.rewards import Reward
from tests.builders import a_ladder, a_program, months, per_yuan
from tests.engine import running_engine
from tests.whole.requests import Asked, by_member
from tests.whole.story import redeems, sale
from tools.bench import raw
from tools.bench.crowd import Crowd, member_id, name_of, open_crowd
from tools.bench.figures import Figure, at_least, at_most, exactly, told
from tools.bench.gateway import served
from tools.bench.load import at_once, dealt, p99_ms
from tools.bench.size import scaled

CONNECTIONS: Final = 100
WORKERS: Final = 4
ROUNDS: Final = 3
A_ROUND: Final = 2_500
LOOKS: Final = 10_000
GOALS: Final = {"earn": 0.25, "redeem": 0.33}
P99_MS: Final = 500
MUG: Final = Reward(id="mug", name="马克杯", points=100, stock=1_000_000)
FIRST: Final = 1
"""The first member of the crowd; the one before warms the containers."""
WARM: Final = (
    by_member(name_of(0), "GET /v1/me"),
    redeems(name_of(0), "mug", key="warm-warm"),
    sale("T-warm", member_id(0), 1_000),
)
RECORDED, ALONE, SERVED = "-rec", "-raw", "-run"


def figures() -> Iterator[Figure]:
    """Compare earning and redeeming with the engine, then let members look and redeem."""
    with running_engine() as url:
        yield from _ratios(url)
        yield from _waits(url)


def a_crowd(url: str, suffix: str, members: int) -> AbstractContextManager[Crowd]:
    program = a_program(per_yuan(), tiers=a_ladder(), expire=months(12))
    return open_crowd(url, suffix, program, members=members, warm=WARM, rewards=[MUG], points=1_000)


def asked(kind: str, number: int) -> Asked:
    """Let a member buy or redeem, each once."""
    if kind == "earn":
        return sale(f"T-{number}", member_id(number), 12_000, 3_000)
    return redeems(name_of(number), "mug", key=f"redeem-{number}")


def _ratios(url: str) -> Iterator[Figure]:
    size = scaled(A_ROUND)
    members = FIRST + size * ROUNDS
    with (
        a_crowd(url, RECORDED, members) as recorded,
        a_crowd(url, ALONE, members),
        a_crowd(url, SERVED, members) as crowd,
    ):
        for kind, goal in GOALS.items():
            shares, paces = [], []
            for number in range(ROUNDS):
                members_of_round = range(FIRST + number * size, FIRST + (number + 1) * size)
                alone = _alone(url, recorded, kind, members_of_round)
                paces.append(_served(crowd, kind, members_of_round))
                shares.append(paces[-1] / alone)
            share, pace = statistics.median(shares), statistics.median(paces)
            yield told(f"P13.{kind}.rate", round(pace, 1), f"requests a second, {kind}, engine and handlers together")
            yield at_least(f"P13.{kind}", round(share, 3), goal, f"pace of handlers ÷ pace of the engine alone, {kind}")


def _alone(url: str, recorded: Crowd, kind: str, members: Sequence[int]) -> float:
    """Record what requests ask of the engine, and give how many a second it does of them, without handlers."""
    requests = []
    for number in members:
        with raw.recorded(recorded.client) as calls:
            recorded.answered(asked(kind, number))
        requests.append([raw.moved(call, RECORDED, ALONE) for call in calls])
    recorded.client.close()
    hands = [[call for calls in hand for call in calls] for hand in dealt(requests, CONNECTIONS)]
    return len(members) / at_once(lambda hand: raw.send(url, hands[hand]), CONNECTIONS).seconds


def _served(crowd: Crowd, kind: str, members: Sequence[int]) -> float:
    hands = dealt(members, CONNECTIONS)
    ran = at_once(
        lambda hand: crowd.all_answered(asked(kind, number) for number in hands[hand]),
        CONNECTIONS,
        first=lambda: crowd.all_answered(WARM[:1]),
    )
    refused = Counter(one.status for answers in ran.made for one in answers if one.status not in {200, 201})
    if refused:
        raise RuntimeError(f"not every request was answered: {refused}")
    return len(members) / ran.seconds


def _waits(url: str) -> Iterator[Figure]:
    looks = scaled(LOOKS) // 2

    def look_and_redeem(number: int) -> tuple[Asked, Asked]:
        """Let every other one redeem first, so that at every moment half of them do."""
        look, redeem = by_member(name_of(number), "GET /v1/me"), asked("redeem", number)
        return (look, redeem) if number % 2 else (redeem, look)

    hands = dealt(range(FIRST, FIRST + looks), CONNECTIONS)
    connections = [[one for number in numbers for one in look_and_redeem(number)] for numbers in hands]
    with a_crowd(url, "-waits", FIRST + looks) as crowd:
        began = time.perf_counter()
        answers = served(
            connections,
            lambda request: crowd.answered(request).status,
            WORKERS,
            first=lambda: crowd.all_answered(WARM[:1]),
        )
        seconds = time.perf_counter() - began
    answered = sum(one.status in {200, 201} for one in answers)
    yield exactly("P14.answered", answered, 2 * looks, "looks at a balance and redemptions that were answered")
    yield told("P14.rate", round(len(answers) / seconds, 1), "requests a second, half balance, half redeem")
    yield at_most("P14.p99", p99_ms(answers), P99_MS, "ms that 99 of 100 wait at most, 100 at once (stretch 200)")
