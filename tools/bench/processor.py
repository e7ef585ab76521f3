"""P12: the CPU that a warm container spends on a request itself: between event and answer, but for the AWS calls."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from shared.runtime import aws
from tests.engine import running_engine
from tests.http_events import LambdaContext
from tests.whole.requests import Asked, by_member
from tests.whole.story import redeems
from tools.bench.figures import Figure, at_most, told
from tools.bench.requests import Shop, buys, open_shop

TIMES: Final = 200
MICROSECONDS: Final = 200
REWARDS: Final = 40
LOTS: Final = 6


class Spent(NamedTuple):
    """Microseconds of CPU of a request in the middle: the handler's own, and those inside of botocore."""

    own: int
    within: int


def figures() -> Iterator[Figure]:
    """Let a warm container answer the same kind of request many times."""
    with running_engine() as url, open_shop(url, "-processor", lots=LOTS) as shop:
        requests: dict[str, Sequence[Asked]] = {
            "balance": [by_member("mei", "GET /v1/me")] * TIMES,
            "earn": [buys(f"T-processor-{number}", [12_000, 3_000]) for number in range(TIMES)],
            "redeem": [redeems("mei", "mug", key=f"processor-{number}") for number in range(REWARDS)],
        }
        for name, asked in requests.items():
            spent = _spent(shop, asked)
            says = f"µs of CPU without the AWS calls, {name} (stretch 130)"
            yield at_most(f"P12.{name}", spent.own, MICROSECONDS, says)
            yield told(f"P12.{name}.aws", spent.within, f"µs of CPU within the AWS calls, {name}")


def _spent(shop: Shop, requests: Sequence[Asked]) -> Spent:
    own, within = [], []
    with _clocked(aws.client("dynamodb")) as inside:
        for request in requests:
            container, event = shop.container(request), request.event(shop.stage.find)
            inside.clear()
            began = time.process_time_ns()
            container(event, LambdaContext())
            taken = time.process_time_ns() - began
            within.append(sum(inside))
            own.append(taken - within[-1])
    return Spent(*(round(statistics.median(one) / 1_000) for one in (own, within)))


@contextmanager
def _clocked(client: Any) -> Iterator[list[int]]:  # noqa: ANN401 a botocore client
    """Add up the nanoseconds of CPU that a client's calls take."""
    inside: list[int] = []
    call = client._make_api_call  # noqa: SLF001 every operation goes through it, and no event covers all of it

    def clocked(*arguments: Any) -> Any:  # noqa: ANN401 botocore's
        began = time.process_time_ns()
        try:
            return call(*arguments)
        finally:
            inside.append(time.process_time_ns() - began)

    client._make_api_call = clocked  # noqa: SLF001
    try:
        yield inside
    finally:
        del client._make_api_call  # noqa: SLF001
