"""The calculator against every number that was asked for. Amounts in fen; R1 = 1 point per 10 yuan, R2 = 1 per yuan."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from shared.earning.calculate import Award, calculate
from shared.earning.explain import CapLine, ExcludedLine, ItemsLine, TendersLine
from shared.earning.sale import Facts, Sale, SaleLine
from shared.program.model import Eligible, Level, Rounding, Safety, Stacking, StackingMode
from shared.program.rules import (
    Count,
    DateRange,
    EarnRule,
    ExtraPercent,
    FixedPoints,
    Multiply,
    PerAmount,
    Step,
    Steps,
    When,
)
from tests.builders import ZONE, a_ladder, a_line, a_program, a_sale, per_yuan, shanghai

WEDNESDAY = shanghai("2026-12-16 10:00")
R1, R2 = per_yuan(1, 10), per_yuan(1, 1)


def a_campaign(
    id_: str, *, times: str | None = None, extra: str | None = None, group: str = "", **when: Any
) -> EarnRule:
    give = Multiply(factor=Decimal(times)) if times else ExtraPercent(percent=Decimal(extra or 0))
    return EarnRule(id=id_, name=id_, give=give, group=group or None, when=When(**when))


def a_bonus(id_: str, points: int, **when: Any) -> EarnRule:
    return EarnRule(id=id_, name=id_, give=FixedPoints(points=points), when=When(**when))


def award(sale: Sale, *rules: EarnRule, tier: str = "normal", **program: Any) -> Award:
    return calculate(sale, Facts(tier_id=tier, zone=ZONE), a_program(*rules, **program))


def points(
    *nets: int, rules: tuple[EarnRule, ...] = (R1,), tier: str = "normal", at: Any = WEDNESDAY, **program: Any
) -> int:
    return award(a_sale(*nets, occurred_at=at), *rules, tier=tier, **program).points


WEDNESDAY_TWICE = a_campaign("wednesday", times="2", days=frozenset({2}))
NEW_CATEGORY = a_campaign("new-category", extra="30", categories=frozenset({"有机蔬菜"}))
WITH_DIAMOND = {
    "tiers": replace(
        a_ladder(), levels=(*a_ladder().levels, Level(id="diamond", name="钻石会员", reach=30_000, multiply=Decimal(2)))
    )
}


@pytest.mark.parametrize(("paid", "expected"), [(1_000, 1), (999, 0), (1_999, 1), (10_000, 10), (0, 0)])
def test_one_point_for_every_ten_yuan_s0_01_s0_02(paid: int, expected: int) -> None:
    assert points(paid) == expected


@pytest.mark.parametrize(("yuan", "expected"), [(10, 10), (1, 100)])
def test_both_ratios_are_a_setting_s1_01_s2_01(yuan: int, expected: int) -> None:
    assert points(10_000, rules=(per_yuan(1, yuan),)) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-09-30 23:59:59", 10),
        ("2026-10-01 00:00:00", 20),
        ("2026-10-07 23:59:59", 20),
        ("2026-10-08 00:00:00", 10),
    ],
)
def test_a_holiday_doubles_to_the_second_s0_16(at: str, expected: int) -> None:
    first, last = shanghai("2026-10-01 00:00").date(), shanghai("2026-10-07 12:00").date()
    holiday = DateRange(first=first.replace(month=10, day=1), last=last)
    assert points(10_000, rules=(R1, a_campaign("holiday", times="2", dates=(holiday,))), at=shanghai(at)) == expected


def test_a_member_day_doubles_one_to_one_s1_02() -> None:
    member_day = a_campaign("member-day", times="2", days_of_month=frozenset({16}))
    assert points(10_000, rules=(R2, member_day)) == 200


@pytest.mark.parametrize(("paid", "expected"), [(19_999, 199), (20_000, 240), (50_000, 750)])
def test_steps_apply_to_the_whole_order_s1_06(paid: int, expected: int) -> None:
    bands = ((0, "1"), (20_000, "1.2"), (50_000, "1.5"))
    steps = Steps(steps=tuple(Step(from_amount_minor=start, multiply=Decimal(times)) for start, times in bands))
    assert points(paid, rules=(R2, EarnRule(id="steps", name="steps", give=steps))) == expected


@pytest.mark.parametrize(("paid", "expected"), [(10_000, 20), (9_999, 9), (12_000, 22), (20_000, 30)])
def test_the_threshold_bonus_comes_once_per_order_s2_02(paid: int, expected: int) -> None:
    assert points(paid, rules=(R1, a_bonus("hundred", 10, min_amount_minor=10_000))) == expected


@pytest.mark.parametrize(
    ("tier", "paid", "expected"),
    [
        ("silver", 10_000, 120),
        ("silver", 9_900, 118),
        ("gold", 10_000, 150),
        ("diamond", 10_000, 200),
        ("normal", 10_000, 100),
    ],
)
def test_tiers_multiply_s2_14_s3_01_s3_11(tier: str, paid: int, expected: int) -> None:
    assert points(paid, rules=(R2,), tier=tier, **WITH_DIAMOND) == expected


@pytest.mark.parametrize(("campaigns", "expected"), [((), 150), ((a_campaign("double", times="2"),), 300)])
def test_a_tier_of_one_and_a_half_and_a_double_s2_15(campaigns: tuple[EarnRule, ...], expected: int) -> None:
    assert points(10_000, rules=(R2, *campaigns), tier="gold", tiers=a_ladder()) == expected


def test_a_tier_that_the_version_does_not_know_counts_as_the_lowest() -> None:
    assert points(10_000, rules=(R2,), tier="platinum", tiers=a_ladder()) == 100


def test_a_new_category_earns_thirty_percent_more_s3_02() -> None:
    assert award(a_sale(lines=(a_line(10_000, category="有机蔬菜"),)), R2, NEW_CATEGORY).points == 130


@pytest.mark.parametrize(("at", "expected"), [("2026-12-19 00:00:00", 150), ("2026-12-18 23:59:59", 100)])
def test_the_weekend_begins_at_local_midnight_s3_03(at: str, expected: int) -> None:
    assert (
        points(10_000, rules=(R2, a_campaign("weekend", times="1.5", days=frozenset({5, 6}))), at=shanghai(at))
        == expected
    )


@pytest.mark.parametrize(("category", "expected"), [("快消", 100), ("服饰", 200)])
def test_categories_have_their_own_base_rate_s3_04(category: str, expected: int) -> None:
    apparel = EarnRule(
        id="apparel",
        name="服饰",
        give=PerAmount(points=2, per_amount_minor=100),
        when=When(categories=frozenset({"服饰"})),
    )
    assert award(a_sale(lines=(a_line(10_000, category=category),)), R2, apparel).points == expected


@pytest.mark.parametrize(("tags", "expected"), [(("当日鲜品",), 150), (("昨日",), 100), ((), 100)])
def test_fresh_goods_of_the_day_earn_half_more_s3_05(tags: tuple[str, ...], expected: int) -> None:
    fresh = a_campaign("fresh", extra="50", item_tags=frozenset({"当日鲜品"}))
    assert award(a_sale(lines=(a_line(10_000, tags=tags),)), R2, fresh).points == expected


@pytest.mark.parametrize(("at", "expected"), [("2026-12-16 10:00", 200), ("2026-12-17 10:00", 100)])
def test_wednesday_doubles_s3_06(at: str, expected: int) -> None:
    assert points(10_000, rules=(R2, WEDNESDAY_TWICE), at=shanghai(at)) == expected


@pytest.mark.parametrize(("sku", "expected"), [("A", 200), ("B", 100)])
def test_a_campaign_may_name_skus(sku: str, expected: int) -> None:
    named = a_campaign("named", times="2", skus=frozenset({"A"}))
    assert award(a_sale(lines=(a_line(10_000, sku=sku),)), R2, named).points == expected


@pytest.mark.parametrize(("store", "expected"), [("SH001", 200), ("SH002", 100)])
def test_a_campaign_may_name_stores(store: str, expected: int) -> None:
    assert (
        award(a_sale(10_000, store_id=store), R2, a_campaign("here", times="2", stores=frozenset({"SH001"}))).points
        == expected
    )


@pytest.mark.parametrize(
    ("nets", "rules", "tier", "expected"),
    [
        ((990, 990, 20), (R1,), "normal", 2),
        ((1_500,), (R1,), "gold", 2),
        ((9_900,), (R2,), "silver", 118),
        ((10_005,), (R1,), "normal", 10),
    ],
)
def test_one_floor_per_sale_at_the_end_e13(
    nets: tuple[int, ...], rules: tuple[EarnRule, ...], tier: str, expected: int
) -> None:
    assert points(*nets, rules=rules, tier=tier, tiers=a_ladder()) == expected


@pytest.mark.parametrize(("paid", "expected"), [(1_499, 1), (1_500, 2), (1_999, 2)])
def test_half_up_rounds_once_as_well_e13(paid: int, expected: int) -> None:
    program = a_program(R1)
    program = replace(program, points=replace(program.points, rounding=Rounding.HALF_UP))
    assert calculate(a_sale(paid), Facts(tier_id="normal", zone=ZONE), program).points == expected


@pytest.mark.parametrize(
    ("mode", "cap", "expected"),
    [
        (StackingMode.BEST, None, 300),
        (StackingMode.BEST_PER_GROUP, None, 345),
        (StackingMode.ADD, None, 280),
        (StackingMode.MULTIPLY, None, 390),
        (StackingMode.BEST, 3, 300),
        (StackingMode.BEST_PER_GROUP, 3, 300),
        (StackingMode.ADD, 3, 280),
        (StackingMode.MULTIPLY, 3, 300),
    ],
)
def test_campaigns_stack_by_mode_e13(mode: StackingMode, cap: int | None, expected: int) -> None:
    stacking = Stacking(campaigns=mode, max_multiplier=None if cap is None else Decimal(cap))
    sale = a_sale(lines=(a_line(10_000, category="有机蔬菜"),), occurred_at=WEDNESDAY)
    rules = (R2, WEDNESDAY_TWICE, NEW_CATEGORY)
    assert award(sale, *rules, tier="gold", tiers=a_ladder(), stacking=stacking).points == expected
    assert award(sale, *reversed(rules), tier="gold", tiers=a_ladder(), stacking=stacking).points == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (StackingMode.BEST, 300),
        (StackingMode.BEST_PER_GROUP, 330),
        (StackingMode.ADD, 330),
        (StackingMode.MULTIPLY, 390),
    ],
)
def test_of_one_group_only_the_best_counts(mode: StackingMode, expected: int) -> None:
    rules = (
        R2,
        a_campaign("double", times="2", group="window"),
        a_campaign("triple", times="3", group="window"),
        a_campaign("thirty", extra="30"),
    )
    assert points(10_000, rules=rules, stacking=Stacking(campaigns=mode)) == expected


@pytest.mark.parametrize(("limit", "expected"), [(119, 119), (120, 120), (121, 120), (None, 120)])
def test_a_cap_trims_and_says_so_e13(limit: int | None, expected: int) -> None:
    got = award(a_sale(10_000), R2, a_bonus("twenty", 20), safety=Safety(per_order_max_points=limit))
    assert got.points == expected
    cut = [CapLine(cap="per_order", limit=119, points=-1)] if limit == 119 else []
    assert [line for line in got.explain if isinstance(line, CapLine)] == cut


@pytest.mark.parametrize(
    ("nets", "tier", "expected"),
    [
        ((1_999,), "normal", 1),
        ((1_999,), "gold", 1),
        ((990, 990, 20), "normal", 2),
        ((999,), "normal", 0),
        ((3_999,), "gold", 4),
    ],
)
def test_full_units_drop_what_is_short_of_a_unit(nets: tuple[int, ...], tier: str, expected: int) -> None:
    units = EarnRule(id="base", name="b", give=PerAmount(points=1, per_amount_minor=1_000, count=Count.FULL_UNITS))
    assert points(*nets, rules=(units,), tier=tier, tiers=a_ladder()) == expected


def test_full_units_drop_where_it_earns_least() -> None:
    units = EarnRule(id="base", name="b", give=PerAmount(points=1, per_amount_minor=1_000, count=Count.FULL_UNITS))
    triple = a_campaign("triple", times="3", categories=frozenset({"生鲜"}))
    lines = (a_line(1_000, "1", category="生鲜"), a_line(500, "2", category="其他"))
    got = award(a_sale(lines=lines), units, triple)
    assert got.points == 3
    assert [row.counted_minor for row in got.explain if isinstance(row, ItemsLine)] == [1_000, 0]


def test_only_eligible_tenders_earn() -> None:
    eligible = Eligible(payment_methods=frozenset({"cash"}))
    got = award(a_sale(10_000, tenders={"cash": 8_000, "points": 2_000}), R2, eligible=eligible)
    assert got.points == 80
    assert got.eligible_minor == 8_000
    assert TendersLine(eligible_minor=8_000, total_minor=10_000, currency="CNY") in got.explain


@pytest.mark.parametrize("tenders", [{"points": 10_000}, {"points": 0}])
def test_a_sale_without_eligible_tender_earns_nothing(tenders: dict[str, int]) -> None:
    rules = (R2, a_bonus("always", 5))
    got = award(a_sale(10_000, tenders=tenders), *rules, eligible=Eligible(payment_methods=frozenset({"cash"})))
    assert got.points == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [(a_line(10_000, category="烟草"), "category"), (a_line(10_000, category="礼品", gift_card=True), "gift-card")],
)
def test_excluded_lines_count_nothing_and_are_told(line: SaleLine, reason: str) -> None:
    eligible = Eligible(exclude_categories=frozenset({"烟草"}))
    got = award(
        a_sale(lines=(line, a_line(5_000, "2"))), R2, a_bonus("hundred", 10, min_amount_minor=10_000), eligible=eligible
    )
    assert got.points == 50
    assert [row.reason for row in got.explain if isinstance(row, ExcludedLine)] == [reason]


def test_the_minimum_counts_only_the_lines_that_the_rule_speaks_of() -> None:
    fresh = a_bonus("fresh", 10, min_amount_minor=10_000, categories=frozenset({"生鲜"}))
    short = (a_line(9_900, "1", category="生鲜"), a_line(9_900, "2", category="其他"))
    assert award(a_sale(lines=short), R1, fresh).points == 19
    assert award(a_sale(lines=(a_line(10_000, "1", category="生鲜"), short[1])), R1, fresh).points == 29


def test_lines_without_a_base_rate_earn_nothing_and_are_told() -> None:
    only_fresh = EarnRule(
        id="base", name="b", give=PerAmount(points=1, per_amount_minor=100), when=When(categories=frozenset({"生鲜"}))
    )
    got = award(a_sale(lines=(a_line(1_000, "1", category="生鲜"), a_line(1_000, "2", category="其他"))), only_fresh)
    assert got.points == 10
    assert [row.reason for row in got.explain if isinstance(row, ExcludedLine)] == ["no-rule"]


def test_the_highest_base_rate_of_a_line_counts_in_any_order() -> None:
    double = EarnRule(id="double", name="d", give=PerAmount(points=2, per_amount_minor=100))
    assert [points(10_000, rules=rules) for rules in ((R2, double), (double, R2))] == [200, 200]


def test_nothing_left_earns_nothing_not_even_fixed_bonuses() -> None:
    assert points(0, 0, rules=(R2, a_bonus("always", 50))) == 0


def test_thirds_are_exact() -> None:
    thirds = tuple(replace(a_line(0, str(at)), net_minor=Fraction(10_000, 3)) for at in range(3))
    assert award(a_sale(lines=thirds), R2).points == 100
