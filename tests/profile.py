"""How long the random tests run: `JIFEN_TEST_PROFILE=quick` (the default) or `full`."""

import os
from typing import Final

from hypothesis import settings

FULL: Final = os.environ.get("JIFEN_TEST_PROFILE", "quick") == "full"

settings.register_profile("jifen", deadline=None)  # a busy machine is no failure
settings.load_profile("jifen")
