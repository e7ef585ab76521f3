"""What refunds leave of a sale, and what it is worth by the rules of the sale. Amounts in fen."""

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest

from shared.earning.calculate import calculate
from shared.earning.sale import Facts, RefundPart, ReturnedLine, Sale, after_refunds, categorise
from shared.errors import RefundExceedsSaleError
from shared.program.model import Program
from shared.program.rules import EarnRule, ExtraPercent, FixedPoints, Multiply, When
from tests.builders import ZONE, a_ladder, a_line, a_program, a_sale, per_yuan, shanghai

NORMAL = Facts(tier_id="normal", zone=ZONE)


def of_amount(amount_minor: int) -> RefundPart:
    return RefundPart(amount_minor=amount_minor)


def of_line(line_id: str, net_minor: int, quantity: int = 1) -> RefundPart:
    return RefundPart(
        lines=(ReturnedLine(line_id=line_id, quantity=Fraction(quantity), net_minor=Fraction(net_minor)),)
    )


def taken_back(sale: Sale, program: Program, *refunds: RefundPart, facts: Facts = NORMAL) -> list[int]:
    """Give the points that each refund takes, one after the other."""
    worth = [
        calculate(after_refunds(sale, refunds[:count]), facts, program).points for count in range(len(refunds) + 1)
    ]
    return [after - before for before, after in itertools.pairwise(worth)]


def test_ten_small_refunds_and_the_rest_e3() -> None:
    refunds = [of_amount(100)] * 10 + [of_amount(20_900)]
    assert taken_back(a_sale(21_900), a_program(), *refunds) == [0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -20]


def test_falling_below_a_threshold_takes_its_bonus_e4a() -> None:
    hundred = EarnRule(id="hundred", name="h", give=FixedPoints(points=10), when=When(min_amount_minor=10_000))
    assert taken_back(a_sale(12_000), a_program(per_yuan(1, 10), hundred), of_amount(3_000), of_amount(9_000)) == [
        -13,
        -9,
    ]


def test_the_rules_and_facts_of_the_sale_decide_a_refund_e4b() -> None:
    wednesday = EarnRule(id="wed", name="w", give=Multiply(factor=Decimal(2)), when=When(days=frozenset({2})))
    program = a_program(per_yuan(), wednesday, tiers=a_ladder())
    sale = a_sale(10_000, occurred_at=shanghai("2026-12-16 10:00"))
    assert taken_back(sale, program, of_amount(4_000), facts=Facts(tier_id="gold", zone=ZONE)) == [-120]


def test_a_returned_line_takes_its_own_points_e4c() -> None:
    new = EarnRule(
        id="new", name="n", give=ExtraPercent(percent=Decimal(30)), when=When(categories=frozenset({"新品"}))
    )
    sale = a_sale(lines=(a_line(4_000, "X", category="新品"), a_line(6_000, "Y", category="其他")))
    program = a_program(per_yuan(), new)
    assert calculate(sale, NORMAL, program).points == 112
    assert taken_back(sale, program, of_line("Y", 6_000), of_line("X", 4_000)) == [-60, -52]


def test_amounts_spread_over_what_lines_leave_in_any_order() -> None:
    sale = a_sale(lines=(a_line(3_000, "1", quantity=3), a_line(1_000, "2")))
    parts = (of_amount(1_000), of_line("1", 2_000, 2))
    left = after_refunds(sale, parts)
    assert [line.net_minor for line in left.lines] == [500, 500]
    assert [line.quantity for line in left.lines] == [1, 1]
    assert left.total_minor == 1_000
    assert after_refunds(sale, tuple(reversed(parts))) == left


def test_thirds_come_back_without_a_leak() -> None:
    sale = a_sale(3_333, 3_333, 3_334)
    left = after_refunds(sale, [of_amount(3_333), of_amount(3_333)])
    assert sum(line.net_minor for line in left.lines) == 3_334
    assert all(line.net_minor == 0 for line in after_refunds(sale, [of_amount(3_333), of_amount(6_667)]).lines)


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ([of_amount(10_001)], {"required": 10_001, "available": 10_000}),
        ([of_amount(6_000), of_amount(6_000)], {"required": 12_000, "available": 10_000}),
        ([of_line("1", 10_001)], {"line_id": "1", "required": 10_001, "available": 10_000}),
        ([of_line("1", 6_000), of_line("1", 6_000)], {"line_id": "1", "required": 12_000, "available": 10_000}),
        ([of_line("1", 5_000, 2)], {"line_id": "1", "required_quantity": "2", "available_quantity": "1"}),
        ([of_line("9", 100)], {"line_id": "9", "required": 100, "available": 0}),
        ([of_line("1", 10_000), of_amount(1)], {"required": 1, "available": 0}),
    ],
)
def test_refuses_more_than_the_sale_has(parts: list[RefundPart], fields: dict[str, object]) -> None:
    with pytest.raises(RefundExceedsSaleError) as refused:
        after_refunds(a_sale(10_000), parts)
    assert refused.value.fields.items() >= fields.items()


def test_no_refund_leaves_the_sale_as_it_is() -> None:
    sale = a_sale(10_000)
    assert after_refunds(sale, []) is sale


def test_categories_are_filled_in_by_sku_and_never_overwritten() -> None:
    lines = (a_line(1, "1", sku="A"), a_line(1, "2", sku="A", category="自带"), a_line(1, "3", sku="B"))
    got = categorise(a_sale(lines=lines), {"A": "生鲜"})
    assert [line.category for line in got.lines] == ["生鲜", "自带", "未分类"]
