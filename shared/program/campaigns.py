"""Which campaigns run when at a store, over the versions that come into force meanwhile. Pure but for the programs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from shared.program.actions import ActionRule
from shared.program.calendar import day_begins_at
from shared.program.model import Program
from shared.program.occurrences import DAY, Occurrence, is_campaign, occurrences
from shared.program.rules import EarnRule
from shared.program.store import Programs
from shared.program.timeline import Timeline, live, next_change

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Campaign(NamedTuple):
    """An occurrence of a rule, and the version that says so."""

    rule: EarnRule | ActionRule
    program: Program
    when: Occurrence


def campaigns(programs: Programs, now: datetime, store_id: str, first: date, last: date) -> list[Campaign]:
    """List what runs at a store on the days from `first` to `last`, by its clock, in order. Raises NoProgramError.

    Where another version comes into force in between, each is told up to the change. The empty store is every one
    that is no pilot.
    """
    found: list[Campaign] = []
    for span, program in _in_force(programs, now, store_id):
        zone = programs.business_zone_of(store_id, program) if store_id else program.business_zone
        for rule in program.rules:
            if not is_campaign(rule) or (rule.when.stores and store_id and store_id not in rule.when.stores):
                continue
            for one in occurrences(rule.when, first - DAY, last, zone):
                cut = Occurrence(max(one.begins, span.begins), min(one.ends, span.ends))
                if cut.begins < cut.ends and cut.ends > day_begins_at(first, zone):
                    found.append(Campaign(rule, program, cut))
    return sorted(found, key=lambda one: (one.when.begins, one.rule.id))


def _in_force(programs: Programs, now: datetime, store_id: str) -> Iterator[tuple[Occurrence, Program]]:
    """Give the version in force from now on, and those that follow, each with its span."""
    timeline = programs.timeline(now)
    starts = _changes(timeline, now, store_id)
    for at, start in enumerate(starts):
        ref = live(timeline, start, store_id)
        ends = starts[at + 1] if at + 1 < len(starts) else END_OF_TIME
        if ref is not None:
            begins = start if at else min(start, ref.schedule.begins_at(store_id))
            yield Occurrence(begins, ends), programs.numbered(ref.number)


def _changes(timeline: Timeline, now: datetime, store_id: str) -> list[datetime]:
    """Give now, and every later instant at which another version comes into force: none for one that never does."""
    starts = [now]
    while change := next_change(timeline, starts[-1], store_id):
        starts.append(change[0])
    return starts
