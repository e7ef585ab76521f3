"""A gateway: requests of many connections wait in one line for a few workers, each of which answers one at a time.

A connection asks its next question once the last one is answered. There are as many workers as a machine can run:
a process for every connection would measure how the kernel shares two cores among a hundred.
"""

import gc
import multiprocessing
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Final, NamedTuple, TypeVar

from tools.bench.load import LOG, Answered

_FORK: Final = multiprocessing.get_context("fork")

T = TypeVar("T")


class Asking(NamedTuple):
    """The next question of a connection, and when it came into the line."""

    connection: int
    question: int
    since: float


def served(
    connections: Sequence[Sequence[T]], work: Callable[[T], int], workers: int, *, first: Callable[[], object]
) -> list[Answered]:
    """Answer all that connections ask; give statuses, and how long each waited in the line and for its answer.

    Each worker does `first` before, which opens what two processes must not share. Raises EOFError where one dies.
    """
    LOG.parent.mkdir(exist_ok=True)
    gc.collect()
    gc.freeze()  # a collection in each worker would copy the memory that they share
    pipes = [_FORK.Pipe() for _ in range(workers)]
    processes = [_FORK.Process(target=_work, args=(connections, work, first, theirs)) for _, theirs in pipes]
    for process in processes:
        process.start()
    for _, theirs in pipes:
        theirs.close()
    idle = [ours for ours, _ in pipes]
    for worker in idle:
        worker.recv()  # it is ready
    answers = _answers(connections, idle)
    for worker, _ in pipes:
        worker.send(None)
    for process in processes:
        process.join()
    gc.unfreeze()
    return answers


def _answers(connections: Sequence[Sequence[T]], idle: list[Connection]) -> list[Answered]:
    began = time.perf_counter()
    line = deque(Asking(number, 0, began) for number, asked in enumerate(connections) if asked)
    busy: dict[Connection, Asking] = {}
    answers: list[Answered] = []
    while line or busy:
        while line and idle:
            worker = idle.pop()
            busy[worker] = line.popleft()
            worker.send(busy[worker][:2])
        for worker in (one for one in wait(list(busy)) if isinstance(one, Connection)):
            status, now = worker.recv(), time.perf_counter()
            done = busy.pop(worker)
            idle.append(worker)
            answers.append(Answered(status, now - done.since))
            if done.question + 1 < len(connections[done.connection]):
                line.append(Asking(done.connection, done.question + 1, now))
    return answers


def _work(
    connections: Sequence[Sequence[T]], work: Callable[[T], int], first: Callable[[], object], pipe: Connection
) -> None:
    sys.stderr = LOG.open("a", encoding="utf-8")
    first()
    pipe.send("ready")
    while place := pipe.recv():
        connection, question = place
        pipe.send(work(connections[connection][question]))
