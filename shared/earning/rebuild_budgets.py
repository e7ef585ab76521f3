"""Set right what budgets count as spent where it does not follow from sales: after a change by hand. An operator's act.

BUDGET-1 What sales took and returns gave back is right; what a shard counts as spent follows from it (INV-9).
BUDGET-2 Shards are read before sales, and a shard is written only as it was read: whoever spends in between is counted,
or is in the way. So no point is given twice. Where somebody took and gave back in between, a point may be missing until
the next time.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from shared.earning.audit import Spent
from shared.earning.budgets import Budgets
from shared.runtime.patience import Patience
from shared.runtime.transactions import commit
from shared.trail.deeds import Deed, What
from shared.trail.store import recording


class Misspent(NamedTuple):
    """A shard of a rule's budget: the thousandths of points that it counts, and those that sales took of it."""

    rule_id: str
    shard: int
    stands: int
    spent: int

    def __str__(self) -> str:
        return f"{self.rule_id} shard {self.shard}: {self.stands} spent, its sales make it {self.spent}"


def misspent(shards: Mapping[tuple[str, int], int], spent: Spent) -> Iterator[Misspent]:
    """Name the shards that count something else than sales took less what returns gave back."""
    for rule_id, shard in sorted(shards.keys() | spent.keys()):
        stands, taken = shards.get((rule_id, shard), 0), spent[rule_id, shard]
        if stands != taken:
            yield Misspent(rule_id, shard, stands, taken)


def set_budget_right(found: Misspent, budgets: Budgets, patience: Patience, *, author: str, at: datetime) -> None:
    """Write what must be counted, and record who did it.

    Raises StaleReadError where somebody spent or gave back meanwhile, and BusyError. AP-76.
    """
    deed = Deed(what=What.BUDGET_REBUILT, at=at, who=author, about=f"{found.rule_id}.{found.shard}")
    write = budgets.righting(found.rule_id, found.shard, found.stands, spent=found.spent)
    commit(budgets.ledger.client, [write, recording(deed, table=budgets.ledger.tables.ledger)], patience)
