"""How a member wants to be told: language, zone, channels, quiet hours. Pure.

SET-1 All kinds here are service messages: they tell of the member's own points and tier. Each can be switched off,
      and all together. There is no marketing kind; one would need a consent of its own first.
SET-2 What a member has not chosen is as the program says, without text messages: those are chosen by the member.
      A channel that the chain does not offer is not used.
SET-3 A text message goes to a proven phone alone: anybody can type a stranger's number.
SET-4 Who has withdrawn a consent that enrolment required is told nothing.
SET-5 Quiet hours are read on the clock of the member's zone, half-open; they may run past midnight. Nothing is told
      in them. Where a clock goes back into them, they begin again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.members.profile import Policy, Profile
from shared.messages.message import DEFAULT_LANGUAGE, Channel, Kind, Language
from shared.program.calendar import local_moment, window_day
from shared.program.model import Program
from shared.program.rules import Hours
from shared.program.zones import zone_named

USUAL_QUIET_HOURS: Final = Hours(start=21 * 60, end=9 * 60)
USUAL_CHANNELS: Final = (Channel.APP,)
"""What is offered where the program names no channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`channels` holds the kinds that the member has decided on; none for a kind: it is switched off.

    `zone` None is the program's zone, `quiet_hours` None are none at all.
    """

    language: Language = DEFAULT_LANGUAGE
    zone: str | None = None
    quiet_hours: Hours | None = USUAL_QUIET_HOURS
    channels: Mapping[Kind, tuple[Channel, ...]] = field(default_factory=dict)
    enabled: bool = True
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A member as one who is told things."""

    profile: Profile
    settings: Settings


def channels_offered(program: Program) -> tuple[Channel, ...]:
    remind = program.points.expire.remind
    return tuple(Channel(channel) for channel in remind.channels) if remind else USUAL_CHANNELS


def channels_taken(
    recipient: Recipient | None, kind: Kind, offered: Iterable[Channel], required: Iterable[Policy]
) -> tuple[Channel, ...]:
    """Give the channels by which a member is told things of a kind; none where there is no such member (any more)."""
    if recipient is None or not recipient.settings.enabled or _has_withdrawn(recipient.profile, required):
        return ()
    chosen = recipient.settings.channels.get(kind)
    if chosen is None:
        chosen = tuple(channel for channel in Channel if channel is not Channel.SMS)
    usable = set(chosen) if recipient.profile.phone_proven else set(chosen) - {Channel.SMS}
    return tuple(channel for channel in offered if channel in usable)


def quiet_until(now: datetime, zone: str, quiet_hours: Hours | None) -> datetime | None:
    """Give the instant (UTC) at which the quiet hours end that are now; None where there are none now."""
    if quiet_hours is None:
        return None
    began = window_day(local_moment(now, zone), quiet_hours)
    if began is None:
        return None
    day = began.day + timedelta(days=1) if quiet_hours.crosses_midnight else began.day
    hour, minute = divmod(quiet_hours.end, 60)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone_named(zone)).astimezone(UTC)


def _has_withdrawn(profile: Profile, required: Iterable[Policy]) -> bool:
    withdrawn = {event.policy for event in profile.consents if not event.given}
    return any(one.policy in withdrawn and profile.agreed_version(one.policy) is None for one in required)
