"""The program as the Lambdas see it: plain values, compiled from the file that a marketer writes.

Money is integer minor units (fen), factors are exact decimals, ids stand in the ledger for ever. An empty set in a
condition means "no condition". A version is immutable; `version` is its number, set when it is loaded.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from shared.program.actions import ActionRule
from shared.program.expiry import ExpirePolicy, ExpiryMode
from shared.program.rules import EarnRule
from shared.program.zones import business_zone

UNCATEGORISED = "未分类"


class Rounding(StrEnum):
    FLOOR = "floor"
    HALF_UP = "half_up"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsPolicy:
    """How points are counted and kept. `worth` is what one costs the chain, in major units: for estimates alone."""

    name: str = "积分"
    rounding: Rounding = Rounding.FLOOR
    available_after_days: int = 0
    on_refund: Literal["recompute"] = "recompute"
    if_already_spent: AlreadySpent = AlreadySpent.ALLOW_NEGATIVE
    expire: ExpirePolicy = field(default_factory=lambda: ExpirePolicy(mode=ExpiryMode.NEVER))
    worth: Decimal | None = None


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
class UpgradeTask:
    """Inviting so many friends who join gives a tier. Who brings a first order back does not count."""

    name: str
    times: int
    tier_id: str


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
    upgrade_tasks: tuple[UpgradeTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacking:
    campaigns: StackingMode = StackingMode.BEST
    max_multiplier: Decimal | None = None


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
    """Everything that decides how many points a sale earns and what becomes of them.

    `cancel_grace_days` is how long lapsed points may be used that come back because the store cancels a redemption.
    """

    version: int
    name: str
    zone: str
    currency: str
    earn: tuple[EarnRule, ...]
    actions: tuple[ActionRule, ...] = ()
    points: PointsPolicy = field(default_factory=PointsPolicy)
    eligible: Eligible = field(default_factory=Eligible)
    tiers: Tiers | None = None
    stacking: Stacking = field(default_factory=Stacking)
    safety: Safety = field(default_factory=Safety)
    notice: Notice | None = None
    day_starts_at: str | None = None
    cancel_grace_days: int | None = None

    @property
    def business_zone(self) -> str:
        """The zone by which days are counted: theirs begin at `day_starts_at`."""
        return business_zone(self.zone, self.day_starts_at)

    @property
    def rules(self) -> tuple[EarnRule | ActionRule, ...]:
        """All rules, on purchases or not."""
        return (*self.earn, *self.actions)

    @property
    def lowest_tier(self) -> str:
        """The id of the tier that enrolment gives; empty without tiers."""
        return self.tiers.levels[0].id if self.tiers else ""

    def level(self, tier_id: str) -> Level | None:
        """Find a tier; the lowest one stands for an id that this version does not know. None without tiers."""
        if self.tiers is None:
            return None
        for level in self.tiers.levels:
            if level.id == tier_id:
                return level
        return self.tiers.levels[0]
