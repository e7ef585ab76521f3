"""A second, dumber ledger, written from the rules and not from the code: the property tests compare both.

It keeps nothing but the list of what happened to each member, and works everything out from the beginning whenever
it is asked. Lots are (last day, points); there are no versions, no buckets, no transactions.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

FOREVER = date.max
TIERS = ("normal", "silver", "gold")
FACTORS = (Fraction(1), Fraction(6, 5), Fraction(3, 2))

Lot = tuple[date, int]
Pending = tuple[date, date, int]
"""The day it becomes usable, its last day, the points."""


class Line(NamedTuple):
    net: int
    quantity: int
    category: str
    gift_card: bool


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


@dataclass(kw_only=True)
class Receipt:
    """A sale and what came back of it, in the order in which it was recorded. `member` is None for a guest."""

    lines: dict[str, Line]
    counted: Fraction
    """The share of the payment that earns."""
    member: str | None
    occurred: datetime
    tier: int = 0
    earned: int = 0
    own_pending: tuple[date, date] | None = None
    own_lot: date = FOREVER
    line_returns: list[dict[str, int]] = field(default_factory=list)
    amounts: list[int] = field(default_factory=list)
    voided: bool = False
    taken: int = 0


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


class Touched(NamedTuple):
    """Nothing happened, but the ledger was brought up to that moment."""


Happened = Earned | Taken | Spent | Returned | Touched


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
class Model:
    rules: Rules
    happened: dict[str, list[tuple[datetime, Happened]]] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)

    def open(self, member: str) -> None:
        self.happened[member] = []

    def day(self, at: datetime) -> date:
        return at.astimezone(self.rules.zone).date()

    # What a till tells

    def sell(self, receipt_id: str, receipt: Receipt, now: datetime) -> None:
        self.receipts[receipt_id] = receipt
        if receipt.member is None:
            return
        receipt.tier = self.standing(receipt.member, now).tier
        receipt.earned = self.worth(receipt)
        sold_on = self.day(receipt.occurred)
        activates = sold_on + timedelta(days=self.rules.pending_days)
        receipt.own_lot = self.rules.last_day(activates)
        today = self.day(self._at(receipt.member, now))
        waits = activates > today
        receipt.own_pending = (activates, receipt.own_lot) if waits else None
        counts = (receipt.earned, floor(self.eligible(receipt)), 1)
        earned = Earned(receipt.earned, activates if waits else None, receipt.own_lot, sold_on, counts)
        self._note(receipt.member, now, earned)

    def give_back(
        self,
        receipt_id: str,
        now: datetime,
        *,
        lines: dict[str, int] | None = None,
        amount: int = 0,
        void: bool = False,
    ) -> bool:
        """Record a return; say whether it may be: more than is left comes back to nobody."""
        receipt = self.receipts[receipt_id]
        before, stood = self.eligible(receipt), self.stands(receipt)
        if not receipt.voided and not void:
            if not self._is_there(receipt, lines or {}, amount):
                return False
            receipt.line_returns.append(lines or {})
            receipt.amounts.append(amount)
        receipt.voided = receipt.voided or void
        if receipt.member is None:
            return True
        due = receipt.earned - self.worth(receipt) - receipt.taken
        receipt.taken += due
        over = 1 if stood and not self.stands(receipt) else 0
        counts = (-due, floor(self.eligible(receipt)) - floor(before), -over)
        sold_on = self.day(receipt.occurred)
        self._note(receipt.member, now, Taken(due, receipt.own_pending, receipt.own_lot, sold_on, counts))
        return True

    def overruled(self, receipt_id: str, now: datetime) -> None:
        """Record a return that was parked and turns out to be more than is left: it takes nothing."""
        receipt = self.receipts[receipt_id]
        if receipt.member is not None:
            sold_on = self.day(receipt.occurred)
            self._note(receipt.member, now, Taken(0, receipt.own_pending, receipt.own_lot, sold_on, (0, 0, 0)))

    # What a member does

    def spend(self, member: str, redemption: str, points: int, now: datetime) -> bool:
        standing = self.standing(member, now)
        if points > sum(standing.lots.values()):
            return False
        self._note(member, now, Spent(redemption, points))
        return True

    def undo(self, member: str, redemption: str, now: datetime) -> None:
        self._note(member, now, Returned(redemption))

    def touch(self, member: str, now: datetime) -> None:
        """Note that somebody looked and wrote down what was due: time does not go back behind that."""
        self._note(member, now, Touched())

    # Worked out

    def stands(self, receipt: Receipt) -> bool:
        """Say whether a receipt is an order: until nothing is left of it; what cost nothing, until it is voided."""
        free = not any(line.net for line in receipt.lines.values())
        return not receipt.voided and (free or bool(sum(self.left(receipt).values())))

    def left(self, receipt: Receipt) -> dict[str, Fraction]:
        """Say what is left of each line: returned lines come off first, amounts in proportion of the rest."""
        if receipt.voided:
            return dict.fromkeys(receipt.lines, Fraction(0))
        rest = {
            line_id: Fraction(line.net - sum(back.get(line_id, 0) for back in receipt.line_returns))
            for line_id, line in receipt.lines.items()
        }
        whole = sum(rest.values())
        by_amount = sum(receipt.amounts)
        return {line_id: net - net * by_amount / whole if by_amount else net for line_id, net in rest.items()}

    def eligible(self, receipt: Receipt) -> Fraction:
        rest = self.left(receipt)
        return receipt.counted * sum(
            (rest[line_id] for line_id, line in receipt.lines.items() if _counts(line)), Fraction(0)
        )

    def worth(self, receipt: Receipt) -> int:
        """Say what the rest of a receipt is worth: one rounding, then the bonus."""
        rest = self.left(receipt)
        exact = Fraction(0)
        for line_id, line in receipt.lines.items():
            if _counts(line):
                campaign = Fraction(13, 10) if line.category == "零食" else 1
                exact += rest[line_id] * receipt.counted / 1_000 * FACTORS[receipt.tier] * campaign
        return floor(exact) + (10 if self.eligible(receipt) >= 10_000 else 0)

    def standing(self, member: str, now: datetime) -> Standing:
        """Work out, from the beginning, where a member stands."""
        standing = Standing()
        for at, event in self.happened[member]:
            self._settle(standing, at)
            self._apply(standing, event, at)
            self._settle(standing, at)
        self._settle(standing, max(now, standing.seen or now))
        return standing

    def _is_there(self, receipt: Receipt, lines: dict[str, int], amount: int) -> bool:
        returns = [*receipt.line_returns, lines]
        rest = {}
        for line_id, line in receipt.lines.items():
            rest[line_id] = line.net - sum(back.get(line_id, 0) for back in returns)
            if rest[line_id] < 0 or sum(line_id in back for back in returns) > line.quantity:
                return False
        return sum(receipt.amounts) + amount <= sum(rest.values())

    def _at(self, member: str, now: datetime) -> datetime:
        return max([now, *(at for at, _ in self.happened[member][-1:])])

    def _note(self, member: str, now: datetime, event: Happened) -> None:
        self.happened[member].append((self._at(member, now), event))

    def _settle(self, standing: Standing, at: datetime) -> None:
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

    def _apply(self, standing: Standing, event: Happened, at: datetime) -> None:
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


def _counts(line: Line) -> bool:
    return not line.gift_card and line.category != "烟草"


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
