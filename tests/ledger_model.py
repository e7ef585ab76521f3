"""A second, dumber ledger, written from the rules and not from the code: the property tests compare both.

It keeps the list of what happened to each member, and works everything out from it (`tests.ledger_standing`). This
half knows receipts: what they are worth, and what comes back of them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import NamedTuple

from tests.ledger_standing import (
    FOREVER,
    Course,
    Earned,
    Happened,
    Returned,
    Rules,
    Spent,
    Standing,
    Taken,
    Touched,
)

FACTORS = (Fraction(1), Fraction(6, 5), Fraction(3, 2))


class Line(NamedTuple):
    net: int
    quantity: int
    category: str
    gift_card: bool


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


@dataclass(kw_only=True)
class Model:
    rules: Rules
    happened: dict[str, list[tuple[datetime, Happened]]] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    course: Course = field(init=False)
    _stood: dict[str, tuple[int, Standing]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.course = Course(rules=self.rules)

    def open(self, member: str, now: datetime) -> None:
        """Open an account. Time does not go back behind that."""
        self.happened[member] = [(now, Touched())]
        self._stood[member] = (0, Standing())

    def day(self, at: datetime) -> date:
        return self.course.day(at)

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
        today = self.day(self.at(receipt.member, now))
        waits = activates > today
        receipt.own_pending = (activates, receipt.own_lot) if waits else None
        counts = (receipt.earned, floor(self.eligible(receipt)), 1)
        earned = Earned(receipt.earned, activates if waits else None, receipt.own_lot, sold_on, counts)
        self.note(receipt.member, now, earned)

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
        self.note(receipt.member, now, Taken(due, receipt.own_pending, receipt.own_lot, sold_on, counts))
        return True

    def overruled(self, receipt_id: str, now: datetime) -> None:
        """Record a return that was parked and turns out to be more than is left: it takes nothing."""
        receipt = self.receipts[receipt_id]
        if receipt.member is not None:
            sold_on = self.day(receipt.occurred)
            self.note(receipt.member, now, Taken(0, receipt.own_pending, receipt.own_lot, sold_on, (0, 0, 0)))

    # What a member does

    def spend(self, member: str, redemption: str, points: int, now: datetime) -> bool:
        standing = self.standing(member, now)
        if points > sum(standing.lots.values()):
            return False
        self.note(member, now, Spent(redemption, points))
        return True

    def undo(self, member: str, redemption: str, now: datetime) -> None:
        self.note(member, now, Returned(redemption))

    def touch(self, member: str, now: datetime) -> None:
        """Note that somebody looked and wrote down what was due: time does not go back behind that."""
        self.note(member, now, Touched())

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
        """Work out where a member stands: on from where they stood when this was asked the last time."""
        course, (told, standing) = self.course, self._stood[member]
        for at, event in self.happened[member][told:]:
            course.settle(standing, at)
            course.apply(standing, event, at)
            course.settle(standing, at)
        self._stood[member] = (len(self.happened[member]), standing)
        shown = standing.copied()
        course.settle(shown, max(now, standing.seen or now))
        return shown

    def _is_there(self, receipt: Receipt, lines: dict[str, int], amount: int) -> bool:
        returns = [*receipt.line_returns, lines]
        rest = {}
        for line_id, line in receipt.lines.items():
            rest[line_id] = line.net - sum(back.get(line_id, 0) for back in returns)
            if rest[line_id] < 0 or sum(line_id in back for back in returns) > line.quantity:
                return False
        return sum(receipt.amounts) + amount <= sum(rest.values())

    def at(self, member: str, now: datetime) -> datetime:
        """Give the instant of what happens to a member now: never one before what happened last."""
        return max(now, self.happened[member][-1][0])

    def note(self, member: str, now: datetime, event: Happened) -> None:
        self.happened[member].append((self.at(member, now), event))


def _counts(line: Line) -> bool:
    return not line.gift_card and line.category != "烟草"
