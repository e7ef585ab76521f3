"""Zones by whose clock the business lives: an IANA zone, and where a shop is open at night, the hour its days begin.

A night shop counts what it sells at two in the morning for the evening before (`day_starts_at`). Its zone is written
`Asia/Shanghai@04:00`: a clock that is four hours slow, on which days, weekdays and months begin when business does.
Whatever reads that clock needs no further care, and a sale that keeps its zone is counted the same for ever.
"""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

MINUTES_IN_HOUR: Final = 60
_NO_SHIFT: Final = timedelta(0)


class BusinessZone(tzinfo):
    """The clock of a zone, slow by as long after midnight as the business day begins (whole hours)."""

    def __init__(self, zone: ZoneInfo, starts_at: str) -> None:
        hours, minutes = starts_at.split(":")
        self.starts_at_minute = int(hours) * MINUTES_IN_HOUR + int(minutes)
        self._zone = zone
        self._shift = timedelta(minutes=self.starts_at_minute)

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        if at is None:
            return None
        offset = (at + self._shift).replace(tzinfo=self._zone).utcoffset()
        return offset - self._shift if offset is not None else None

    def dst(self, at: datetime | None) -> timedelta | None:  # noqa: ARG002 the interface's
        return _NO_SHIFT

    def tzname(self, at: datetime | None) -> str:  # noqa: ARG002 the interface's
        return f"{self._zone.key}@{self._shift}"

    def fromutc(self, at: datetime) -> datetime:
        local = at.replace(tzinfo=self._zone)
        return (self._zone.fromutc(local) - self._shift).replace(tzinfo=self)


def business_zone(zone: str, day_starts_at: str | None) -> str:
    """Name the zone of a business whose days begin at an hour (`04:00`), or at midnight."""
    return f"{zone}@{day_starts_at}" if day_starts_at else zone


@lru_cache(maxsize=64)
def zone_named(zone: str) -> tzinfo:
    """Find a zone by its name, as IANA or `business_zone` write it. Raises `zoneinfo.ZoneInfoNotFoundError`."""
    name, _, starts_at = zone.partition("@")
    return BusinessZone(ZoneInfo(name), starts_at) if starts_at else ZoneInfo(name)


def starts_at_minute(zone: str) -> int:
    """Say how many minutes after midnight the days of a zone begin."""
    found = zone_named(zone)
    return found.starts_at_minute if isinstance(found, BusinessZone) else 0
