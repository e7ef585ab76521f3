"""The numbers that were asked for, by configuration alone: from what a marketer writes to the points of a sale.

What the calculation does with each kind of rule stands in tests/unit/earning; here is that a file reaches it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.earning.calculate import calculate
from shared.earning.sale import Facts
from shared.program.load import load_program
from tests.builders import a_line, a_sale, shanghai

HEAD = """\
schema: 1
program: 会员积分
timezone: Asia/Shanghai
currency: CNY
effective: 2026-01-01 00:00
points: {expire: {mode: never}}
tiers:
  measure: points_earned
  levels:
    - {id: normal, name: 普通, reach: 0}
    - {id: silver, name: 银卡, reach: 2000, multiply: 1.2}
    - {id: gold, name: 金卡, reach: 10000, multiply: 1.5}
    - {id: diamond, name: 钻石, reach: 30000, multiply: 2}
"""
R1 = "{id: base, name: 十元一分, on: purchase, give: {points: 1, per_amount: 10}}"
R2 = "{id: base, name: 一元一分, on: purchase, give: {points: 1, per_amount: 1}}"
NOON = "2026-12-15 12:00:00"  # a Tuesday


def rule(when: str, give: str) -> str:
    return f"{{id: rule, name: 活动, on: purchase, when: {when}, give: {give}}}"


def points(
    folder: Path,
    *rules: str,
    more: str = "",
    tier: str = "normal",
    at: str = NOON,
    known: Mapping[str, Any] | None = None,
    **line: Any,
) -> int:
    """Say what a sale earns by a file of these rules; `known` is what the member's other sales and birthday say."""
    path = folder / "program.yaml"
    earn = "".join(f"  - {one}\n" for one in rules)
    path.write_text(f"{HEAD}{more}earn:\n{earn}", "utf-8")
    paid, tender = line.pop("paid", 10_000), line.pop("tender", "cash")
    sale = a_sale(lines=(a_line(paid, **line),), tenders={str(tender): paid}, occurred_at=shanghai(at))
    program = load_program(path).draft.program
    facts = Facts(tier_id=tier, zone=program.business_zone, **(known or {}))
    return calculate(sale, facts, program).points


@pytest.mark.parametrize(
    ("base", "paid", "expected"),
    [(R1, 1_000, 1), (R1, 999, 0), (R1, 1_999, 1), (R1, 10_000, 10), (R2, 10_000, 100), (R1, 10_005, 10)],
)
def test_the_base_rate_is_a_setting_s0_01_s0_02_s1_01_s2_01(
    base: str, paid: int, expected: int, tmp_path: Path
) -> None:
    assert points(tmp_path, base, paid=paid) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-09-30 23:59:59", 10),
        ("2026-10-01 00:00:00", 20),
        ("2026-10-07 23:59:59", 20),
        ("2026-10-08 00:00:00", 10),
    ],
)
def test_a_holiday_doubles_inside_its_dates_s0_16(at: str, expected: int, tmp_path: Path) -> None:
    holiday = rule("{dates: 2026-10-01..2026-10-07}", "{multiply: 2}")
    assert points(tmp_path, R1, holiday, at=at) == expected


@pytest.mark.parametrize(
    ("tender", "expected"), [("cash", 10), ("card", 10), ("wechat_pay", 10), ("alipay", 10), ("points", 0)]
)
def test_the_ways_of_paying_that_earn_are_a_setting_s0_20(tender: str, expected: int, tmp_path: Path) -> None:
    eligible = "eligible: {payment_methods: [cash, card, wechat_pay, alipay]}\n"
    assert points(tmp_path, R1, more=eligible, tender=tender) == expected


@pytest.mark.parametrize(
    ("paid", "expected"), [(19_999, 199), (20_000, 240), (50_000, 750)], ids=["199.99", "200.00", "500.00"]
)
def test_more_bought_at_once_earns_at_a_higher_rate_s1_06(paid: int, expected: int, tmp_path: Path) -> None:
    steps = (
        "{steps: [{from_amount: 0, multiply: 1}, {from_amount: 200, multiply: 1.2}, {from_amount: 500, multiply: 1.5}]}"
    )
    assert points(tmp_path, R2, f"{{id: steps, name: 分段, on: purchase, give: {steps}}}", paid=paid) == expected


@pytest.mark.parametrize(("paid", "expected"), [(10_000, 20), (9_999, 9), (12_000, 22), (20_000, 30)])
def test_a_hundred_yuan_earn_ten_more_once_s2_02(paid: int, expected: int, tmp_path: Path) -> None:
    assert points(tmp_path, R1, rule("{min_amount: 100}", "{points: 10}"), paid=paid) == expected


@pytest.mark.parametrize(
    ("tier", "paid", "expected"),
    [
        ("normal", 10_000, 100),
        ("silver", 10_000, 120),
        ("silver", 9_900, 118),
        ("gold", 10_000, 150),
        ("diamond", 10_000, 200),
    ],
)
def test_tiers_multiply_s2_14_s2_15_s3_01_s3_11(tier: str, paid: int, expected: int, tmp_path: Path) -> None:
    assert points(tmp_path, R2, tier=tier, paid=paid) == expected


@pytest.mark.parametrize(("category", "expected"), [("有机蔬菜", 130), ("生鲜", 100)])
def test_a_new_category_earns_thirty_percent_more_s3_02(category: str, expected: int, tmp_path: Path) -> None:
    more = rule("{categories: [有机蔬菜]}", "{extra_percent: 30}")
    assert points(tmp_path, R2, more, category=category) == expected


