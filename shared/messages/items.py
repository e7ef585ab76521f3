"""Messages and settings as items, and back.

| message (`ledger`) | | settings (`members`) | |
|---|---|---|---|
| pk, sk | `MESSAGES#member`, `due day#kind#subject#offset#channel` | pk, sk | `MEMBER#member`, `MESSAGES` |
| k | kind | la | language |
| st | state, for the stream's filter | z | zone |
| of | all channels of the notice | q | quiet hours: from, to, in minutes; empty: none |
| o | made at | c | channels by kind |
| la | language | off | takes no messages at all |
| u | true until | a | changed at |
| de | details | | |
| w, r | sent or skipped at, why it was skipped | | |
"""

from typing import Any

from shared import keys
from shared.ledger.items import instant, write_instant
from shared.ledger.lots import read_day
from shared.messages.message import Channel, Kind, Message, Notice, State
from shared.messages.settings import Settings
from shared.names import MESSAGES_PREFIX
from shared.program.rules import Hours
from shared.runtime.attributes import Item


def message_item(message: Message) -> Item:
    notice = message.notice
    item: Item = {
        **message.key._asdict(),
        "k": notice.kind.value,
        "st": message.state.value,
        "of": [channel.value for channel in message.together],
        "o": write_instant(message.made_at),
        "la": message.language,
        "de": dict(notice.details),
    }
    if notice.until:
        item["u"] = write_instant(notice.until)
    if message.settled_at:
        item["w"] = write_instant(message.settled_at)
    if message.reason:
        item["r"] = message.reason
    return item


def message_of(item: Item) -> Message:
    due_on, kind, subject, offset_days, channel = item["sk"].split("#")
    notice = Notice(
        kind=Kind(kind),
        subject=subject,
        offset_days=int(offset_days),
        due_on=read_day(due_on),
        until=instant(item["u"]) if "u" in item else None,
        details=item["de"],
    )
    return Message(
        member_id=item["pk"].removeprefix(MESSAGES_PREFIX),
        notice=notice,
        channel=Channel(channel),
        together=tuple(Channel(one) for one in item["of"]),
        language=item["la"],
        made_at=instant(item["o"]),
        state=State(item["st"]),
        settled_at=instant(item["w"]) if "w" in item else None,
        reason=item.get("r", ""),
    )


def settings_item(member_id: str, settings: Settings) -> Item:
    quiet = settings.quiet_hours
    item: Item = {
        **keys.message_settings(member_id)._asdict(),
        "la": settings.language,
        "q": [quiet.start, quiet.end] if quiet else [],
        "c": {kind.value: [one.value for one in channels] for kind, channels in settings.channels.items()},
    }
    optional: dict[str, Any] = {
        "z": settings.zone,
        "off": None if settings.enabled else True,
        "a": write_instant(settings.changed_at) if settings.changed_at else None,
    }
    return item | {name: value for name, value in optional.items() if value is not None}


def settings_of(item: Item) -> Settings:
    return Settings(
        language=item["la"],
        zone=item.get("z"),
        quiet_hours=Hours(start=item["q"][0], end=item["q"][1]) if item["q"] else None,
        channels={Kind(kind): tuple(Channel(one) for one in channels) for kind, channels in item["c"].items()},
        enabled="off" not in item,
        changed_at=instant(item["a"]) if "a" in item else None,
    )
