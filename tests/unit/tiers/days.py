"""What counts, told day by day, and a note of what was read of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.ledger.account import Qualifying, add_days
from shared.tiers.counting import Counted

TODAY = date(2026, 12, 16)
ENROLLED = date(2020, 5, 5)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def points(number: int) -> Qualifying:
    return Qualifying(number, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(Counted):
    """Notes which months were read day by day."""

    read: list[str] = field(default_factory=list)


def counted(told: Mapping[date, int | Qualifying], *, latest: date | None = None) -> Watched:
    """Make what counts of points, or of points, money and visits, by day."""
    days = {f"{on:%y%m%d}": points(one) if isinstance(one, int) else one for on, one in told.items()}
    months: Mapping[str, Qualifying] = {}
    for on, one in days.items():
        months = add_days(months, {on[:4]: one})
    read: list[str] = []

    def read_days(month: str) -> Mapping[str, Qualifying]:
        read.append(month)
        return {on: one for on, one in days.items() if on[:4] == month}

    return Watched(
        months=months, days=read_days, enrolled_on=ENROLLED, latest=latest or max(told, default=TODAY), read=read
    )
