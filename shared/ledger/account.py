"""A member's account: what its entries add up to, kept so that a command reads one item.

1. An account equals the sum of its entries' movements, field by field (`audit` rebuilds it from them).
2. No lot, pending lot or held amount is negative.
3. Debt and usable lots exclude each other: whatever is credited pays the debt first.
4. `version` grows by one with every transaction; whoever writes names the version that was read.
5. `as_of` never goes back, so that an account's entries are in the order of its versions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from shared.ledger import lots as lot_book
from shared.ledger.lots import Lots


class Balance(NamedTuple):
    """Points: usable now, waiting for their day, put aside by a hold, owed."""

    available: int
    pending: int
    held: int
    debt: int


class Qualifying(NamedTuple):
    """What counts for the tier on one day or in one month: points earned, minor units spent, visits."""

    points: int
    spend_minor: int
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierState:
    """The tier, the day on which it was reached, and its last day; the lowest tier has neither.

    `before` is the tier from which sales raised the member: a return may take the upgrade back to it.
    """

    tier_id: str
    since: date | None = None
    valid_until: date | None = None
    before: "TierState | None" = None


class ImpossibleMovementError(Exception):
    """A movement would break an invariant of the account: a fault in the program, never a business case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What one entry changes in an account.

    Every field is a difference, but `tier` and `frozen`, which are what they become; None: they stay.
    `qualifying` is by day (YYMMDD); the account adds it up by month.
    """

    lots: Lots = field(default_factory=dict)
    pending: Lots = field(default_factory=dict)
    held: int = 0
    debt: int = 0
    qualifying: Mapping[str, Qualifying] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    tier: TierState | None = None
    frozen: bool | None = None

    @property
    def points(self) -> int:
        """How much the member's balance changes, pending points left out."""
        return sum(self.lots.values()) + self.held - self.debt

    @property
    def points_pending(self) -> int:
        return sum(self.pending.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    member_id: str
    version: int
    as_of: datetime
    enrolled_on: date
    tier: TierState
    lots: Lots = field(default_factory=dict)
    pending: Lots = field(default_factory=dict)
    held: int = 0
    debt: int = 0
    qualifying: Mapping[str, Qualifying] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    frozen: bool = False

    @property
    def balance(self) -> Balance:
        return Balance(
            available=sum(self.lots.values()) - self.debt,
            pending=sum(self.pending.values()),
            held=self.held,
            debt=self.debt,
        )

    @property
    def spendable(self) -> int:
        """How many points a member can spend now: none while there is debt."""
        return sum(self.lots.values())

    def moved(self, movement: Movement) -> "Account":
        """Give the account after a movement. Raises ImpossibleMovementError where an invariant would break."""
        after = replace(
            self,
            lots=lot_book.add(self.lots, movement.lots),
            pending=lot_book.add(self.pending, movement.pending),
            held=self.held + movement.held,
            debt=self.debt + movement.debt,
            qualifying=_add_months(self.qualifying, movement.qualifying),
            counters=lot_book.add(self.counters, movement.counters),
            tier=movement.tier or self.tier,
            frozen=self.frozen if movement.frozen is None else movement.frozen,
        )
        amounts = (*after.lots.values(), *after.pending.values(), after.held, after.debt)
        if min(amounts) < 0 or (after.debt and after.lots):
            raise ImpossibleMovementError(f"{self.member_id} at version {self.version}: {movement}")
        return after


def new_account(member_id: str, *, at: datetime, enrolled_on: date, tier_id: str) -> Account:
    """Give the account that enrolment opens: empty, on the lowest tier. `enrolled_on` is the local day."""
    return Account(member_id=member_id, version=0, as_of=at, enrolled_on=enrolled_on, tier=TierState(tier_id=tier_id))


def add_days(left: Mapping[str, Qualifying], right: Mapping[str, Qualifying]) -> Mapping[str, Qualifying]:
    """Add up what counts, span by span."""
    summed = dict(left)
    for span, more in right.items():
        have = summed.get(span, Qualifying(0, 0, 0))
        summed[span] = Qualifying(*(a + b for a, b in zip(have, more, strict=True)))
    return summed


def _add_months(months: Mapping[str, Qualifying], days: Mapping[str, Qualifying]) -> Mapping[str, Qualifying]:
    if not days:
        return months
    summed = months
    for day, counted in days.items():
        summed = add_days(summed, {day[:4]: counted})
    return {month: counted for month, counted in summed.items() if any(counted)}
