"""The stores of the chain: who may send sales, which clock they live by, and how much staff may adjust by hand."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One store. Without a zone of its own it keeps the program's, without a limit of its own the chain's."""

    id: str
    name: str
    zone: str | None = None
    city: str | None = None
    adjustment_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentLimits:
    """How many points one person may give or take at once without somebody else, and in all on one day."""

    limit: int = 1_000
    per_author_per_day: int = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All stores, and what holds where a store says nothing else."""

    stores: tuple[Store, ...] = ()
    adjustments: AdjustmentLimits = field(default_factory=AdjustmentLimits)

    def adjustment_limit(self, store: Store) -> int:
        """Give the points above which an adjustment of a store waits for a second person."""
        return self.adjustments.limit if store.adjustment_limit is None else store.adjustment_limit
