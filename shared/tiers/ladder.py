"""The ladder: what counts for a tier, which tier that reaches, and what is missing for the next. Pure.

1. What counts is earned in sales and taken back by refunds; spending, expiry and gifts never change it.
2. A tier is reached with the entry that reaches it, and kept for `valid_months` from that day.
3. Reaching never lowers a tier.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.ledger.account import Account, Qualifying, TierState
from shared.program.calendar import add_months
from shared.program.model import Level, Tiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a member stands. `value` and `missing` are in the ladder's measure: points, minor units or visits."""

    current: Level
    valid_until: date | None
    value: int
    following: Level | None

    @property
    def missing(self) -> int:
        """How much is missing for the following tier; 0 where there is none."""
        return max(0, self.following.reach - self.value) if self.following else 0

    @property
    def missing_to_keep(self) -> int:
        return max(0, (self.current.keep or 0) - self.value)


def standing(account: Account, tiers: Tiers, on: date) -> Standing:
    at = _place(account.tier.tier_id, tiers)
    return Standing(
        current=tiers.levels[at],
        valid_until=account.tier.valid_until,
        value=qualifying_value(account.qualifying, tiers, on),
        following=tiers.levels[at + 1] if at + 1 < len(tiers.levels) else None,
    )


def reached(account: Account, more: Mapping[str, Qualifying], tiers: Tiers, *days: date) -> TierState | None:
    """Give the highest tier that an account reaches on one of the days with `more` counted; None where it stays.

    Of equals the first day counts. A sale that comes late is asked for its own day, and for today: what was earned in
    between counts together with it.
    """
    counted = dict(account.qualifying)
    for month, added in more.items():
        have = counted.get(month, Qualifying(0, 0, 0))
        counted[month] = Qualifying(*(a + b for a, b in zip(have, added, strict=True)))
    place, on = max(((_justified(counted, tiers, day), day) for day in days), key=lambda found: found[0])
    if place <= _place(account.tier.tier_id, tiers):
        return None
    return TierState(tier_id=tiers.levels[place].id, since=on, valid_until=add_months(on, tiers.valid_months))


def _justified(qualifying: Mapping[str, Qualifying], tiers: Tiers, on: date) -> int:
    """Find the place on the ladder that a total reaches by itself."""
    value = qualifying_value(qualifying, tiers, on)
    return max(at for at, level in enumerate(tiers.levels) if at == 0 or level.reach <= value)


def qualifying_value(qualifying: Mapping[str, Qualifying], tiers: Tiers, on: date) -> int:
    """Add up what counts in the period that ends on a day, by whole months of the program's zone."""
    first = f"{_first_day(tiers, on):%y%m}"
    last = f"{on:%y%m}"
    return sum(_measured(counted, tiers) for month, counted in qualifying.items() if first <= month <= last)


def _first_day(tiers: Tiers, on: date) -> date:
    if tiers.period == "calendar_year":
        return date(on.year, 1, 1)
    return add_months(on, -tiers.window_months)


def _measured(counted: Qualifying, tiers: Tiers) -> int:
    match tiers.measure:
        case "points_earned":
            return counted.points
        case "amount_spent":
            return counted.spend_minor
        case "visits":
            return counted.visits


def _place(tier_id: str, tiers: Tiers) -> int:
    """Find a tier on the ladder; one that the program no longer knows stands at the bottom."""
    return next((at for at, level in enumerate(tiers.levels) if level.id == tier_id), 0)
