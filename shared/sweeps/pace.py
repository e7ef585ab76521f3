"""How fast a worker may write: what the tables can take is the tills' first."""

import time
from collections.abc import Callable


class Pace:
    """Lets at most so many members a second through, evenly; never more to make up for slower ones."""

    def __init__(
        self,
        per_second: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._apart = 1 / per_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._next = 0.0

    def wait(self) -> None:
        """Return when the next member's turn has come."""
        now = self._monotonic()
        if now < self._next:
            self._sleep(self._next - now)
            now = self._next
        self._next = now + self._apart
