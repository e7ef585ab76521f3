"""What no container can work out by itself: what time it is, an id that nobody has, a choice at random."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from shared.runtime.clock import Clock, utc_now
from shared.runtime.ids import IdSource, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`pick` picks one of several numbers, such as shards."""

    clock: Clock = utc_now
    new_id: IdSource = new_id
    pick: Callable[[Sequence[int]], int] = random.SystemRandom().choice


REAL: Final = Surroundings()
"""Those of a Lambda."""
