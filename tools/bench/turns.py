"""Many requests at once in a time of their own, in which only waiting takes time: no machine is slow in it."""

import heapq
import itertools
import threading
from collections.abc import Callable, Sequence


class Turns:
    """Threads that take turns: one runs until it sleeps or ends, and then the one that wakes first goes on."""

    def __init__(self) -> None:
        self.now = 0.0
        self._asleep: list[tuple[float, int, threading.Event]] = []
        self._numbers = itertools.count()

    def sleep(self, seconds: float) -> None:
        """Let the others go on for so long."""
        woken = self._at(self.now + seconds)
        self._next()
        woken.wait()

    def run(self, works: Sequence[Callable[[], object]]) -> list[float]:
        """Let all begin now, and give how many seconds each took."""
        began, ended = self.now, [0.0] * len(works)

        def one(number: int, woken: threading.Event) -> None:
            woken.wait()
            try:
                works[number]()
            finally:
                ended[number] = self.now
                self._next()

        threads = [threading.Thread(target=one, args=(number, self._at(began))) for number in range(len(works))]
        for thread in threads:
            thread.start()
        self._next()
        for thread in threads:
            thread.join()
        return [end - began for end in ended]

    def _at(self, instant: float) -> threading.Event:
        woken = threading.Event()
        heapq.heappush(self._asleep, (instant, next(self._numbers), woken))
        return woken

    def _next(self) -> None:
        if self._asleep:
            self.now, _, woken = heapq.heappop(self._asleep)
            woken.set()
