"""What one member is to be told today: points that will lapse, a tier that will be lost. Pure.

DUE-1 A reminder is due from its offset's day until the next smaller offset's day, so that a schedule that runs late
      still reminds, and once. The last one is due until the points lapse; of points that have lapsed nothing is said.
DUE-2 Points that lapse on one day are one group. Points that will be given more time when their day comes are not
      spoken of: they will not lapse.
DUE-3 A tier warning is due where the tier would be lowered if nothing more happened, by the rules in force today.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from shared.ledger.account import Account
from shared.ledger.lots import last_day_of, was_extended
from shared.messages.message import Kind, Notice
from shared.program.calendar import add_months, lapses_at
from shared.program.expiry import ExpirePolicy
from shared.program.model import Program, Tiers
from shared.tiers.counting import Counted, month_of
from shared.tiers.ladder import place
from shared.tiers.review import LOWERED, review

WARN_DAYS_BEFORE: Final = (30, 7)


def expiring(account: Account, program: Program, today: date) -> Iterator[Notice]:
    """Name the groups of points of which the member is to be reminded today; the account is as of now."""
    remind = program.points.expire.remind
    if remind is None:
        return
    for last_day, points in sorted(lapsing(account, program.points.expire).items()):
        offset_days = _offset(remind.days_before, (last_day - today).days)
        if offset_days is not None:
            yield Notice(
                kind=Kind.POINTS_EXPIRING,
                subject=f"{last_day:%y%m%d}",
                offset_days=offset_days,
                due_on=last_day - timedelta(days=offset_days),
                until=lapses_at(last_day, program.business_zone),
                details={"points": points, "valid_through": last_day.isoformat(), "unit": program.points.name},
            )


def lapsing(account: Account, policy: ExpirePolicy) -> Mapping[date, int]:
    """Add up the points that will lapse, by their last day."""
    groups: dict[date, int] = {}
    for lot, points in account.lots.items():
        last_day = last_day_of(lot)
        if last_day and not _will_be_extended(account, lot, last_day, policy):
            groups[last_day] = groups.get(last_day, 0) + points
    return groups


def warning(account: Account, program: Program, today: date) -> Notice | None:
    """Say on which warning the member's tier is to be looked at today; `threat` then says whether it is true."""
    tiers, ends = program.tiers, account.tier.valid_until
    if tiers is None or ends is None or place(account.tier.tier_id, tiers) == 0:
        return None
    by = ends + timedelta(days=tiers.grace_days)
    offset_days = _offset(WARN_DAYS_BEFORE, (by - today).days)
    if offset_days is None:
        return None
    return Notice(
        kind=Kind.TIER_WARNING,
        subject=f"{ends:%y%m%d}",
        offset_days=offset_days,
        due_on=by - timedelta(days=offset_days),
        until=lapses_at(by, program.business_zone),
        details={"by": by.isoformat(), "valid_until": ends.isoformat()},
    )


def threat(account: Account, counted: Counted, program: Program, tiers: Tiers, by: date) -> Mapping[str, str | int]:
    """Say what is missing to keep the tier, and what is lost; nothing where it would be kept as things stand."""
    fate = review(account.tier, counted, tiers, by + timedelta(days=1), currency=program.currency)
    if fate is None or fate.details["why"] != LOWERED:
        return {}
    current = tiers.levels[place(account.tier.tier_id, tiers)]
    lower = tiers.levels[place(fate.tier.tier_id, tiers)]
    return {
        "tier": current.id,
        "tier_name": current.name,
        "lower": lower.id,
        "lower_name": lower.name,
        "missing": fate.details["needed"] - fate.details["counted"],
        "measure": tiers.measure,
        "currency": program.currency,
        "unit": program.points.name,
    }


def _offset(offsets: tuple[int, ...], days_left: int) -> int | None:
    return min((offset for offset in offsets if 0 <= days_left <= offset), default=None)


def _will_be_extended(account: Account, lot: str, last_day: date, policy: ExpirePolicy) -> bool:
    """Say whether a lapsing lot gets more time, as far as that is known today: it needs a purchase lately."""
    if policy.extend_once is None or was_extended(lot):
        return False
    since = month_of(add_months(last_day, -policy.extend_once.if_bought_within_months))
    return any(counted.visits > 0 and month >= since for month, counted in account.qualifying.items())
