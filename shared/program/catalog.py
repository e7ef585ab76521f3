"""What points can be spent on, as the file lists it. Stock moves elsewhere; here stands what it starts from."""

from dataclasses import dataclass
from typing import Literal

Every = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogLimit:
    """How many one member may have; `every` None means for ever."""

    per_member: int
    every: Every | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogItem:
    """A reward for `points` and perhaps some cash (minor units). `stock` None: as many as are asked for.

    `low_stock` is the number below which the store is told; `shards` over how many items the stock is spread, None:
    as the system sees fit; `tiers` empty: for everybody; `hidden`: not offered, given by rules only; `review`:
    staff approves before it is handed over; `to_tier`: what a
    `tier_upgrade` gives.
    """

    id: str
    name: str
    points: int
    type: Literal["product", "tier_upgrade"] = "product"
    category: str | None = None
    stock: int | None = None
    low_stock: int | None = None
    tiers: frozenset[str] = frozenset()
    limit: CatalogLimit | None = None
    cash_minor: int = 0
    currency: str = "CNY"
    shards: int | None = None
    hidden: bool = False
    review: bool = False
    to_tier: str | None = None
