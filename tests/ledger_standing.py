"""Where members stand, worked out from what happened to them: the half of the model that knows lots, debt and tiers.

Lots are (last day, points); there are no versions, no buckets, no transactions.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

FOREVER = date.max
TIERS = ("normal", "silver", "gold")

Lot = tuple[date, int]


@dataclass(kw_only=True)
class Rules:
    """What the marketer of the model chose. A point for ten yuan; 零食 +30 %; from 100 yuan 10 more; 烟草 nothing."""

    zone: ZoneInfo
    pending_days: int
    last_day: Callable[[date], date]
    policy: Literal["allow_negative", "within_balance", "forgive"]
    reach: tuple[int, int, int] = (0, 40, 150)
    keep: tuple[int, int, int] = (0, 20, 120)
    grace_days: int = 0
    revoke_days: int = 0


@dataclass
class Standing:
    """Where a member stands after all that happened."""

    lots: dict[date, int] = field(default_factory=dict)
    pending: dict[tuple[date, date], int] = field(default_factory=dict)
    debt: int = 0
    tier: int = 0
    since: date | None = None
    until: date | None = None
    before: list[tuple[int, date | None, date | None]] = field(default_factory=list)
    days: dict[date, list[int]] = field(default_factory=dict)
    spent: dict[str, list[Lot]] = field(default_factory=dict)
    seen: datetime | None = None

    @property
    def available(self) -> int:
        return sum(self.lots.values()) - self.debt

    def copied(self) -> "Standing":
        """Give one of its own that may go on without this one."""
        return Standing(
            lots=dict(self.lots),
            pending=dict(self.pending),
            debt=self.debt,
            tier=self.tier,
            since=self.since,
            until=self.until,
            before=list(self.before),
            days=dict(self.days),
            spent=dict(self.spent),
            seen=self.seen,
        )

    def earned_between(self, first: date, last: date) -> int:
        return sum(counts[0] for day, counts in self.days.items() if first <= day <= last)

    def month(self, month: str) -> list[int]:
        """Add up a month."""
        counts = [counts for day, counts in self.days.items() if month_of(day) == month]
        return [sum(parts) for parts in zip([0, 0, 0], *counts, strict=True)]


class Earned(NamedTuple):
    points: int
    activates: date | None
    last_day: date
    day: date
    counts: tuple[int, int, int]


class Taken(NamedTuple):
    points: int
    own_pending: tuple[date, date] | None
    own_lot: date
    day: date
    counts: tuple[int, int, int]


class Spent(NamedTuple):
    redemption: str
    points: int


class Returned(NamedTuple):
    redemption: str


class Given(NamedTuple):
    """Points for something other than a purchase: usable at once, and for no tier."""

    points: int
    last_day: date


class Touched(NamedTuple):
    """Nothing happened, but the ledger was brought up to that moment."""


Happened = Earned | Taken | Spent | Returned | Given | Touched


def month_of(day: date) -> str:
    return f"{day.year % 100:02d}{day.month:02d}"


def a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def end_of_month_after(day: date, months: int) -> date:
    for _ in range(months):
        day = day.replace(day=monthrange(day.year, day.month)[1]) + timedelta(days=1)
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(kw_only=True)
class Course:
    """What time and events make of a standing, by the rules."""

    rules: Rules

    def day(self, at: datetime) -> date:
        return at.astimezone(self.rules.zone).date()

    def settle(self, standing: Standing, at: datetime) -> None:
        standing.seen = at
        today = self.day(at)
        for activates, last_day in sorted(standing.pending):
            if activates <= today:
                _credit(standing, [(last_day, standing.pending.pop((activates, last_day)))])
        standing.lots = {last_day: points for last_day, points in standing.lots.items() if last_day >= today}
        while standing.until and self._decide(standing, standing.until, today):
            pass

    def _decide(self, standing: Standing, ended: date, today: date) -> bool:
        """Decide on a tier that has ended by today: kept, or one step down; say whether anything was decided."""
        if today <= ended:
            return False
        last = ended + timedelta(days=self.rules.grace_days)
        earned = standing.earned_between(a_year_before(ended) + timedelta(days=1), min(today, last))
        kept = earned >= self.rules.keep[standing.tier]
        if not kept and today <= last:
            return False
        standing.before = []
        standing.until = a_year_after(ended)
        if not kept:
            standing.tier -= 1
            standing.since = last + timedelta(days=1)
        if standing.tier == 0:
            standing.since = standing.until = None
        return True

    def apply(self, standing: Standing, event: Happened, at: datetime) -> None:
        match event:
            case Earned():
                _count(standing, event.day, event.counts)
                if event.activates is None:
                    _credit(standing, [(event.last_day, event.points)])
                elif event.points:
                    waiting = (event.activates, event.last_day)
                    standing.pending[waiting] = standing.pending.get(waiting, 0) + event.points
                self._promote(standing, event.day, self.day(at))
            case Taken():
                _count(standing, event.day, event.counts)
                self._take_back(standing, event)
                self._demote(standing, self.day(at))
            case Spent():
                standing.spent[event.redemption] = _take(standing, sorted(standing.lots), event.points)
            case Given():
                _credit(standing, [(event.last_day, event.points)])
            case Returned():
                _credit(standing, standing.spent[event.redemption])

    def _promote(self, standing: Standing, *days: date) -> None:
        former = (standing.tier, standing.since, standing.until)
        for day in days:
            reached = self._reached(standing, day)
            if reached > standing.tier:
                standing.tier, standing.since, standing.until = reached, day, a_year_after(day)
        if standing.tier > former[0]:
            standing.before.append(former)

    def _reached(self, standing: Standing, day: date) -> int:
        earned = standing.earned_between(a_year_before(day) + timedelta(days=1), day)
        return max(at for at, reach in enumerate(self.rules.reach) if reach <= earned or at == 0)

    def _demote(self, standing: Standing, today: date) -> None:
        """Take upgrades back that what is left would not have reached, the last one first."""
        while standing.before and standing.since:
            if today > standing.since + timedelta(days=self.rules.revoke_days):
                return
            reached = max(self._reached(standing, standing.since), self._reached(standing, today))
            if reached > standing.before[-1][0]:
                standing.tier = min(standing.tier, reached)
                return
            standing.tier, standing.since, standing.until = standing.before.pop()

    def _take_back(self, standing: Standing, event: Taken) -> None:
        points = event.points
        own = [event.own_pending] if event.own_pending in standing.pending else []
        for waiting in [*own, *(other for other in sorted(standing.pending, reverse=True) if other not in own)]:
            if waiting is None or not points:
                continue
            from_this = min(points, standing.pending[waiting])
            points -= from_this
            standing.pending[waiting] -= from_this
            if not standing.pending[waiting]:
                del standing.pending[waiting]
        others = [] if self.rules.policy == "forgive" else sorted(standing.lots)
        points -= sum(taken for _, taken in _take(standing, [event.own_lot, *others], points))
        if self.rules.policy == "allow_negative":
            standing.debt += points


def _count(standing: Standing, day: date, counts: tuple[int, int, int]) -> None:
    have = standing.days.get(day, [0, 0, 0])
    standing.days[day] = [a + b for a, b in zip(have, counts, strict=True)]


def _credit(standing: Standing, lots: list[Lot]) -> None:
    for last_day, points in sorted(lots):
        paid = min(points, standing.debt)
        standing.debt -= paid
        if points > paid:
            standing.lots[last_day] = standing.lots.get(last_day, 0) + points - paid


def _take(standing: Standing, order: list[date], points: int) -> list[Lot]:
    taken = []
    for last_day in order:
        from_this = min(points, standing.lots.get(last_day, 0))
        if from_this:
            points -= from_this
            standing.lots[last_day] -= from_this
            taken.append((last_day, from_this))
            if not standing.lots[last_day]:
                del standing.lots[last_day]
    return taken
