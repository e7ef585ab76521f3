"""The ladder: which tier a total reaches, and what a return undoes. Pure.

TIER-1 What counts is earned in sales and taken back by returns; spending, expiry and gifts never change it.
TIER-2 A tier is reached with the entry that reaches it, and kept for `valid_months` from that day.
TIER-3 Reaching never lowers a tier.
TIER-4 A return within `revoke_within_days` of an upgrade takes it back where what is left would not have reached it,
       neither on the day of the upgrade nor today, and so with the upgrade before it. Later it only counts when the
       period ends.
"""

from dataclasses import replace
from datetime import date, timedelta

from shared.ledger.account import TierState
from shared.program.model import Tiers
from shared.tiers.counting import Counted, period_end, window


def reached(tier: TierState, counted: Counted, tiers: Tiers, *days: date) -> TierState | None:
    """Give the highest tier that is reached on one of the days; None where the member stays.

    Of equals the first day counts. A sale that comes late is asked for its own day, and for today: what was earned in
    between counts together with it.
    """
    current = place(tier.tier_id, tiers)
    windows = {on: window(tiers, on, counted.enrolled_on) for on in days}
    for at in range(len(tiers.levels) - 1, current, -1):
        for on, span in windows.items():
            if counted.reaches(tiers.levels[at].reach, span, tiers):
                return TierState(
                    tier_id=tiers.levels[at].id,
                    since=on,
                    valid_until=period_end(tiers, on, counted.enrolled_on),
                    before=tier if _may_be_undone(tier, tiers, max(days)) else replace(tier, before=None),
                )
    return None


def undone(tier: TierState, counted: Counted, tiers: Tiers, today: date) -> TierState | None:
    """Give the tier that stands once a return is counted, where it undoes an upgrade (TIER-4)."""
    if tier.before is None or tier.since is None or not _may_be_undone(tier, tiers, today):
        return None
    current, lowest = place(tier.tier_id, tiers), place(tier.before.tier_id, tiers)
    windows = [window(tiers, on, counted.enrolled_on) for on in (tier.since, today)]
    for at in range(current, lowest, -1):
        if any(counted.reaches(tiers.levels[at].reach, span, tiers) for span in windows):
            return None if at == current else replace(tier, tier_id=tiers.levels[at].id)
    return undone(tier.before, counted, tiers, today) or tier.before


def _may_be_undone(tier: TierState, tiers: Tiers, today: date) -> bool:
    return tier.since is not None and today <= tier.since + timedelta(days=tiers.revoke_within_days)


def place(tier_id: str, tiers: Tiers) -> int:
    """Find a tier on the ladder; one that the program no longer knows stands at the bottom."""
    return next((at for at, level in enumerate(tiers.levels) if level.id == tier_id), 0)
