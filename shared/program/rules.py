"""Rules for purchases, as the Lambdas see them: when a rule holds and what it gives. Plain values.

An empty set in a condition means "no condition".
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from shared.program.expiry import ExpirePolicy

MINUTES_IN_DAY: Final = 24 * 60


class Count(StrEnum):
    PROPORTIONAL = "proportional"
    FULL_UNITS = "full_units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A window of the local day in minutes, `[start, end)`. When `end <= start` it runs past midnight."""

    start: int
    end: int

    @property
    def crosses_midnight(self) -> bool:
        return self.end <= self.start

    def since_day_began(self, starts_at: int) -> tuple[int, int]:
        """Give both ends in minutes since the day began on which the window opens.

        Days begin `starts_at` minutes after midnight; an end beyond a day's 1440 minutes lies in the day after.
        """
        start, end = (self.start - starts_at) % MINUTES_IN_DAY, (self.end - starts_at) % MINUTES_IN_DAY
        return start, end if end > start else end + MINUTES_IN_DAY

    def __str__(self) -> str:
        return f"{self.start // 60:02d}:{self.start % 60:02d}-{self.end // 60:02d}:{self.end % 60:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """Whole local days, the last one included: `[first 00:00, the day after last 00:00)`."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}..{self.last}" if self.first != self.last else str(self.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """So much spent within so many days, the day of the sale included, in so many stores."""

    within_days: int
    distinct_stores: int = 1
    amount_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """All conditions of a rule; every one that is given must hold. Weekdays count from Monday = 0."""

    days: frozenset[int] = frozenset()
    hours: Hours | None = None
    days_of_month: frozenset[int] = frozenset()
    dates: tuple[DateRange, ...] = ()
    stores: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    item_tags: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    min_amount_minor: int | None = None
    birthday: Literal["day", "week", "month"] | None = None
    order_number: int | None = None
    order_number_in_month: int | None = None
    totals: "Totals | None" = None

    @property
    def speaks_of_items(self) -> bool:
        return bool(self.categories or self.item_tags or self.skus)

    @property
    def counts_sales(self) -> bool:
        """Say whether other sales decide, so that a return of one of them may undo what this one gave."""
        return self.order_number_in_month is not None or self.totals is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerAmount:
    """The base rate: `points` for every `per_amount_minor` of eligible money."""

    points: int
    per_amount_minor: int
    count: Count = Count.PROPORTIONAL


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPoints:
    """A bonus once per sale."""

    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    from_amount_minor: int
    multiply: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A factor that rises with the amount; the whole amount gets the factor of the step it reaches."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiply:
    factor: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraPercent:
    percent: Decimal


Give = PerAmount | FixedPoints | Steps | Multiply | ExtraPercent


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLimit:
    """How often a rule gives to one member in a period; `every` None means ever."""

    per_member: int
    every: Literal["day", "week", "month", "year"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many points a rule may add: in all, and for one member on a day. What is more is cut."""

    points_total: int | None = None
    per_member_per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnRule:
    """One rule of the `earn` list. Rules without a `group` are a group of their own.

    `expire` is for a base rate or a fixed bonus whose points live otherwise than the program's.
    """

    id: str
    name: str
    give: Give
    group: str | None = None
    when: When = field(default_factory=When)
    limit: RuleLimit | None = None
    budget: Budget | None = None
    expire: ExpirePolicy | None = None

    @property
    def is_counted_bonus(self) -> bool:
        """Say whether it is a bonus that a return of another sale may undo."""
        return isinstance(self.give, FixedPoints) and self.when.counts_sales
