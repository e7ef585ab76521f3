"""Points of a rule that live otherwise than the program's: to their own lots, and back from them (F22)."""

import random
from datetime import timedelta

import pytest

from shared.program.rules import EarnRule, FixedPoints, When
from tests.builders import NOW, Till, a_program, a_refund, a_sale, days, months, per_yuan, publish

HUNDRED_PLUS_TEN = EarnRule(
    id="hundred", name="满100加10", give=FixedPoints(points=10), when=When(min_amount_minor=10_000), expire=days(7)
)
YEAR = months(12)
TWO_LINES = (9_000, 3_000)


@pytest.fixture
def till(bare_till: Till) -> Till:
    publish(bare_till.ledger, a_program(per_yuan(1, 10), HUNDRED_PLUS_TEN, expire=YEAR))
    return bare_till


def lots(till: Till, member: str) -> list[int]:
    """Give the points of the lots, soonest to lapse first."""
    return [points for _, points in sorted(till.account(member).lots.items())]


def test_a_bonus_has_a_lot_of_its_own(till: Till) -> None:
    member = till.a_member()
    assert till.sell(a_sale(*TWO_LINES), member).points == 22
    assert lots(till, member) == [10, 12]
    assert till.audit(member) == []


def test_e4_a_return_takes_the_bonus_from_its_lot_and_the_rest_from_the_other(till: Till) -> None:
    member = till.a_member()
    till.sell(a_sale(*TWO_LINES), member)
    assert till.take_back(a_refund(lines={"2": 3_000})).points == -13
    assert lots(till, member) == [9]
    assert till.take_back(a_refund(lines={"1": 9_000}, refund_id="R-2")).points == -9
    assert lots(till, member) == []
    assert till.audit(member) == []


def test_what_lapsed_meanwhile_is_taken_from_the_others_and_then_owed(till: Till) -> None:
    member = till.a_member()
    till.sell(a_sale(*TWO_LINES), member)
    till.clock.forward(days=8)
    assert till.take_back(a_refund(lines={"2": 3_000}, occurred_at=till.clock())).points == -13
    assert till.balance(member) == (-1, 0, 0, 1)
    assert till.audit(member) == []


def test_pending_points_keep_their_lots_apart(bare_till: Till) -> None:
    till = bare_till
    publish(till.ledger, a_program(per_yuan(1, 10), HUNDRED_PLUS_TEN, expire=YEAR, pending_days=7))
    member = till.a_member()
    till.sell(a_sale(*TWO_LINES), member)
    till.take_back(a_refund(lines={"2": 3_000}))
    assert sorted(till.account(member).pending.values()) == [9]
    till.clock.forward(days=7)
    till.sell(a_sale(12_000, receipt_id="B", occurred_at=till.clock() - timedelta(days=7)), member)
    assert lots(till, member) == [10, 9 + 12]
    assert till.audit(member) == []


@pytest.mark.parametrize("seed", range(12))
def test_returns_in_any_parts_leave_nothing_behind(till: Till, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 a test repeats itself by its seed
    member = till.a_member()
    amounts = [chance.randrange(100, 9_000) for _ in range(4)]
    earned = till.sell(a_sale(*amounts), member).points
    left, taken = sum(amounts), 0
    for number in range(12):
        part = min(left, chance.randrange(1, 4_000)) if number < 11 else left
        if part:
            refund = a_refund(part, refund_id=f"R-{number}", occurred_at=NOW)
            taken += till.take_back(refund).points
            left -= part
    assert taken == -earned
    assert (lots(till, member), till.balance(member)) == ([], (0, 0, 0, 0))
    assert till.audit(member) == []
