"""What a sweep is made of: a run, cut into tasks that each fit into a message. Pure.

SWEEP-1 A run does the work of its own instant, `at`, however late it is done: it is named by its kind and instant.
SWEEP-2 Every task can be done again, at the same time elsewhere, and after a later run's: nothing comes of it.
SWEEP-3 A task is done to its end, or what is left of it is in other tasks, or it fails and is brought again.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

MOST_SEGMENTS: Final = 10_000
CLOCK_SKEW: Final = timedelta(minutes=5)


class Kind(StrEnum):
    EXPIRY = "expiry"
    TIER_REVIEW = "tier-review"
    REMINDERS = "reminders"
    AUDIT = "audit"
    FULL_AUDIT = "full-audit"


AUDITS: Final = frozenset({Kind.AUDIT, Kind.FULL_AUDIT})
"""Kinds that read and write nothing: they have a queue and a function of their own."""


class UnreadableTaskError(Exception):
    """A message holds no task: a fault of whoever sent it."""


class UnreadableRunError(Exception):
    """What started a run names no kind of sweep, or no instant."""


class RunTooEarlyError(Exception):
    """A run is of an instant that has not come: it would lapse points before their day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    kind: Kind
    at: datetime

    @property
    def name(self) -> str:
        """Name the run for logs: the same run, started twice, is one."""
        return f"{self.kind}@{written_instant(self.at)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment of the table from behind a member on, or from its beginning. `page` counts its tasks from 1."""

    run: Run
    number: int
    of: int
    after: str | None = None
    page: int = 1

    def behind(self, member_id: str) -> "Segment":
        """Give the task that goes on behind a member."""
        return replace(self, after=member_id, page=self.page + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member with whom a page could not come to an end, so that nobody else is stopped."""

    run: Run
    member_id: str


Task = Segment | Member


def read_run(kind: object, at: object, *, now: datetime, time_travel: bool = False) -> Run:
    """Read what starts a run. Raises UnreadableRunError, and RunTooEarlyError unless time travel is allowed."""
    try:
        instant = datetime.fromisoformat(str(at))
        run = Run(kind=Kind(str(kind)), at=instant.astimezone(UTC))
    except ValueError:
        raise UnreadableRunError from None
    if instant.tzinfo is None:
        raise UnreadableRunError
    if run.at > now + CLOCK_SKEW and not time_travel:
        raise RunTooEarlyError
    return run


def plan(run: Run, segments: int) -> list[Segment]:
    """Cut a run into segments, in an order in which neighbours of the table are far apart.

    A segment is a range of the table's partitions: worked off in order, all workers would meet in one.
    """
    bits = max(1, (segments - 1).bit_length())
    spread = (int(f"{number:0{bits}b}"[::-1], 2) for number in range(2**bits))
    return [Segment(run=run, number=number, of=segments) for number in spread if number < segments]


def written(task: Task) -> str:
    """Write a task as the body of a message."""
    body: dict[str, Any] = {"kind": task.run.kind, "at": written_instant(task.run.at)}
    match task:
        case Segment():
            body |= {"segment": task.number, "of": task.of, "page": task.page}
            if task.after is not None:
                body["after"] = task.after
        case Member():
            body["member"] = task.member_id
    return json.dumps(body)


def read_task(body: str) -> Task:
    """Read the body of a message. Raises UnreadableTaskError."""
    try:
        told = json.loads(body)
        run = Run(kind=Kind(told["kind"]), at=datetime.fromisoformat(told["at"]))
        if "member" in told:
            return Member(run=run, member_id=str(told["member"]))
        segment = Segment(
            run=run, number=int(told["segment"]), of=int(told["of"]), after=told.get("after"), page=int(told["page"])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableTaskError from error
    if not 0 <= segment.number < segment.of <= MOST_SEGMENTS:
        raise UnreadableTaskError
    return segment


def written_instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
