"""When an event is tried again, and how long an endpoint is left alone that does not answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.runtime.clock import Clock

PAUSES_SECONDS: Final = (5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 10 * 3_600)
"""Pauses between tries: eight tries in 28 hours. Source: Standard Webhooks 1.0.0, "Deliverability and reliability",
up to what a queue can hide a message for (12 hours)."""
JITTER_PERCENT: Final = range(90, 111)
REST: Final = timedelta(seconds=30)
GONE_REST: Final = timedelta(hours=1)


def pause_after(tries: int, pick: Callable[[Sequence[int]], int]) -> int:
    """Give the seconds until the next try, after so many; 0 after the last one, so that it is given up at once."""
    if tries > len(PAUSES_SECONDS):
        return 0
    return PAUSES_SECONDS[tries - 1] * pick(JITTER_PERCENT) // 100


@dataclass(slots=True, kw_only=True)
class Rests:
    """The endpoints that a container leaves alone for a while.

    One that did not answer rests for half a minute: waiting for it again and again would keep the others' events. One
    that is gone rests for an hour.
    """

    clock: Clock
    length: timedelta
    _until: dict[str, datetime] = field(default_factory=dict)

    def begin(self, endpoint_id: str) -> None:
        self._until[endpoint_id] = self.clock() + self.length

    def has(self, endpoint_id: str) -> bool:
        return endpoint_id in self._until and self.clock() < self._until[endpoint_id]
