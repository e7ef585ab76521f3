"""What follows from entries in the stream: a changed tier is told of; points that lapsed untold are found out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from shared.errors import MemberNotFoundError
from shared.ledger.account import Account
from shared.ledger.entries import Entry
from shared.ledger.items import entry_of
from shared.ledger.lots import last_day_of
from shared.ledger.store import HistoryFilters, Ledger
from shared.members.profile import Policy
from shared.messages.message import Kind, Message, State
from shared.messages.settings import channels_offered, channels_taken
from shared.messages.store import Messages, Recipients
from shared.messages.tier_notice import tier_notice
from shared.program.calendar import day_begins_at, lapses_at
from shared.program.model import Program
from shared.program.store import Programs
from shared.runtime.clock import Clock

LONGEST_OFFSET: Final = timedelta(days=400)
"""Longer than a program's earliest reminder is before the day, whatever it was at that time."""
ENTRIES_LOOKED_AT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcing:
    """What announcing works with. `required` are the consents without which nobody is told anything."""

    messages: Messages
    recipients: Recipients
    ledger: Ledger
    programs: Programs
    required: Sequence[Policy]
    clock: Clock


def announce_tier(entry: Entry, announcing: Announcing) -> int:
    """Make the messages about a tier that an entry changed; give how many were made now.

    What a later entry has changed again meanwhile is not told of: that entry is. Raises NoProgramError.
    """
    now = announcing.clock()
    program = announcing.programs.chain_wide(now)
    notice = tier_notice(entry, program)
    if notice is None or not _still_stands(entry, announcing.ledger):
        return 0
    recipient = announcing.recipients.read(entry.member_id)
    channels = channels_taken(recipient, notice.kind, channels_offered(program), announcing.required)
    if recipient is None:
        return 0
    return sum(
        announcing.messages.make(
            Message(
                member_id=entry.member_id,
                notice=notice,
                channel=channel,
                together=channels,
                language=recipient.settings.language,
                made_at=now,
            )
        )
        for channel in channels
    )


def lapsed_without_reminder(entry: Entry, announcing: Announcing) -> list[date]:
    """Give the days on which points lapsed of which a member who takes messages was never told. Raises NoProgramError.

    Nobody could be told of points that came after the last reminder was due, and nobody is blamed for them; nor where
    the member changed the settings after that.
    """
    now = announcing.clock()
    untold = []
    for day, points in _groups(entry).items():
        lapsed_at = lapses_at(day, announcing.programs.chain_wide(now).business_zone)
        program = announcing.programs.chain_wide(min(now, lapsed_at))
        remind = program.points.expire.remind
        if remind is None or _was_told(entry.member_id, day, announcing.messages):
            continue
        last_due = day_begins_at(day - timedelta(days=min(remind.days_before)), program.business_zone)
        if not _takes_reminders(entry.member_id, last_due, program, announcing):
            continue
        if points > _credited_since(last_due, day, entry, announcing.ledger):
            untold.append(day)
    return untold


def _still_stands(entry: Entry, ledger: Ledger) -> bool:
    account = _account(entry.member_id, ledger)
    return account is not None and account.tier == entry.movement.tier


def _account(member_id: str, ledger: Ledger) -> Account | None:
    try:
        return ledger.account(member_id)
    except MemberNotFoundError:
        return None


def _groups(entry: Entry) -> dict[date, int]:
    """Add up the points that an entry lets lapse, by their last day."""
    groups: dict[date, int] = {}
    for lot, points in entry.movement.lots.items():
        day = last_day_of(lot)
        if day is not None and points < 0:
            groups[day] = groups.get(day, 0) - points
    return groups


def _was_told(member_id: str, day: date, messages: Messages) -> bool:
    subject = f"{day:%y%m%d}"
    return any(
        message.notice.kind is Kind.POINTS_EXPIRING
        and message.notice.subject == subject
        and message.state is State.SENT
        for message in messages.since(member_id, day - LONGEST_OFFSET, consistent=True)
    )


def _takes_reminders(member_id: str, last_due: datetime, program: Program, announcing: Announcing) -> bool:
    recipient = announcing.recipients.read(member_id)
    if recipient is None or (recipient.settings.changed_at and recipient.settings.changed_at > last_due):
        return False
    return bool(channels_taken(recipient, Kind.POINTS_EXPIRING, channels_offered(program), announcing.required))


def _credited_since(instant: datetime, day: date, expired: Entry, ledger: Ledger) -> int:
    """Add up what came into the lots of a day after an instant, as far as the last hundred entries tell."""
    filters = HistoryFilters(since=instant)
    page = ledger.history(expired.member_id, limit=ENTRIES_LOOKED_AT, filters=filters)
    credited = 0
    for summary in page.entries:
        item = ledger.item(summary.key)
        lots = entry_of(item).movement.lots if item else {}
        credited += sum(points for lot, points in lots.items() if points > 0 and last_day_of(lot) == day)
    return credited
