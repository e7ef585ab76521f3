"""How much is measured: all of it, or a part that takes the few minutes of `make bench`."""

import os
from typing import Final

FULL: Final = "JIFEN_BENCH"
PART: Final = 0.2


def scaled(count: int) -> int:
    """Give a fifth of a count, or all with `JIFEN_BENCH=full`."""
    return count if os.environ.get(FULL) == "full" else int(count * PART)
