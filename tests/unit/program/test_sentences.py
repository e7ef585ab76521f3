"""The program in plain language: what is said is what is calculated. S2-20, S2-22."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.program.actions import ActionRule, Choice, Evidence, FirstMatch, Streak
from shared.program.expiry import ExpirePolicy, ExpiryMode, RoundTo
from shared.program.model import AlreadySpent, Eligible, Level, PointsPolicy, Program, Safety, Stacking, Tiers
from shared.program.rules import (
    Budget,
    Count,
    DateRange,
    EarnRule,
    ExtraPercent,
    FixedPoints,
    Give,
    Hours,
    Multiply,
    PerAmount,
    RuleLimit,
    Step,
    Steps,
    When,
)
from shared.program.sentences import action_sentence, rule_sentence, term_sentences, tiers_sentence

LADDER = Tiers(
    measure="points_earned",
    period="rolling",
    levels=(Level(id="normal", name="普通会员", reach=0), Level(id="gold", name="金卡会员", reach=10_000)),
)


def a_program(**fields: Any) -> Program:
    return Program(version=1, name="积分", zone="Asia/Shanghai", currency="CNY", earn=(), tiers=LADDER, **fields)


def said(give: Give, **when: Any) -> tuple[str, str]:
    rule = EarnRule(id="r", name="r", give=give, when=When(**when))
    sentence = rule_sentence(rule, a_program())
    return sentence.zh, sentence.en


@pytest.mark.parametrize(
    ("give", "zh", "en"),
    [
        (PerAmount(points=1, per_amount_minor=1000), "每消费 ¥10.00 积 1 分。", "1 point for every ¥10.00 spent."),
        (
            PerAmount(points=2, per_amount_minor=100, count=Count.FULL_UNITS),
            "每满 ¥1.00 积 2 分。",
            "2 points for every full ¥1.00 spent.",
        ),
        (FixedPoints(points=10), "加赠 10 分。", "10 points extra."),
        (Multiply(factor=Decimal("1.50")), "积分 ×1.5。", "Points ×1.5."),
        (ExtraPercent(percent=Decimal(30)), "积分多 30%。", "30% more points."),
        (
            Steps(
                steps=(
                    Step(from_amount_minor=0, multiply=Decimal(1)),
                    Step(from_amount_minor=50_000, multiply=Decimal("1.2")),
                )
            ),
            "满 ¥500.00 积分 ×1.2。",
            "Points ×1.2 from ¥500.00.",
        ),
    ],
)  # fmt: skip
def test_says_what_a_rule_gives(give: Give, zh: str, en: str) -> None:
    assert said(give) == (zh, en)


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        ({"days": frozenset({5, 6})}, "周六、周日", "on Saturdays and Sundays"),
        ({"hours": Hours(start=480, end=1320)}, "08:00-22:00", "from 08:00 to 22:00"),
        ({"days_of_month": frozenset({8, -1})}, "每月8日、最后一天", "on day 8 and the last day of the month"),
        ({"days_of_month": frozenset({-2})}, "每月倒数第2天", "on the last day but 1 of the month"),
        (
            {"dates": (DateRange(first=date(2027, 6, 16), last=date(2027, 6, 20)),)},
            "2027-06-16 至 2027-06-20",
            "from 2027-06-16 to 2027-06-20",
        ),
        ({"stores": frozenset({"SH002", "SH001"})}, "门店 SH001、SH002", "in the stores SH001 and SH002"),
        ({"tiers": frozenset({"gold"})}, "金卡会员", "for 金卡会员"),
        ({"categories": frozenset({"生鲜"})}, "品类 生鲜", "on 生鲜"),
        ({"item_tags": frozenset({"当日鲜品"})}, "标签为 当日鲜品 的商品", "on items marked 当日鲜品"),
        ({"skus": frozenset({"1", "2"})}, "指定的 2 种商品", "on 2 selected items"),
        ({"min_amount_minor": 10_000}, "单笔满 ¥100.00", "from ¥100.00 per purchase"),
        (
            {"days": frozenset({2}), "hours": Hours(start=480, end=1320), "categories": frozenset({"生鲜"})},
            "周三，08:00-22:00，品类 生鲜",
            "on Wednesdays from 08:00 to 22:00 on 生鲜",
        ),
    ],
)
def test_says_when_a_rule_holds(when: dict[str, Any], zh: str, en: str) -> None:
    assert said(Multiply(factor=Decimal(2)), **when) == (f"{zh}：积分 ×2。", f"Points ×2 {en}.")


@pytest.mark.parametrize(
    ("within", "zh", "en"),
    [
        ({"limit": RuleLimit(per_member=1)}, "每人一共最多 1 次", "once in all"),
        (
            {"budget": Budget(points_total=9000, per_member_per_day=50)},
            "这项每人每天最多 50 分，共 9000 分、送完即止",
            "at most 50 points of it per member and day, while 9000 points last",
        ),
        (
            {"expire": ExpirePolicy(mode=ExpiryMode.DAYS_AFTER_EARNING, days=7)},
            "所得积分有效期 7 天",
            "these last 7 days",
        ),
    ],
)
def test_says_within_what_a_rule_gives(within: dict[str, Any], zh: str, en: str) -> None:
    rule = EarnRule(id="r", name="r", give=FixedPoints(points=10), when=When(tiers=frozenset({"gold"})), **within)
    assert rule_sentence(rule, a_program()) == (
        f"金卡会员：加赠 10 分，{zh}。",
        f"10 points extra ({en}) for 金卡会员.",
    )


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        (
            ActionRule(
                id="r",
                name="r",
                on="review",
                once_per_subject=True,
                give=FirstMatch(
                    choices=(Choice(points=100, when=Evidence(min_chars=50, has_photo=True)), Choice(points=50))
                ),
            ),
            "评价：至少 50 字、有图得 100 分，其他得 50 分，同一订单、商品或活动只给一次。",
            (
                "100 points (of at least 50 characters with a photo) or else 50 points "
                "(once for the same order, product or campaign) for a review."
            ),
        ),
        (
            ActionRule(
                id="r",
                name="r",
                on="custom:quiz",
                give=FixedPoints(points=30),
                evidence=Evidence(equals={"correct": True, "level": 3}),
            ),
            "“quiz”，correct 为 true，level 为 3：得 30 分。",
            "30 points for “quiz” where correct is true and level is 3.",
        ),
        (
            ActionRule(id="r", name="r", on="check_in", give=Streak(points=(1, 2), after_last="stay")),
            "签到：连续每天得 1、2 分，之后不变。",
            "1, 2 points on days in a row, then the same, for checking in.",
        ),
    ],
)
def test_says_what_is_given_for_something_else_than_a_purchase(rule: ActionRule, zh: str, en: str) -> None:
    assert action_sentence(rule, a_program()) == (zh, en)


def test_says_what_becomes_of_points() -> None:
    program = a_program(
        points=PointsPolicy(
            available_after_days=7,
            if_already_spent=AlreadySpent.FORGIVE,
            expire=ExpirePolicy(mode=ExpiryMode.MONTHS_AFTER_EARNING, months=12, round_to=RoundTo.END_OF_MONTH),
        ),
        eligible=Eligible(
            exclude_categories=frozenset({"烟草", "购物卡"}), payment_methods=frozenset({"cash", "card"})
        ),
        stacking=Stacking(max_multiplier=Decimal(5)),
        safety=Safety(per_order_max_points=2000),
    )
    assert [sentence.zh for sentence in term_sentences(program)] == [
        "每笔消费最后取整一次，舍去小数。",
        "以下付款方式积分：银行卡、现金。",
        "烟草、购物卡 不积分。",
        "总倍率最高 5 倍。",
        "每笔消费最多积 2000 分。",
        "积分在 7 天后可用。",
        "积分有效期 12 个月，至到期当月月底。",
        "退货时按原规则重算并收回差额；已经花掉的部分不再追回。",
    ]


@pytest.mark.parametrize(
    ("policy", "en"),
    [
        (ExpirePolicy(mode=ExpiryMode.NEVER), "Points do not lapse."),
        (ExpirePolicy(mode=ExpiryMode.END_OF_YEAR), "Points last to the end of the year."),
        (ExpirePolicy(mode=ExpiryMode.DAYS_AFTER_EARNING, days=30), "Points last 30 days."),
        (
            ExpirePolicy(mode=ExpiryMode.MONTHS_AFTER_EARNING, months=12, round_to=RoundTo.END_OF_QUARTER),
            "Points last 12 months, to the end of that quarter.",
        ),
    ],
)
def test_says_when_points_lapse(policy: ExpirePolicy, en: str) -> None:
    assert en in [sentence.en for sentence in term_sentences(a_program(points=PointsPolicy(expire=policy)))]


def test_e8_says_how_long_lapsed_points_last_that_the_store_gives_back() -> None:
    said = list(term_sentences(a_program(cancel_grace_days=30)))
    assert "门店取消兑换时，其间过期的积分最多再可用 30 天。" in [sentence.zh for sentence in said]
    assert len(said) == len(list(term_sentences(a_program()))) + 1


def test_says_how_tiers_are_reached() -> None:
    assert tiers_sentence(LADDER).en == "Tiers are reached by points earned and kept for 12 months."


def test_s0_20_every_way_of_paying_earns_unless_the_program_says_otherwise() -> None:
    assert "Every way of paying earns points." in [sentence.en for sentence in term_sentences(a_program())]
