"""The program as the Lambdas see it: plain values, compiled from the file that a marketer writes.

Money is integer minor units (fen), factors are exact decimals, ids stand in the ledger for ever. An empty set in a
condition means "no condition". A version is immutable; `version` is its number, set when it is loaded.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

UNCATEGORISED = "未分类"


class Rounding(StrEnum):
    FLOOR = "floor"
    HALF_UP = "half_up"


class ExpiryMode(StrEnum):
    MONTHS_AFTER_EARNING = "months_after_earning"
    DAYS_AFTER_EARNING = "days_after_earning"
    END_OF_YEAR = "end_of_year"
    EXTEND_ON_ACTIVITY = "extend_on_activity"
    NEVER = "never"


class RoundTo(StrEnum):
    DAY = "day"
    END_OF_MONTH = "end_of_month"
    END_OF_QUARTER = "end_of_quarter"
    END_OF_YEAR = "end_of_year"


class AlreadySpent(StrEnum):
    """What happens when a refund takes back points that are spent already."""

    ALLOW_NEGATIVE = "allow_negative"
    WITHIN_BALANCE = "within_balance"
    FORGIVE = "forgive"


class StackingMode(StrEnum):
    BEST = "best"
    BEST_PER_GROUP = "best_per_group"
    ADD = "add"
    MULTIPLY = "multiply"


class Count(StrEnum):
    PROPORTIONAL = "proportional"
    FULL_UNITS = "full_units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """When and by which channels a member is told that points will expire."""

    days_before: tuple[int, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendOnce:
    """A lot that lapses unused lives on once, by so many months, where its owner bought something lately."""

    months: int
    if_bought_within_months: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstate:
    """Points that lapsed at most so many days ago may be given back by hand, for so many days."""

    within_days: int
    valid_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirePolicy:
    """How long a lot lives. `months` and `days` count from the day the points become available.

    Points in their last `halve_in_last_days` days pay half; None: they never do.
    """

    mode: ExpiryMode
    months: int = 0
    days: int = 0
    round_to: RoundTo = RoundTo.DAY
    remind: Reminder | None = None
    extend_once: ExtendOnce | None = None
    halve_in_last_days: int | None = None
    reinstate: Reinstate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsPolicy:
    name: str = "积分"
    rounding: Rounding = Rounding.FLOOR
    available_after_days: int = 0
    on_refund: Literal["recompute"] = "recompute"
    if_already_spent: AlreadySpent = AlreadySpent.ALLOW_NEGATIVE
    expire: ExpirePolicy = field(default_factory=lambda: ExpirePolicy(mode=ExpiryMode.NEVER))


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryMapRef:
    """Which SKU → category map a version uses: maps are stored once, under the hash of their content."""

    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligible:
    """Which money earns. No payment methods: all of them do."""

    amount: Literal["paid"] = "paid"
    payment_methods: frozenset[str] = frozenset()
    exclude_categories: frozenset[str] = frozenset()
    category_map: CategoryMapRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What a tier gives besides points. With an id it can be claimed at the till, `times` in every period.

    `birthday` says that it can be on the member's birthday, or in the month of it, and at no other time.
    """

    name: str
    id: str | None = None
    times: int = 0
    every: Literal["day", "week", "month", "year"] | None = None
    birthday: Literal["day", "month"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A tier. `reach` and `keep` count in the measure: points, minor units or visits."""

    id: str
    name: str
    reach: int
    keep: int | None = None
    multiply: Decimal = Decimal(1)
    benefits: tuple[Benefit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTask:
    """Spending so much in a month, quarter or year keeps the tier (any tier, or the one named)."""

    name: str
    amount_minor: int
    every: Literal["month", "quarter", "year"]
    tier_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """The ladder, lowest level first; the first one is everybody's."""

    measure: Literal["points_earned", "amount_spent", "visits"]
    period: Literal["rolling", "calendar_year", "membership_year"]
    levels: tuple[Level, ...]
    window_months: int = 12
    valid_months: int = 12
    downgrade: Literal["one_step", "to_justified"] = "one_step"
    grace_days: int = 0
    revoke_within_days: int = 0
    keep_tasks: tuple[KeepTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacking:
    campaigns: StackingMode = StackingMode.BEST
    max_multiplier: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A window of the local day in minutes, `[start, end)`. When `end <= start` it runs past midnight."""

    start: int
    end: int

    @property
    def crosses_midnight(self) -> bool:
        return self.end <= self.start

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
    on: Literal["purchase"] = "purchase"
    group: str | None = None
    when: When = field(default_factory=When)
    limit: RuleLimit | None = None
    budget: Budget | None = None
    expire: ExpirePolicy | None = None

    @property
    def is_counted_bonus(self) -> bool:
        """Say whether it is a bonus that a return of another sale may undo."""
        return isinstance(self.give, FixedPoints) and self.when.counts_sales


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """Caps: what is above them is not given, and the entry says so."""

    per_order_max_points: int | None = None
    per_member_per_day_max_points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What customers are told before a version takes effect, and how long before."""

    days_before: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Everything that decides how many points a sale earns and what becomes of them."""

    version: int
    name: str
    zone: str
    currency: str
    earn: tuple[EarnRule, ...]
    points: PointsPolicy = field(default_factory=PointsPolicy)
    eligible: Eligible = field(default_factory=Eligible)
    tiers: Tiers | None = None
    stacking: Stacking = field(default_factory=Stacking)
    safety: Safety = field(default_factory=Safety)
    notice: Notice | None = None

    def level(self, tier_id: str) -> Level | None:
        """Find a tier; the lowest one stands for an id that this version does not know. None without tiers."""
        if self.tiers is None:
            return None
        for level in self.tiers.levels:
            if level.id == tier_id:
                return level
        return self.tiers.levels[0]
