"""Which version of the program is in force at an instant in a store, and for how long a cached answer is right.

Invariants:
TIME-1 Of the versions that have begun at a store, the one with the highest number is in force: publishing replaces
       what was published before, planned versions that begin later included. Stores never go back to an older one.
TIME-2 Except for the very first, a version begins no earlier than `LEAD` after it is published.
TIME-3 Hence a timeline read at F already names every version that begins before F + LEAD: whoever publishes after F
       publishes for later. Clocks and the duration of the publication take `MARGIN` from that, so that a timeline is
       exact for every instant before F + LEAD - MARGIN, and a cached program is never stale for a sale after its
       effective instant. For a later instant the timeline is read again.

`MARGIN` is made of: a publication counts from the `Date` of the read that precedes it and is given up
`PUBLISH_WITHIN` later; that header has whole seconds; the clock of whoever caches may be fast by the rest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.errors import ProgramNotBegunError

LEAD = timedelta(seconds=60)
PUBLISH_WITHIN = timedelta(seconds=15)
MARGIN = timedelta(seconds=20)
EVERYWHERE = ""
"""Stands for a store where something concerns the whole chain: it is in no pilot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """From when a version is in force: in the pilot stores from `effective`, elsewhere from `all_stores_from`.

    Without pilot stores it is in force everywhere from `effective`.
    """

    effective: datetime
    pilot_stores: frozenset[str] = frozenset()
    all_stores_from: datetime | None = None

    def begins_at(self, store_id: str) -> datetime:
        if self.all_stores_from is None or store_id in self.pilot_stores:
            return self.effective
        return self.all_stores_from


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRef:
    """A published version: its number, when it begins where, the hash of its canonical content, and who did it."""

    number: int
    sha256: str
    published_at: datetime
    schedule: Schedule
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All versions by number, ascending. `revision` counts publications; the next one must find it as it was read."""

    refs: tuple[VersionRef, ...] = ()
    revision: int = 0

    @property
    def next_number(self) -> int:
        return self.refs[-1].number + 1 if self.refs else 1


def pick(timeline: Timeline, instant: datetime, store_id: str) -> VersionRef:
    """Give the version in force. Raises ProgramNotBegunError when none has begun there at that instant."""
    ref = live(timeline, instant, store_id)
    if ref is None:
        raise ProgramNotBegunError(store_id=store_id, at=instant.isoformat())
    return ref


def live(timeline: Timeline, instant: datetime, store_id: str) -> VersionRef | None:
    """Give the version in force, None before any: for those who look rather than calculate."""
    return next((ref for ref in reversed(timeline.refs) if ref.schedule.begins_at(store_id) <= instant), None)


def next_change(timeline: Timeline, instant: datetime, store_id: str) -> tuple[datetime, VersionRef] | None:
    """Give the next instant at which another version comes into force in the store, and that version."""
    now = live(timeline, instant, store_id)
    for start in sorted({ref.schedule.begins_at(store_id) for ref in timeline.refs}):
        if start > instant and (then := pick(timeline, start, store_id)) != now:
            return start, then
    return None


def is_exact_for(fetched_at: datetime, instant: datetime) -> bool:
    """Say whether a timeline asked for at `fetched_at` names every version that can be in force at the instant."""
    return instant < fetched_at + LEAD - MARGIN
