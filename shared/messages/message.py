"""Messages: what a member is told, once. Pure.

MSG-1 A message's key is what it is about: kind, subject, offset and channel. It is put if absent, so whatever is
      retried, doubled or late makes one message. Only `state` changes, once: waiting becomes sent or skipped.
MSG-2 A message holds no personal data: points, days, tier names, a language, the name of a reward.
MSG-3 `message_id` follows from the key. A message may leave twice, when a function dies between telling and marking;
      it then carries the same id, by which whoever receives it tells it once.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Literal

from shared import keys
from shared.keys import Key
from shared.runtime.ids import id_of_digest

Language = Literal["zh-CN", "en"]
DEFAULT_LANGUAGE: Final[Language] = "zh-CN"


class Kind(StrEnum):
    POINTS_EXPIRING = "points-expiring"
    TIER_CHANGED = "tier-changed"
    TIER_WARNING = "tier-warning"


class Channel(StrEnum):
    APP = "app"
    EMAIL = "email"
    SMS = "sms"


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to tell a member, whatever the channel.

    `offset_days` is how long before the event it falls due (0: afterwards), `due_on` the day on which it does. From
    `until` on it would not be true any more. `details` are JSON values.
    """

    kind: Kind
    subject: str
    offset_days: int
    due_on: date
    until: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> tuple[Kind, str, int]:
        """What it is about: two notices that agree in it are the same."""
        return self.kind, self.subject, self.offset_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice by one channel. `together` are all channels of the notice, so that what is left of it can be made."""

    member_id: str
    notice: Notice
    channel: Channel
    together: tuple[Channel, ...]
    language: Language
    made_at: datetime
    state: State = State.WAITING
    settled_at: datetime | None = None
    reason: str = ""

    @property
    def key(self) -> Key:
        notice = self.notice
        return keys.message(
            self.member_id,
            due_on=notice.due_on,
            kind=notice.kind,
            subject=notice.subject,
            offset_days=notice.offset_days,
            channel=self.channel,
        )

    @property
    def message_id(self) -> str:
        return message_id(self.key)


def message_id(key: Key) -> str:
    """Give the public id of a message: the prefix and 26 characters of Crockford's base 32 (130 bits) of its key."""
    return id_of_digest("msg", hashlib.sha256("\n".join(key).encode()).digest())
