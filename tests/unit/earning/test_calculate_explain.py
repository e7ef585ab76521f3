"""The explanation: exact text, both languages, the JSON, and why rules did not apply."""

import json
from decimal import Decimal

import pytest

from shared.earning.calculate import calculate
from shared.earning.explain import NotApplied
from shared.earning.explain_text import render, to_json
from shared.earning.sale import Facts, Sale
from shared.program.model import Eligible, Level, Program, Safety, Stacking, StackingMode, Tiers
from shared.program.rules import Count, DateRange, EarnRule, ExtraPercent, FixedPoints, Hours, Multiply, PerAmount, When
from tests.builders import ZONE, a_ladder, a_line, a_program, a_sale, per_yuan, shanghai

GOLD = Facts(tier_id="gold", zone=ZONE)
BASE = per_yuan(1, 10)
WEDNESDAY = EarnRule(
    id="wednesday-fresh",
    name="周三生鲜日",
    group="time-window",
    give=Multiply(factor=Decimal(2)),
    when=When(days=frozenset({2}), hours=Hours(start=480, end=1320), categories=frozenset({"生鲜"})),
)
NEW = EarnRule(
    id="new-category",
    name="新品类",
    give=ExtraPercent(percent=Decimal(30)),
    when=When(categories=frozenset({"有机蔬菜"})),
)
HUNDRED = EarnRule(
    id="hundred-plus-ten", name="满100元加赠10分", give=FixedPoints(points=10), when=When(min_amount_minor=10_000)
)
MEMBER_DAY = EarnRule(
    id="member-day",
    name="每月8日会员日双倍",
    group="time-window",
    give=Multiply(factor=Decimal(2)),
    when=When(days_of_month=frozenset({8})),
)


def the_program(*more: EarnRule, mode: StackingMode = StackingMode.BEST_PER_GROUP) -> Program:
    return a_program(
        BASE, WEDNESDAY, NEW, HUNDRED, MEMBER_DAY, *more, tiers=a_ladder(), stacking=Stacking(campaigns=mode)
    )


def the_sale() -> Sale:
    lines = (
        a_line(12_000, "1", category="生鲜"),
        a_line(5_800, "2", category="有机蔬菜"),
        a_line(9_000, "3", category="其他"),
    )
    return a_sale(lines=lines, occurred_at=shanghai("2026-12-16 10:00"))


def test_the_worked_example_is_70_points_and_says_why() -> None:
    award = calculate(the_sale(), GOLD, the_program())
    assert award.points == 70
    assert render(award.explain, award.not_applied) == (
        "60.81 → 60   消费积分   3 行商品\n"
        "  生鲜 ¥120.00 ÷10 × 金卡1.5 × (1+周三生鲜日1.0)            36.00\n"
        "  有机蔬菜 ¥58.00 ÷10 × 金卡1.5 × (1+新品类0.3)             11.31\n"
        "  其他 ¥90.00 ÷10 × 金卡1.5                                 13.50\n"
        "+10          满100元加赠10分\n"
        "未生效: 每月8日会员日双倍 — 今天是16日"
    )


def test_the_worked_example_in_english() -> None:
    award = calculate(the_sale(), GOLD, the_program())
    assert render(award.explain, award.not_applied, "en").splitlines()[::5] == [
        "60.81 → 60   purchase   3 lines",
        "Not applied: 每月8日会员日双倍 — today is day 16 of the month",
    ]


@pytest.mark.parametrize(
    ("mode", "row"),
    [
        (StackingMode.ADD, "生鲜 ¥120.00 ÷10 × (1+金卡0.5+周三生鲜日1.0)"),
        (StackingMode.MULTIPLY, "生鲜 ¥120.00 ÷10 × 金卡1.5 × 周三生鲜日2.0"),
        (StackingMode.BEST, "生鲜 ¥120.00 ÷10 × 金卡1.5 × (1+周三生鲜日1.0)"),
    ],
)
def test_a_row_shows_how_its_factors_combine(mode: StackingMode, row: str) -> None:
    award = calculate(the_sale(), GOLD, the_program(mode=mode))
    assert to_json(award.explain)["explain"][1]["text"] == row


def test_the_json_is_json_and_exact() -> None:
    award = calculate(the_sale(), GOLD, the_program())
    got = json.loads(json.dumps(to_json(award.explain, award.not_applied)))
    assert got["explain"][0] == {
        "kind": "total",
        "text": "消费积分   3 行商品",
        "exact": "60.81",
        "points": 60,
        "line_count": 3,
    }
    assert got["explain"][1] == {
        "kind": "items",
        "text": "生鲜 ¥120.00 ÷10 × 金卡1.5 × (1+周三生鲜日1.0)",
        "category": "生鲜",
        "line_count": 1,
        "amount_minor": 12_000,
        "currency": "CNY",
        "factors": [
            {"id": "gold", "name": "金卡", "bonus": "0.5"},
            {"id": "wednesday-fresh", "name": "周三生鲜日", "bonus": "1"},
        ],
        "rule_id": "base",
        "points": "36.00",
    }
    assert got["explain"][4] == {
        "kind": "bonus",
        "text": "满100元加赠10分",
        "rule_id": "hundred-plus-ten",
        "points": 10,
    }
    assert got["not_applied"] == [
        {"rule_id": "member-day", "name": "每月8日会员日双倍", "code": "day-of-month", "text": "今天是16日"}
    ]


