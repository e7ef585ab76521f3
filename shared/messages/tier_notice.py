"""What a member is told of an entry that changes the tier. Pure.

The subject is the entry's place among the member's entries, so that an entry is told of once, however often the
stream brings it.
"""

from typing import Final

from shared.ledger.entries import Entry, EntryKind
from shared.messages.message import Kind, Notice
from shared.program.calendar import business_date
from shared.program.model import Program, Tiers
from shared.tiers.ladder import place

UP: Final = "up"
KEPT: Final = "kept"
DOWN: Final = "down"
SET: Final = "set"
"""It is not known from where: somebody has set it by hand."""
_ALWAYS_UP: Final = frozenset({EntryKind.EARNED, EntryKind.REDEEMED, EntryKind.REFERRED})
_ALWAYS_DOWN: Final = frozenset({EntryKind.REVERSED, EntryKind.BONUS_REVERSED, EntryKind.REFERRAL_REVERSED})
"""What takes points back undoes an upgrade, and does nothing else to a tier."""


def tier_notice(entry: Entry, program: Program) -> Notice | None:
    """Say what an entry's movement made of the tier; None where it did not touch it, or there are no tiers."""
    tier, tiers = entry.movement.tier, program.tiers
    if tier is None or tiers is None:
        return None
    level = tiers.levels[place(tier.tier_id, tiers)]
    return Notice(
        kind=Kind.TIER_CHANGED,
        subject=f"{entry.account_version:07d}.{entry.position:02d}",
        offset_days=0,
        due_on=business_date(entry.posted_at, program.business_zone),
        details={
            "direction": _direction(entry, tiers),
            "tier": level.id,
            "tier_name": level.name,
            **({"valid_until": tier.valid_until.isoformat()} if tier.valid_until else {}),
        },
    )


def _direction(entry: Entry, tiers: Tiers) -> str:
    """Compare the tier with the one before: the entry's details name it, or what an upgrade remembers of it."""
    tier = entry.movement.tier
    if tier is None or entry.kind in _ALWAYS_DOWN:
        return DOWN
    before = entry.details.get("from") or (tier.before.tier_id if tier.before else None)
    if before is None:
        return UP if entry.kind in _ALWAYS_UP else SET
    step = place(tier.tier_id, tiers) - place(before, tiers)
    return UP if step > 0 else DOWN if step < 0 else KEPT
