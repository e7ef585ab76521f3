"""Points that live otherwise than the program's: whose are whose when all are rounded once."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate

import pytest

from shared.earning.calculate import Award, calculate
from shared.earning.sale import Facts
from shared.earning.shares import Share, lots_of
from shared.program.expiry import ExpirePolicy, ExpiryMode
from shared.program.model import Program, Rounding, Safety
from shared.program.rules import EarnRule, FixedPoints, Multiply, PerAmount, When
from tests.builders import NORMAL, ZONE, a_line, a_program, a_sale, months, per_yuan

WEEK = ExpirePolicy(mode=ExpiryMode.DAYS_AFTER_EARNING, days=7)
YEAR = months(12)
HUNDRED_PLUS_TEN = EarnRule(
    id="hundred", name="满100加10", give=FixedPoints(points=10), when=When(min_amount_minor=10_000), expire=WEEK
)
FRESH = EarnRule(
    id="fresh",
    name="生鲜一元一分",
    give=PerAmount(points=1, per_amount_minor=100),
    when=When(categories=frozenset({"生鲜"})),
    expire=WEEK,
)
DOUBLE = EarnRule(id="double", name="双倍", give=Multiply(factor=Decimal(2)))


def award(program: Program, *amounts_minor: int, fresh_minor: int = 0) -> Award:
    lines = [a_line(net, str(at)) for at, net in enumerate(amounts_minor, start=1)]
    if fresh_minor:
        lines.append(a_line(fresh_minor, "fresh", category="生鲜"))
    return calculate(a_sale(lines=lines), Facts(tier_id=NORMAL, zone=ZONE), program)


def test_a_bonus_lives_as_its_rule_says() -> None:
    program = a_program(per_yuan(1, 10), HUNDRED_PLUS_TEN, expire=YEAR)
    assert award(program, 12_000).shares == (Share(None, 12), Share(WEEK, 10))
    assert award(program, 9_000).shares == (Share(None, 9),)


def test_a_base_rate_takes_its_multipliers_along() -> None:
    program = a_program(per_yuan(1, 10), FRESH, DOUBLE, expire=YEAR)
    assert award(program, 10_000, fresh_minor=1_000).shares == (Share(None, 20), Share(WEEK, 20))


@pytest.mark.parametrize(
    ("amount", "fresh", "rounding", "shares"),
    [
        (990, 90, Rounding.FLOOR, (1, 0)),  # 0.99 and 0.9 make 1.89: one point, to the larger fraction
        (950, 99, Rounding.FLOOR, (0, 1)),  # 0.95 and 0.99
        (990, 90, Rounding.HALF_UP, (1, 1)),
        (500, 50, Rounding.FLOOR, (1, 0)),  # a tie goes to the program's own
        (0, 90, Rounding.HALF_UP, (0, 1)),
    ],
)
def test_one_rounding_is_shared_out(amount: int, fresh: int, rounding: Rounding, shares: tuple[int, int]) -> None:
    program = a_program(per_yuan(1, 10), FRESH, expire=YEAR)
    program = replace(program, points=replace(program.points, rounding=rounding))
    told = dict(award(program, *([amount] if amount else []), fresh_minor=fresh).shares)
    assert (told.get(None, 0), told.get(WEEK, 0)) == shares


def test_a_cap_takes_from_each_in_proportion() -> None:
    program = a_program(per_yuan(1, 10), FRESH, expire=YEAR, safety=Safety(per_order_max_points=10))
    assert award(program, 20_000, fresh_minor=2_000).shares == (Share(None, 5), Share(WEEK, 5))


@pytest.mark.parametrize("cap", [None, 7, 50])
def test_shares_always_add_up_to_the_points(cap: int | None) -> None:
    rules = (per_yuan(1, 10), FRESH, DOUBLE, HUNDRED_PLUS_TEN)
    program = a_program(*rules, expire=YEAR, safety=Safety(per_order_max_points=cap))
    for amount in accumulate(range(1, 60), initial=1):
        told = award(program, amount * 7, fresh_minor=amount * 3)
        assert sum(share.points for share in told.shares) == told.points
        assert all(share.points > 0 for share in told.shares)


def test_lots_follow_from_the_day_on_which_points_are_usable() -> None:
    shares = (Share(None, 12), Share(WEEK, 10))
    assert lots_of(shares, date(2026, 3, 1), a_program(expire=YEAR)) == {"270301": 12, "260308": 10}


def test_one_day_is_one_lot() -> None:
    shares = (Share(None, 12), Share(WEEK, 10))
    assert lots_of(shares, date(2026, 3, 1), a_program(expire=WEEK)) == {"260308": 22}
