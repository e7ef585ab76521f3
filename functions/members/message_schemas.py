"""How a member wants to be told, as it is sent and seen."""

import re
from datetime import datetime
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.http.fields import AnswerModel, RequestModel
from shared.messages.message import DEFAULT_LANGUAGE, Channel, Kind, Language
from shared.messages.settings import USUAL_QUIET_HOURS, Settings
from shared.program.rules import Hours
from shared.program.zones import zone_named

_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}", re.ASCII)


def _known_zone(zone: str) -> str:
    """Refuse what is no IANA zone; a name that is a path never reaches the file system."""
    try:
        if _ZONE.fullmatch(zone):
            zone_named(zone)
            return zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise PydanticCustomError("string_pattern_mismatch", "has the wrong form")


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _written(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["21:00"])]
Zone = Annotated[str, Field(max_length=64, examples=["Asia/Shanghai"]), AfterValidator(_known_zone)]
Channels = Annotated[
    tuple[Channel, ...] | None,
    Field(
        max_length=len(Channel),
        description="Null: as the program says, without text messages. Empty: this kind is switched off.",
    ),
]


class QuietHours(RequestModel):
    """Hours in which nothing is told, on the clock of the zone; they may run past midnight."""

    start: Annotated[Clock, Field(description="The first quiet minute.")]
    end: Annotated[Clock, Field(description="The first minute that is not quiet.")]

    @model_validator(mode="after")
    def _ends_elsewhere(self) -> Self:
        if self.start == self.end:
            raise PydanticCustomError("string_pattern_mismatch", "begins when it ends")
        return self

    @classmethod
    def of(cls, hours: Hours) -> Self:
        return cls(start=_written(hours.start), end=_written(hours.end))

    def hours(self) -> Hours:
        return Hours(start=_minutes(self.start), end=_minutes(self.end))


class ChannelsByKind(RequestModel):
    """By which channels a member is told what."""

    points_expiring: Channels = None
    tier_changed: Channels = None
    tier_warning: Channels = None

    def chosen(self) -> dict[Kind, tuple[Channel, ...]]:
        decided = {
            Kind.POINTS_EXPIRING: self.points_expiring,
            Kind.TIER_CHANGED: self.tier_changed,
            Kind.TIER_WARNING: self.tier_warning,
        }
        return {kind: tuple(dict.fromkeys(channels)) for kind, channels in decided.items() if channels is not None}


class MessageSettingsRequest(RequestModel):
    """All settings: what is not given is as it is for who has never chosen."""

    enabled: Annotated[bool, Field(strict=True, description="false: no messages at all.")] = True
    language: Language = DEFAULT_LANGUAGE
    zone: Annotated[Zone | None, Field(description="IANA zone of the quiet hours; null: the program's.")] = None
    quiet_hours: Annotated[QuietHours | None, Field(description="null: there are none.")] = QuietHours.of(
        USUAL_QUIET_HOURS
    )
    channels: ChannelsByKind = ChannelsByKind()

    def settings(self, at: datetime) -> Settings:
        return Settings(
            enabled=self.enabled,
            language=self.language,
            zone=self.zone,
            quiet_hours=self.quiet_hours.hours() if self.quiet_hours else None,
            channels=self.channels.chosen(),
            changed_at=at,
        )


class MessageSettingsView(AnswerModel):
    """Settings, and by which channels the member is told what, as things are now."""

    enabled: bool
    language: Language
    zone: str | None
    quiet_hours: QuietHours | None
    channels: ChannelsByKind
    in_use: Annotated[ChannelsByKind, Field(description="What follows from these settings, the program and consents.")]


def settings_view(settings: Settings, in_use: dict[Kind, tuple[Channel, ...]]) -> MessageSettingsView:
    return MessageSettingsView(
        enabled=settings.enabled,
        language=settings.language,
        zone=settings.zone,
        quiet_hours=QuietHours.of(settings.quiet_hours) if settings.quiet_hours else None,
        channels=_by_kind(dict(settings.channels)),
        in_use=_by_kind(in_use),
    )


def _by_kind(channels: dict[Kind, tuple[Channel, ...]]) -> ChannelsByKind:
    return ChannelsByKind(
        points_expiring=channels.get(Kind.POINTS_EXPIRING),
        tier_changed=channels.get(Kind.TIER_CHANGED),
        tier_warning=channels.get(Kind.TIER_WARNING),
    )
