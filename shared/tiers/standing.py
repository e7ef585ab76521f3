"""Where a member stands: what counts now, what is missing for the next tier and for keeping this one. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.ledger.account import Account
from shared.program.model import Level, Tiers
from shared.tiers.counting import Counted, Span, window
from shared.tiers.ladder import place
from shared.tiers.review import needed_to_keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What has to be reached by a day (grace days included) to keep the tier; in the measure."""

    needed: int
    missing: int
    by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`value` and `missing` are in the ladder's measure: points, minor units or visits. No `keep`: nothing ends."""

    current: Level
    valid_until: date | None
    value: int
    following: Level | None
    keep: Keep | None

    @property
    def missing(self) -> int:
        """How much is missing for the following tier; 0 where there is none."""
        return max(0, self.following.reach - self.value) if self.following else 0


def standing(account: Account, counted: Counted, tiers: Tiers, on: date) -> Standing:
    at = place(account.tier.tier_id, tiers)
    return Standing(
        current=tiers.levels[at],
        valid_until=account.tier.valid_until,
        value=counted.total(window(tiers, on, counted.enrolled_on), tiers),
        following=tiers.levels[at + 1] if at + 1 < len(tiers.levels) else None,
        keep=_keep(at, account.tier.valid_until, counted, tiers, on) if account.tier.valid_until else None,
    )


def _keep(at: int, ends: date, counted: Counted, tiers: Tiers, on: date) -> Keep:
    """Say what is missing in the window that will decide: of it, what has happened by now."""
    needed = needed_to_keep(tiers, at)
    first = window(tiers, ends, counted.enrolled_on).first
    so_far = counted.total(Span(first=first, last=on), tiers) if on >= first else 0
    return Keep(needed=needed, missing=max(0, needed - so_far), by=ends + timedelta(days=tiers.grace_days))
