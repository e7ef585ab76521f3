"""Entries as events: what the other systems of the chain are told of them. Pure.

PUB-1 An event follows from an entry alone, so that it is the same however often and whenever it is told.
PUB-2 Its `id` is what to tell repetitions by; no two events share one.
PUB-3 It names members by their ids and holds no personal data. Schemas: `events/schemas`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared.ledger.account import TierState
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.entry_ids import PREFIX, entry_id
from shared.ledger.items import write_instant
from shared.ledger.sources import source_of
from shared.runtime.attributes import Item

TIER_CHANGED: Final = "tier.changed"
TIER_PREFIX: Final = "tier_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, told to whoever listens. `detail` is JSON and has the event's `id`."""

    type: str
    at: datetime
    detail: Mapping[str, Any]


def type_of(kind: EntryKind) -> str:
    return f"points.{kind}"


ENTRY_EVENTS: Final = frozenset({*map(type_of, EntryKind), TIER_CHANGED})
"""Every type of event that entries make."""


def is_new_entry(before: Item | None, after: Item) -> bool:
    """Say whether a change of the ledger made an entry: in an empty place, or in that of what waited for it."""
    return "mv" in after and "mv" not in (before or {})


def events_of(entry: Entry) -> list[Event]:
    """Give the event of an entry, and that of the tier which it changes."""
    told = [Event(type=type_of(entry.kind), at=entry.posted_at, detail=_moved(entry))]
    tier = entry.movement.tier
    if tier and entry.details.get("from") != tier.tier_id:  # a review may keep what there was
        told.append(Event(type=TIER_CHANGED, at=entry.posted_at, detail=_tier_changed(entry, tier)))
    return told


def _moved(entry: Entry) -> dict[str, Any]:
    source = source_of(entry.key)
    return {
        "id": entry_id(entry.key),
        **_told_of(entry),
        "points": entry.movement.points,
        "points_pending": entry.movement.points_pending,
        "balance": entry.balance._asdict(),
        "label": entry.label,
        "source": source._asdict() if source else None,
    }


def _tier_changed(entry: Entry, tier: TierState) -> dict[str, Any]:
    identifier = entry_id(entry.key)
    return {
        "id": TIER_PREFIX + identifier.removeprefix(PREFIX),
        "entry_id": identifier,
        **_told_of(entry),
        "tier": tier.tier_id,
        "since": tier.since.isoformat() if tier.since else None,
        "valid_until": tier.valid_until.isoformat() if tier.valid_until else None,
    }


def _told_of(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind.value,
        "member_id": entry.member_id,
        "store_id": entry.store_id,
        "occurred_at": write_instant(entry.occurred_at),
        "posted_at": write_instant(entry.posted_at),
    }
