"""The functions, a folder each.

A container makes half a million objects when it starts, and keeps them: to look for garbage among them after every
seven hundred, as Python does, takes a tenth of a cold start. A request leaves some twenty.
"""

import gc
from typing import Final

OBJECTS_BETWEEN_LOOKS: Final = 200_000

gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
