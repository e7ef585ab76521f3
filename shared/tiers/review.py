"""The review at the end of a tier's period: kept, or down. Pure.

REVIEW-1 A tier holds through its last day. What decides is the window that ends on that day: at least `keep` of it,
         or a keeping task done, keeps the tier for another period, which begins where the last one ended.
REVIEW-2 With grace days the tier holds that much longer, and what is earned in them counts for the ended period.
REVIEW-3 Otherwise the member goes down one step, or to what the window justifies; the new period too begins where
         the last one ended. The lowest tier has no period.
REVIEW-4 The thresholds are those in force when the period ended: editing them never demotes before.
REVIEW-5 A decision depends on what counts and on the period alone, not on the day on which somebody asks.
"""

from datetime import date, timedelta
from typing import Final

from shared.ledger.account import TierState
from shared.ledger.rules import Review
from shared.program.calendar import MONTHS_IN_QUARTER, MONTHS_IN_YEAR, add_months
from shared.program.currency import format_minor
from shared.program.model import KeepTask, Tiers
from shared.tiers.counting import Counted, Span, month_of, period_end, window
from shared.tiers.ladder import place

KEPT: Final = "kept"
LOWERED: Final = "lowered"


def review(tier: TierState, counted: Counted, tiers: Tiers, today: date, *, currency: str) -> Review | None:
    """Decide on a tier whose period is over by a day; None while there is nothing to decide."""
    if tier.valid_until is None or today <= tier.valid_until:
        return None
    ended = tier.valid_until
    at = place(tier.tier_id, tiers)
    if at == 0:
        lowest = tiers.levels[0]
        return Review(TierState(tier_id=lowest.id), lowest.name, {"why": LOWERED, "from": tier.tier_id})
    last = ended + timedelta(days=tiers.grace_days)
    span = Span(first=window(tiers, ended, counted.enrolled_on).first, last=min(today, last))
    needed = needed_to_keep(tiers, at)
    total = counted.total(span, tiers)
    figures = f"({_written(total, tiers, currency)}/{_written(needed, tiers, currency)})"
    details = {"from": tier.tier_id, "ended": ended.isoformat(), "needed": needed, "counted": total}
    task = next((task for task in tiers.keep_tasks if _is_done(task, tier.tier_id, counted, ended)), None)
    until = period_end(tiers, ended, counted.enrolled_on)
    if total >= needed or task:
        kept = TierState(tier_id=tier.tier_id, since=tier.since, valid_until=until)
        label = f"{tiers.levels[at].name} {figures}"
        return Review(kept, label, {**details, "why": KEPT, **({"task": task.name} if task else {})})
    if today <= last:
        return None
    lower = at - 1 if tiers.downgrade == "one_step" else _justified(tiers, at, total)
    begins = last + timedelta(days=1)
    state = TierState(tier_id=tiers.levels[lower].id)
    if lower:
        state = TierState(tier_id=tiers.levels[lower].id, since=begins, valid_until=until)
    label = f"{tiers.levels[at].name} → {tiers.levels[lower].name} {figures}"
    return Review(state, label, {**details, "why": LOWERED})


def _written(value: int, tiers: Tiers, currency: str) -> str:
    return format_minor(value, currency) if tiers.measure == "amount_spent" else str(value)


def needed_to_keep(tiers: Tiers, at: int) -> int:
    """Give what a level needs to be kept: `keep`, or without one what it needs to be reached."""
    level = tiers.levels[at]
    return level.reach if level.keep is None else level.keep


def _justified(tiers: Tiers, at: int, total: int) -> int:
    return max(lower for lower in range(at) if lower == 0 or needed_to_keep(tiers, lower) <= total)


def _is_done(task: KeepTask, tier_id: str, counted: Counted, ended: date) -> bool:
    """Say whether enough was spent in the span of the task in which the period ended, or in the one before it."""
    if task.tier_id not in {None, tier_id}:
        return False
    months = {"month": 1, "quarter": MONTHS_IN_QUARTER, "year": MONTHS_IN_YEAR}[task.every]
    first = date(ended.year, (ended.month - 1) // months * months + 1, 1)
    return any(
        counted.spent_in_months(month_of(start), month_of(add_months(start, months - 1))) >= task.amount_minor
        for start in (first, add_months(first, -months))
    )
