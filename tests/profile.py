"""How long the random tests run: `JIFEN_TEST_PROFILE=quick` (the default) or `full`."""

import os
from typing import Final

FULL: Final = os.environ.get("JIFEN_TEST_PROFILE", "quick") == "full"
