"""Ten thousand random histories of the pure core, compared with the model after every operation.

Sales, actions, check-ins, invitations, redemptions, cancellations, refunds in part and in full, voids, adjustments,
sweeps for what lapses and for tiers, jumps of the clock, and repetitions of all of it; at the end what was written is
read again. Twenty groups of seeds are always the same ones, five are fresh.

L1 to L8, L10, L11, L13. JIFEN_TEST_PROFILE=full tells 10 000 histories of 50 operations; quick tells 100.
"""

import gc
import random
from collections.abc import Iterator
from typing import Final

import pytest

from tests.profile import FULL
from tests.property.histories import histories

STEPS: Final = 50
EACH: Final = 400 if FULL else 50
FIXED: Final = tuple(range(1, 21)) if FULL else (1,)
FRESH: Final = tuple(f"fresh {number}" for number in range(1, 6 if FULL else 2))


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Let garbage lie until a group is through: looking for it again and again takes an eighth of the time."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("group", [*FIXED, *FRESH])
def test_l1_to_l8_l10_l11_l13_core_and_model_agree_after_every_operation(group: int | str) -> None:
    """L1, L2, L3, L4, L5, L6, L7, L8, L10, L11, L13: what they say is in `tests.property.sameness`."""
    seed = group if isinstance(group, int) else random.SystemRandom().randrange(10**6, 10**9)
    print(f"group {seed}, {EACH} histories of {STEPS} operations")  # noqa: T201 shown when it fails
    for history in histories(seed, EACH):
        history.live_through(STEPS)