@pytest.mark.parametrize("days", ["[sat, sun]", "[周六, 周日]"])
@pytest.mark.parametrize(("at", "expected"), [("2026-12-19 00:00:00", 150), ("2026-12-18 23:59:59", 100)])
def test_the_weekend_is_one_and_a_half_s3_03(at: str, expected: int, days: str, tmp_path: Path) -> None:
    assert points(tmp_path, R2, rule(f"{{days: {days}}}", "{multiply: 1.5}"), at=at) == expected


@pytest.mark.parametrize(("category", "expected"), [("快消", 100), ("服饰", 200)])
def test_a_category_has_a_base_rate_of_its_own_s3_04(category: str, expected: int, tmp_path: Path) -> None:
    apparel = rule("{categories: [服饰]}", "{points: 2, per_amount: 1}")
    assert points(tmp_path, R2, apparel, category=category) == expected


@pytest.mark.parametrize(("tag", "expected"), [("当日鲜品", 150), ("昨日鲜品", 100)])
def test_goods_of_the_day_earn_half_more_s3_05(tag: str, expected: int, tmp_path: Path) -> None:
    assert points(tmp_path, R2, rule("{item_tags: [当日鲜品]}", "{extra_percent: 50}"), tags=(tag,)) == expected


@pytest.mark.parametrize(("at", "expected"), [("2026-12-16 10:00", 200), ("2026-12-17 10:00", 100)])
def test_wednesday_doubles_s3_06(at: str, expected: int, tmp_path: Path) -> None:
    assert points(tmp_path, R2, rule("{days: [周三]}", "{multiply: 2}"), at=at) == expected


@pytest.mark.parametrize(
    ("stacking", "expected"),
    [
        ("", 300),
        ("stacking: {campaigns: best}\n", 300),
        ("stacking: {campaigns: best_per_group}\n", 345),
        ("stacking: {campaigns: add}\n", 280),
        ("stacking: {campaigns: multiply}\n", 390),
        ("stacking: {campaigns: multiply, max_multiplier: 3}\n", 300),
    ],
)
def test_how_campaigns_stack_is_a_setting_e13(stacking: str, expected: int, tmp_path: Path) -> None:
    wednesday = "{id: wed, name: 周三, on: purchase, when: {days: [wed]}, give: {multiply: 2}}"
    category = rule("{categories: [有机蔬菜]}", "{extra_percent: 30}")
    at = "2026-12-16 10:00"
    got = points(tmp_path, R2, wednesday, category, more=stacking, tier="gold", at=at, category="有机蔬菜")
    assert got == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-12-07 23:59:59", 100),
        ("2026-12-08 00:00:00", 200),
        ("2026-12-08 23:59:59", 200),
        ("2026-12-09 00:00:00", 100),
    ],
)
def test_the_8th_of_the_month_earns_double_s3_14(at: str, expected: int, tmp_path: Path) -> None:
    """The earning side of a members' day; what redeeming costs on it is another feature."""
    assert points(tmp_path, R2, rule("{days_of_month: [8]}", "{multiply: 2}"), at=at) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-12-19 03:59:59", 100),
        ("2026-12-19 04:00:00", 150),
        ("2026-12-20 03:59:59", 150),
        ("2026-12-21 03:59:59", 150),
        ("2026-12-21 04:00:00", 100),
    ],
)
def test_the_weekend_of_a_night_shop_ends_when_its_last_evening_does(at: str, expected: int, tmp_path: Path) -> None:
    weekend = rule("{days: [sat, sun]}", "{multiply: 1.5}")
    assert points(tmp_path, R2, weekend, more='day_starts_at: "04:00"\n', at=at) == expected


@pytest.mark.parametrize(
    ("when", "at"),
    [("{days_of_month: [8]}", "2026-12-08 10:00"), ("{dates: 2026-12-25}", "2026-12-25 10:00")],
)
def test_a_members_day_or_a_holiday_doubles_one_to_one_s1_02(when: str, at: str, tmp_path: Path) -> None:
    double = rule(when, "{multiply: 2}")
    assert [points(tmp_path, R2, double, at=at), points(tmp_path, R2, double)] == [200, 100]


@pytest.mark.parametrize(("number", "expected"), [(1, 116), (2, 58)])
def test_the_first_order_doubles_s1_04(number: int, expected: int, tmp_path: Path) -> None:
    first = rule("{order_number: 1}", "{multiply: 2}")
    assert points(tmp_path, R2, first, paid=5_800, known={"order_number": number}) == expected


@pytest.mark.parametrize(("number", "expected"), [(4, 10), (5, 60), (6, 10)])
def test_the_fifth_order_of_a_month_gives_fifty_s1_07(number: int, expected: int, tmp_path: Path) -> None:
    fifth = rule("{order_number_in_month: 5}", "{points: 50}")
    assert points(tmp_path, R1, fifth, known={"order_in_month": number}) == expected


@pytest.mark.parametrize(("today", "expected"), [(frozenset({"day"}), 300), (frozenset(), 150)])
def test_a_birthday_doubles_s2_15(today: frozenset[str], expected: int, tmp_path: Path) -> None:
    born = rule("{birthday: day, tiers: [gold]}", "{multiply: 2}")
    assert points(tmp_path, R2, born, tier="gold", known={"birthday": today}) == expected


@pytest.mark.parametrize(("reached", "expected"), [(frozenset({"rule"}), 110), (frozenset(), 10)])
def test_spending_in_two_stores_gives_a_bonus_s2_19(reached: frozenset[str], expected: int, tmp_path: Path) -> None:
    totals = "when: {within_days: 30, distinct_stores: 2, total_amount: 300}, limit: {per_member: 1, every: month}"
    cross = f"{{id: rule, name: 两店满300, on: purchase, {totals}, give: {{points: 100}}}}"
    assert points(tmp_path, R1, cross, known={"reached": reached}) == expected
