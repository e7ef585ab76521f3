"""Whether a version may be published now, and what that would change. Pure; now is DynamoDB's own.

A version begins no earlier than `LEAD` from now, and where it carries a notice, no earlier than its days before. Where
customers may lose by it, the notice that the version in force promises them holds, too, whatever the new file says.
The very first version may begin in the past: nothing was in force that customers could rely on.
"""

from datetime import datetime, timedelta

from shared.errors import InvalidFieldError, NoticeTooShortError
from shared.program.model import Notice
from shared.program.timeline import LEAD, Schedule, Timeline, VersionRef


def check_schedule(timeline: Timeline, schedule: Schedule, notice: Notice | None, now: datetime) -> None:
    """Check when a version would begin. Raises InvalidFieldError, NoticeTooShortError with the earliest instant."""
    if schedule.all_stores_from is not None and schedule.all_stores_from < schedule.effective:
        raise _refused("/rollout/all_stores_from", "before-effective", "all stores cannot begin before the pilot")
    if not timeline.refs:
        return
    if notice and notice.days_before and schedule.effective < now + timedelta(days=notice.days_before):
        earliest = now + timedelta(days=notice.days_before)
        raise NoticeTooShortError(days_before=notice.days_before, earliest=earliest.isoformat())
    if schedule.effective < now + LEAD:
        raise _refused("/effective", "too-early", "a new version begins later", earliest=(now + LEAD).isoformat())


def longer(one: Notice | None, other: Notice | None) -> Notice | None:
    """Give the notice that asks for more days."""
    known = [notice for notice in (one, other) if notice]
    return max(known, key=lambda notice: notice.days_before, default=None)


def already_published(timeline: Timeline, sha256: str, schedule: Schedule, now: datetime) -> VersionRef | None:
    """Give the latest version if publishing this content would change nothing; None when it would.

    Nothing changes where the latest version has this content, and has this schedule or is in force in all stores.
    """
    latest = timeline.refs[-1] if timeline.refs else None
    if latest is None or latest.sha256 != sha256:
        return None
    everywhere_from = latest.schedule.all_stores_from or latest.schedule.effective
    return latest if latest.schedule == schedule or everywhere_from <= now else None


def replaced_before_it_begins(timeline: Timeline, schedule: Schedule, now: datetime) -> tuple[VersionRef, ...]:
    """Name the planned versions that would nowhere take effect, were this schedule published now."""
    return tuple(
        ref
        for ref in timeline.refs
        if now < ref.schedule.effective and (schedule.all_stores_from or schedule.effective) <= ref.schedule.effective
    )


def _refused(pointer: str, code: str, detail: str, **fields: str) -> InvalidFieldError:
    return InvalidFieldError(errors=[{"pointer": pointer, "code": code, "detail": detail} | fields])
