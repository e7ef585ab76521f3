"""Random histories of the pure core and the model: an operation, told to both, and then all that must hold.

A history is its seed: the same seed makes the same operations. It is checked after each one, so where it fails it
has no shorter beginning that fails.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import Any, Final

import pytest

from shared.errors import InsufficientPointsError, InvalidFieldError, OutOfStockError, RefundExceedsSaleError
from shared.ledger.entries import Entry
from shared.program.actions import CHECK_IN, ActionRule, Streak
from shared.program.model import AlreadySpent
from shared.program.rules import FixedPoints
from shared.redemption.rewards import Reward
from shared.redemption.shards import changes
from tests.builders import a_line, a_refund, a_sale, a_void
from tests.ledger_model import Line, Model, Receipt
from tests.ledger_standing import Given, Spent
from tests.property.core import Core
from tests.property.marketers import EXPIRY, ZONES, Choice
from tests.property.sameness import hold, stands_as_written

START: Final = datetime.fromisoformat("2026-12-16T02:21:03.120+00:00")
STREAK: Final = (2, 3, 5)
FOLLOWED: Final = 4
INVITED: Final = 6
PIECES: Final = 40
PRICE: Final = 3
MOST_MEMBERS: Final = 4
MONSTROUS: Final = 10**21
ACTIONS: Final = (
    ActionRule(id="check-in", name="签到", on="check_in", give=Streak(points=STREAK)),
    ActionRule(id="follow", name="关注", on="follow", give=FixedPoints(points=FOLLOWED)),
    ActionRule(id="invite", name="邀请有礼", on="referral_enrolled", give=FixedPoints(points=INVITED), to="both"),
)


class DifferenceError(AssertionError):
    """The core and the model came apart, or an invariant broke; the message tells the history up to there."""


@dataclass(slots=True)
class History:
    """A world of one to three members, and what happens in it."""

    seed: str
    told: list[tuple[object, ...]] = field(default_factory=list)
    again: list[Callable[[], object]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    streaks: dict[str, tuple[date | None, int]] = field(default_factory=dict)
    sales: list[str] = field(default_factory=list)
    live: dict[str, int] = field(default_factory=dict)
    redeemed: list[tuple[str, str]] = field(default_factory=list)
    number: int = 0
    now: datetime = START
    chance: random.Random = field(init=False)
    core: Core = field(init=False)
    model: Model = field(init=False)

    def __post_init__(self) -> None:
        self.chance = chance = random.Random(self.seed)  # noqa: S311 a test repeats itself by its seed
        choice = Choice(
            zone=chance.choice(ZONES),
            pending_days=chance.choice((0, 0, 3, 14)),
            expiry=chance.choice(sorted(EXPIRY)),
            policy=chance.choice(list(AlreadySpent)),
            grace_days=chance.choice((0, 30)),
            revoke_days=chance.choice((0, 30)),
        )
        self.told.append((choice,))
        reward = Reward(id="piece", name="一件", points=PRICE, stock=PIECES, shards=3)
        stock = changes(dict.fromkeys(range(reward.shards), 0), PIECES, reward_id=reward.id)
        self.core = Core(choice.program(actions=ACTIONS), reward, dict(stock))
        self.model = Model(rules=choice.rules())
        for _ in range(chance.randrange(1, 4)):
            self._join()

    def live_through(self, steps: int) -> None:
        """Let so many things happen, checking after each. Raises DifferenceError."""
        try:
            for _ in range(steps):
                (happen,) = self.chance.choices(_KINDS, cum_weights=_WEIGHTS)
                happen(self)
                hold(self.core, self.model, sorted(self.touched), self.now)
                assert sum(self.core.stock.values()) == PIECES - sum(self.live.values()), "L11"
                self.touched.clear()
            stands_as_written(self.core, self.model, self.now)
        except Exception as error:
            history = "\n".join(" ".join(map(str, (at, *one))) for at, one in enumerate(self.told))
            raise DifferenceError(f"history {self.seed!r} after {len(self.told) - 1} operations:\n{history}") from error

    # What happens

    def _sell(self) -> None:
        chance, member = self.chance, self._somebody()
        lines = {
            str(at): Line(
                net=chance.randrange(300) if chance.random() < 0.3 else chance.randrange(30_000),
                quantity=chance.randrange(1, 4),
                category=chance.choice(("零食", "家居", "烟草")),
                gift_card=chance.random() < 0.08,
            )
            for at in range(1, chance.choice((2, 2, 3)))
        }
        total = sum(line.net for line in lines.values())
        voucher = total * chance.choice((0, 0, 0, 1, 3)) // 4
        receipt_id = self._name("T")
        sale = a_sale(
            lines=[
                a_line(line.net, at, quantity=line.quantity, category=line.category, gift_card=line.gift_card)
                for at, line in lines.items()
            ],
            tenders={"cash": total - voucher, "voucher": voucher} if voucher else {"wechat_pay": total},
            receipt_id=receipt_id,
            occurred_at=self.now - timedelta(hours=chance.choice((0, 0, chance.randrange(29 * 24)))),
        )
        self._tell("sells", member, receipt_id, lines, voucher, sale.occurred_at)
        counted = Fraction(total - voucher, total) if voucher else Fraction(1)
        receipt = Receipt(lines=lines, counted=counted, member=member, occurred=sale.occurred_at)
        entry = self.core.sell(member, sale, self.now)
        self.model.sell(receipt_id, receipt, self.now)
        assert entry
        assert entry.movement.points + entry.movement.points_pending == receipt.earned
        self.sales.append(receipt_id)
        self._may_come_again(lambda: self.core.sell(member, sale, self.now))

    def _sell_what_nobody_can_pay(self) -> None:
        member = self._somebody()
        self._tell("sells what nobody can pay", member)
        sale = a_sale(MONSTROUS, receipt_id=self._name("T"), occurred_at=self.now)
        with pytest.raises(InvalidFieldError):
            self.core.sell(member, sale, self.now)

    def _give_back(self) -> None:
        """Give something back: a part or all of a line, an amount, exactly the rest, or more than that."""
        if not self.sales:
            return
        receipt_id = self.chance.choice(self.sales[-6:])
        receipt = self.model.receipts[receipt_id]
        left = self.model.left(receipt)
        share = self.chance.randrange(6)
        rest = int(sum(left.values()))
        line_id = self.chance.choice(sorted(left))
        by = self.chance.choice(("line", "amount", "rest"))
        part: dict[str, Any] = {"amount": rest if by == "rest" else rest * share // 4}
        if by == "line":
            part = {"lines": {line_id: receipt.lines[line_id].net * share // 4}}
        self._take_back(receipt_id, part)

    def _void(self) -> None:
        standing = [one for one in self.sales[-6:] if not self.model.receipts[one].voided]
        if standing:
            self._take_back(self.chance.choice(standing), {"void": True})

    def _take_back(self, receipt_id: str, part: dict[str, Any]) -> None:
        receipt = self.model.receipts[receipt_id]
        self._tell("gives back", receipt_id, part)
        if "void" in part:
            event = a_void(receipt_id=receipt_id, occurred_at=self.now)
        else:
            event = a_refund(
                part.get("amount"),
                lines=part.get("lines"),
                refund_id=self._name("R"),
                receipt_id=receipt_id,
                occurred_at=self.now,
            )
        before = receipt.taken
        if not self.model.give_back(receipt_id, self.now, **part):
            with pytest.raises(RefundExceedsSaleError):
                self.core.take_back(event, self.now)
            return
        entry = self.core.take_back(event, self.now)
        assert entry
        written_off = entry.details.get("wo", 0)
        assert written_off - entry.movement.points - entry.movement.points_pending == receipt.taken - before
        assert 0 <= receipt.taken <= receipt.earned, "L7"
        assert not receipt.voided or receipt.taken == receipt.earned, "L7"
        self.touched.add(str(receipt.member))
        self._may_come_again(lambda: self.core.take_back(event, self.now))

    def _redeem(self) -> None:
        member, redemption = self._somebody(), self._name("rdm")
        points = sum(self.model.standing(member, self.now).lots.values())
        quantity = max(1, min(points // PRICE * self.chance.randrange(1, 6) // 4, 12))
        self._tell("redeems", member, redemption, quantity)
        left = PIECES - sum(self.live.values())
        if points < PRICE * quantity:
            with pytest.raises(InsufficientPointsError):
                self.core.redeem(member, redemption, quantity, self.now)
            return
        if left < quantity:
            with pytest.raises(OutOfStockError):
                self.core.redeem(member, redemption, quantity, self.now)
            return
        assert self.core.redeem(member, redemption, quantity, self.now)
        self.model.spend(member, redemption, PRICE * quantity, self.now)
        self.live[redemption] = quantity
        self.redeemed.append((member, redemption))
        self._may_come_again(lambda: self.core.redeem(member, redemption, quantity, self.now))

    def _cancel(self) -> None:
        if not self.redeemed:
            return
        member, redemption = self.redeemed.pop(self.chance.randrange(len(self.redeemed)))
        self._tell("cancels", redemption)
        assert self.core.cancel(redemption, self.now)
        self.model.undo(member, redemption, self.now)
        del self.live[redemption]
        self.touched.add(member)
        self._may_come_again(lambda: self.core.cancel(redemption, self.now))

    def _check_in(self) -> None:
        member = self._somebody()
        self._tell("checks in", member)
        today = self.model.day(self.model.at(member, self.now))
        last, length = self.streaks.get(member, (None, 0))
        entry = self.core.act(member, CHECK_IN, "", self.now)
        if last == today:
            assert entry is None
            return
        length = length + 1 if last == today - timedelta(days=1) else 1
        self.streaks[member] = (today, length)
        self._given(member, entry, STREAK[(length - 1) % len(STREAK)])

    def _follow(self) -> None:
        member, event_id = self._somebody(), self._name("E")
        self._tell("follows", member)
        self._given(member, self.core.act(member, "follow", event_id, self.now), FOLLOWED)
        self._may_come_again(lambda: self.core.act(member, "follow", event_id, self.now))

    def _invite(self) -> None:
        if len(self.model.happened) >= MOST_MEMBERS:
            return
        referrer, friend = self._somebody(), f"mem_{len(self.model.happened)}"
        self._tell("invites", referrer, friend)
        self.model.open(friend, self.now)
        assert self.core.refer(friend, referrer, self.now) == (INVITED, INVITED)
        for member in (friend, referrer):
            self.model.note(member, self.now, self._gift(member, INVITED))
            self.touched.add(member)

    def _adjust(self) -> None:
        member, name = self._somebody(), self._name("adj")
        points = self.chance.choice((-40, -9, -1, 1, 8, 30))
        self._tell("adjusts", member, points)
        if -points > sum(self.model.standing(member, self.now).lots.values()):
            with pytest.raises(InsufficientPointsError):
                self.core.adjust(member, name, points, self.now)
            return
        gift = self._gift(member, points) if points > 0 else Spent(name, -points)
        assert self.core.adjust(member, name, points, self.now)
        self.model.note(member, self.now, gift)
        self._may_come_again(lambda: self.core.adjust(member, name, points, self.now))

    def _let_time_pass(self) -> None:
        hours = self.chance.choice((self.chance.randrange(-6, 48), self.chance.randrange(480), 730))
        months = self.chance.choice((0, 0, 0, self.chance.randrange(1, 14)))
        self.now += timedelta(hours=hours, days=30.4 * months)
        self._tell("time passes")
        self.touched.update(self.model.happened)

    def _sweep(self) -> None:
        member = self._somebody()
        self._tell("is swept", member)
        if self.core.sweep(member, self.now):
            self.model.touch(member, self.now)

    def _repeat(self) -> None:
        """Tell an earlier operation again: nothing happens."""
        if self.again:
            self._tell("comes again")
            assert self.chance.choice(self.again)() is None

    # Helpers of the above

    def _join(self) -> None:
        member = f"mem_{len(self.model.happened)}"
        self.core.open(member, self.now)
        self.model.open(member, self.now)

    def _given(self, member: str, entry: Entry | None, points: int) -> None:
        assert entry
        assert entry.movement.points == points
        self.model.note(member, self.now, self._gift(member, points))

    def _gift(self, member: str, points: int) -> Given:
        return Given(points, self.model.rules.last_day(self.model.day(self.model.at(member, self.now))))

    def _may_come_again(self, tell: Callable[[], object]) -> None:
        self.again.append(tell)

    def _somebody(self) -> str:
        member = self.chance.choice(list(self.model.happened))
        self.touched.add(member)
        return member

    def _name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}-{self.number}"

    def _tell(self, what: str, *about: object) -> None:
        self.told.append((self.now, what, *about))


_HAPPENINGS: Final[dict[Callable[[History], None], int]] = {
    History._sell: 6,
    History._sell_what_nobody_can_pay: 1,
    History._give_back: 3,
    History._void: 1,
    History._redeem: 14,
    History._cancel: 9,
    History._check_in: 10,
    History._follow: 6,
    History._invite: 2,
    History._adjust: 11,
    History._let_time_pass: 10,
    History._sweep: 10,
    History._repeat: 14,
}
_KINDS: Final = list(_HAPPENINGS)
_WEIGHTS: Final = list(accumulate(_HAPPENINGS.values()))


def histories(group: int, count: int) -> Iterator[History]:
    """Give the histories of a group of seeds."""
    return (History(f"{group}/{number}") for number in range(count))
