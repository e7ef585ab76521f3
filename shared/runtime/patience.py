"""How long a request may go on trying, and how it waits between tries.

A Lambda that is stopped in the middle of a call leaves its caller without an answer. So every try first asks
whether there is time left for it, and gives up with `BusyError` (503, `Retry-After`) while it still can.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.errors import BusyError

TIME_FOR_A_TRY_MS = 400
FIRST_PAUSE_MS = 40
LONGEST_PAUSE_MS = 800

_jitter = random.SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """`remaining_ms` says how much of the caller's time is left, as Lambda's context does."""

    remaining_ms: Callable[[], int]
    sleep: Callable[[float], None] = field(default=time.sleep)

    def check(self) -> None:
        """Raise BusyError when there is no time left for another try."""
        if self.remaining_ms() < TIME_FOR_A_TRY_MS:
            raise BusyError

    def pause(self, failures: int) -> None:
        """Wait with full jitter: a random time up to a bound that doubles with each failure. Raises BusyError."""
        self.check()
        bound_ms = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2**failures)
        self.sleep(_jitter.uniform(0, bound_ms) / 1000)
        self.check()


def patience_of_seconds(seconds: float) -> Patience:
    """Give the patience of a command line or a worker, which has no Lambda's context."""
    until = time.monotonic() + seconds
    return Patience(remaining_ms=lambda: int((until - time.monotonic()) * 1000))