def test_equal_lines_share_a_row_with_their_count() -> None:
    lines = tuple(a_line(1_000, str(at), category="饮料") for at in range(3))
    award = calculate(a_sale(lines=lines), Facts(tier_id="normal", zone=ZONE), a_program())
    assert render(award.explain).splitlines() == [
        "3            消费积分   3 行商品",
        "  饮料（3 行） ¥30.00 ÷10                                    3.00",
    ]


def test_what_does_not_count_is_told_too() -> None:
    lines = (a_line(10_000, "1", category="烟草"), a_line(20_000, "2", category="饮料"))
    sale = a_sale(lines=lines, tenders={"cash": 15_000, "points": 15_000})
    eligible = Eligible(payment_methods=frozenset({"cash"}), exclude_categories=frozenset({"烟草"}))
    program = a_program(per_yuan(2, 1), eligible=eligible, safety=Safety(per_order_max_points=150))
    award = calculate(sale, Facts(tier_id="normal", zone=ZONE), program)
    assert render(award.explain).splitlines() == [
        "200          消费积分   2 行商品",
        "  可积分的支付 ¥150.00 / ¥300.00",
        "  饮料 ¥100.00 × 2                                         200.00",
        "  烟草 ¥100.00 不参与积分",
        "-50          每笔最多 150 分",
    ]
    assert award.points == 150


def test_a_capped_multiplier_and_full_units_are_told() -> None:
    double = EarnRule(id="double", name="双倍", give=Multiply(factor=Decimal(2)))
    units = EarnRule(id="base", name="b", give=PerAmount(points=1, per_amount_minor=1_000, count=Count.FULL_UNITS))
    stacking = Stacking(max_multiplier=Decimal("1.5"))
    award = calculate(
        a_sale(lines=(a_line(1_999, category="饮料"),)),
        Facts(tier_id="normal", zone=ZONE),
        a_program(units, double, stacking=stacking),
    )
    assert to_json(award.explain)["explain"][1]["text"] == "饮料 ¥19.99（按¥10.00计） ÷10 × (1+双倍1.0)（封顶1.5倍）"


def missed(*, code_of: When, sale: Sale | None = None, facts: Facts = GOLD) -> NotApplied:
    rule = EarnRule(id="rule", name="活动", give=Multiply(factor=Decimal(2)), when=code_of)
    (found,) = calculate(sale or the_sale(), facts, a_program(BASE, rule, tiers=a_ladder())).not_applied
    return found


@pytest.mark.parametrize(
    ("when", "code", "chinese", "english"),
    [
        (When(days=frozenset({5, 6})), "weekday", "今天是周三", "today is Wednesday"),
        (
            When(hours=Hours(start=0, end=60)),
            "hours",
            "现在是10:00，时段是00:00-01:00",
            "it is 10:00, the window is 00:00-01:00",
        ),
        (When(days_of_month=frozenset({8})), "day-of-month", "今天是16日", "today is day 16 of the month"),
        (
            When(
                dates=(DateRange(first=shanghai("2027-06-12 12:00").date(), last=shanghai("2027-06-18 12:00").date()),)
            ),
            "dates",
            "今天是2026-12-16，活动日期是2027-06-12..2027-06-18",
            "today is 2026-12-16, the dates are 2027-06-12..2027-06-18",
        ),
        (When(stores=frozenset({"BJ001"})), "store", "不在 BJ001", "not in BJ001"),
        (When(tiers=frozenset({"silver"})), "tier", "会员等级为金卡", "the member's tier is 金卡"),
        (
            When(categories=frozenset({"母婴"})),
            "items",
            "没有符合条件的商品（母婴）",
            "no item of 母婴",
        ),
        (
            When(min_amount_minor=30_000),
            "min-amount",
            "可积分金额¥268.00，不满¥300.00",
            "¥268.00 earns points, less than ¥300.00",
        ),
    ],
)
def test_every_rule_with_a_condition_says_why_it_did_not_apply(
    when: When, code: str, chinese: str, english: str
) -> None:
    found = missed(code_of=when)
    assert (found.code, found.reason(), found.reason("en")) == (code, chinese, english)


def test_a_campaign_that_a_better_one_beats_says_so() -> None:
    better = EarnRule(id="triple", name="三倍", group="time-window", give=Multiply(factor=Decimal(3)), when=When())
    award = calculate(the_sale(), GOLD, the_program(better))
    told = {one.rule_id: one.reason() for one in award.not_applied}
    assert told == {"wednesday-fresh": "不叠加，已按三倍计算", "member-day": "今天是16日"}


def test_a_sale_of_nothing_eligible_says_so() -> None:
    found = missed(code_of=When(days=frozenset({2})), sale=a_sale(0, occurred_at=shanghai("2026-12-16 10:00")))
    assert found.reason() == "没有可积分的金额"


def test_rules_without_a_condition_are_never_reported() -> None:
    assert calculate(a_sale(0), GOLD, a_program(BASE)).not_applied == ()


def test_a_tier_named_member_only_keeps_its_name() -> None:
    ladder = Tiers(
        measure="visits", period="rolling", levels=(Level(id="m", name="会员", reach=0, multiply=Decimal(2)),)
    )
    award = calculate(a_sale(1_000), Facts(tier_id="m", zone=ZONE), a_program(tiers=ladder))
    assert "会员2.0" in render(award.explain)
