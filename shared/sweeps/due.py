"""What a kind of sweep is: which accounts it is about, and what it does for one of them.

A kind plugs in here. Whoever adds one registers its worker in `functions/sweep_worker/dependencies.py`, or in a
function of its own, and its schedule in `infra/constructs/sweeps.py`.
"""

from datetime import datetime
from typing import NamedTuple, Protocol

from shared.runtime.attributes import Item
from shared.runtime.patience import Patience


class Due(NamedTuple):
    """What an account looks like for which something may be due: a filter expression, and its values.

    Days stand in accounts as YYMMDD: `x` the first on which lots or pending lots ask for something, `y` the tier.
    """

    expression: str
    values: Item


class Worker(Protocol):
    def due(self, at: datetime) -> Due | None:
        """Say which accounts a run of an instant looks at; None: all. Raises NoProgramError."""

    def handle(self, item: Item, at: datetime, patience: Patience) -> int:
        """Do what is due for one account by an instant; say how much there was.

        The item is as an eventually consistent scan read it, so it may be older than the truth. Doing it twice,
        late, or at the same time elsewhere must come to the same.
        """
