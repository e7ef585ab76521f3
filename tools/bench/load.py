"""Many at once: a process for each connection, because a container answers one request at a time.

Threads of one process would measure Python's lock around boto3. What the functions log goes to a file.
"""

import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from math import ceil
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar

from tests.http_events import LambdaContext
from tests.whole.containers import Container

LOG: Final = Path(__file__).resolve().parents[2] / "build" / "bench.log"
TIME_TO_ANSWER_SECONDS: Final = 10
_FORK: Final = multiprocessing.get_context("fork")

T = TypeVar("T")


class Answered(NamedTuple):
    """An answer's status, and how long it took."""

    status: int
    seconds: float


class Ran(NamedTuple, Generic[T]):
    """What each process made, how long all of them took together, and the CPU that they used."""

    made: list[T]
    seconds: float
    processor_seconds: float


class OneRequest(LambdaContext):
    """Lambda's context of a request that begins now, and whose time passes."""

    def __init__(self) -> None:
        super().__init__()
        self._until = time.monotonic() + TIME_TO_ANSWER_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        return int((self._until - time.monotonic()) * 1000)


def at_once(work: Callable[[int], T], count: int, *, first: Callable[[], object] = list) -> Ran[T]:
    """Fork as many processes, let them begin at one instant, and give what each makes of its number.

    Each does `first` before, which opens its connection. Nothing may be open before the fork that two processes must
    not share: close clients. Raises EOFError where a process dies; the log says of what.
    """
    LOG.parent.mkdir(exist_ok=True)
    gc.collect()
    gc.freeze()  # a collection in each process would copy the memory that they share
    before = os.times()
    start = _FORK.Barrier(count + 1)
    pipes = [_FORK.Pipe(duplex=False) for _ in range(count)]
    processes = [
        _FORK.Process(target=_work, args=(work, first, number, start, pipe[1])) for number, pipe in enumerate(pipes)
    ]
    for process in processes:
        process.start()
    for _, sending in pipes:
        sending.close()
    start.wait()
    began = time.perf_counter()
    made: list[T] = [receiving.recv() for receiving, _ in pipes]
    seconds = time.perf_counter() - began
    gc.unfreeze()
    for process in processes:
        process.join()
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Ran(made, seconds, used)


def _work(work: Callable[[int], T], first: Callable[[], object], number: int, start: Barrier, pipe: Connection) -> None:
    sys.stderr = LOG.open("a", encoding="utf-8")
    first()
    start.wait()
    pipe.send(work(number))


def answered(container: Container, event: Any) -> Answered:  # noqa: ANN401 an event of API Gateway
    began = time.perf_counter()
    answer = container(event, OneRequest())
    return Answered(int(answer["statusCode"]), time.perf_counter() - began)


def p99_ms(answers: Iterable[Answered]) -> float:
    """Give the 99th of a hundred, by rank."""
    seconds = sorted(one.seconds for one in answers)
    return round(seconds[ceil(len(seconds) * 0.99) - 1] * 1000, 1)


def dealt(things: Sequence[T], hands: int) -> list[Sequence[T]]:
    return [things[at::hands] for at in range(hands)]
