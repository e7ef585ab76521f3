"""What is put into a fresh deployment of the laptop."""

from collections.abc import Callable
from typing import Any, Final

from cli.laptop.sample_shop import open_shop

# A seed is given what build/local.json says and returns it with what it has added (`subscriptions`, say). It runs after
# every deployment, so it must bear being run again.
Seed = Callable[[dict[str, Any]], dict[str, Any]]
SEEDS: Final[tuple[Seed, ...]] = (open_shop,)
