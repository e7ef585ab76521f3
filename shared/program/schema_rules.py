"""Rules in the file: when they hold, and what they give."""

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.program.actions import ACTIONS, CUSTOM
from shared.program.catalog import Every
from shared.program.expiry import RoundTo
from shared.program.guesses import option_meant
from shared.program.notation import (
    NUMBER,
    Amount,
    DatesText,
    DayOfMonth,
    HoursText,
    Id,
    Stores,
    Text,
    Weekday,
)
from shared.program.rules import Count
from shared.program.schema_fields import AtLeastOne, CampaignFactor, Days, Months, Part, Percent

ROUNDED = "有效期延到哪里：day 当天 / end_of_month 月底 / end_of_quarter 季末 / end_of_year 年底"


class WhenPart(Part):
    days: Annotated[list[Weekday], Field(min_length=1)] | None = Field(
        default=None, description="星期几：mon tue wed thu fri sat sun，或 周一 周二 周三 周四 周五 周六 周日"
    )
    hours: HoursText | None = Field(default=None, description="钟点，例如 08:00-22:00；跨夜的算开始那一天")
    days_of_month: Annotated[list[DayOfMonth], Field(min_length=1)] | None = Field(
        default=None, description="每月几号；-1 为最后一天"
    )
    dates: DatesText | None = Field(default=None, description="日期，含头含尾，例如 2027-06-12..2027-06-18")
    stores: Stores | None = Field(default=None, description="门店编号，或 all")
    tiers: Annotated[list[Text], Field(min_length=1)] | None = Field(default=None, description="会员等级编号")
    categories: Annotated[list[Text], Field(min_length=1)] | None = Field(default=None, description="品类")
    item_tags: Annotated[list[Text], Field(min_length=1)] | None = Field(default=None, description="商品标签")
    skus: Annotated[list[Text], Field(min_length=1)] | None = Field(default=None, description="商品编码")
    min_amount: Amount | None = Field(default=None, description="可积分金额至少多少元")
    birthday: Literal["day", "week", "month"] | None = Field(
        default=None, description="会员生日当天（day）、当周（week，周一到周日）或当月（month）"
    )
    order_number: AtLeastOne | None = Field(default=None, description="入会以来第几单；1 为首单")
    order_number_in_month: AtLeastOne | None = Field(default=None, description="当月第几单")
    within_days: Annotated[int, Field(ge=1, le=92), NUMBER] | None = Field(
        default=None, description="最近几天内的累计，含当天；与 distinct_stores、total_amount 一起写"
    )
    distinct_stores: Annotated[int, Field(ge=1, le=100), NUMBER] | None = Field(
        default=None, description="累计来自至少几家门店"
    )
    total_amount: Amount | None = Field(default=None, description="累计可积分金额至少多少元")

    min_likes: AtLeastOne | None = Field(default=None, description="分享得到至少几个赞（on: share）")
    min_chars: AtLeastOne | None = Field(default=None, description="至少多少个字（on: review）")
    has_photo: Annotated[bool, Field(strict=True)] | None = Field(default=None, description="有没有图（on: review）")
    page: Text | None = Field(default=None, description="哪个页面（on: browse）")
    equals: dict[Text, bool | int | str] | None = Field(default=None, description="事件里的值要等于什么")
    streak_days: AtLeastOne | None = Field(default=None, description="连续签到的第几天（on: check_in）")


class ChoicePart(Part):
    points: AtLeastOne = Field(description="符合时得多少分")
    when: WhenPart | None = Field(default=None, description="要什么条件；最后一项可以不写，表示其他情况")


class StepPart(Part):
    from_amount: Annotated[Decimal, Field(ge=0), NUMBER] = Field(description="单笔可积分金额从多少元起")
    multiply: CampaignFactor = Field(description="这一段的倍率")


KINDS_OF_GIVE = ("points", "steps", "multiply", "extra_percent", "streak", "first_match", "reward")


class GivePart(Part):
    points: AtLeastOne | None = Field(default=None, description="积分数；不写 per_amount 时每笔一次")
    per_amount: Amount | None = Field(default=None, description="每多少元得 points 分")
    count: Count | None = Field(default=None, description="proportional 按比例 / full_units 满额才算")
    steps: Annotated[list[StepPart], Field(min_length=1)] | None = Field(
        default=None, description="单笔金额越高倍率越高：从多少元起、几倍"
    )
    multiply: CampaignFactor | None = Field(default=None, description="倍率，2 为双倍")
    extra_percent: Percent | None = Field(default=None, description="额外百分之几，30 为多 30%")
    streak: Annotated[list[AtLeastOne], Field(min_length=1, max_length=366)] | None = Field(
        default=None, description="连续签到第 1、2、3……天各得多少分"
    )
    after_last: Literal["repeat", "stay"] | None = Field(
        default=None, description="签到最后一天以后：repeat 从头开始 / stay 停在最后一天"
    )
    first_match: Annotated[list[ChoicePart], Field(min_length=1)] | None = Field(
        default=None, description="按顺序看，第一个符合的算数"
    )
    reward: Text | None = Field(default=None, description="送 redeem.catalog 里 points: 0 的礼包，写它的编号")
    to: Literal["referrer", "friend", "both"] | None = Field(
        default=None, description="邀请的积分给谁：referrer 邀请人 / friend 好友 / both 双方"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in KINDS_OF_GIVE if getattr(self, name) is not None]
        if self.per_amount is not None and self.points is None:
            raise PydanticCustomError("per-amount-without-points", "per-amount-without-points")
        if not given:
            raise PydanticCustomError("give-nothing", "give-nothing")
        if len(given) > 1:
            raise PydanticCustomError("give-one-thing", "give-one-thing", {"given": given})
        if self.count is not None and self.per_amount is None:
            raise PydanticCustomError("count-without-per-amount", "count-without-per-amount")
        return self


class RuleExpirePart(Part):
    mode: Literal["months_after_earning", "days_after_earning", "end_of_year", "never"] = Field(
        description="months_after_earning 得到后几个月 / days_after_earning 得到后几天 / "
        "end_of_year 当年年底 / never 不过期"
    )
    months: Months | None = Field(default=None, description="有效几个月")
    days: Days | None = Field(default=None, description="有效几天（mode: days_after_earning）")
    round_to: RoundTo | None = Field(default=None, description=ROUNDED)


class LimitPart(Part):
    per_member: AtLeastOne = Field(description="每位会员最多几次")
    every: Every | None = Field(
        default=None, description="周期：day 每天 / week 每周 / month 每月 / year 每年；不写为一共"
    )


OCCASIONS = rf"^({'|'.join(('purchase', *ACTIONS))}|{CUSTOM}[a-z][a-z0-9_]{{0,39}})$"


def _known_occasion(value: str) -> str:
    if re.fullmatch(OCCASIONS, value):
        return value
    known = ["purchase", *ACTIONS, f"{CUSTOM}…"]
    raise PydanticCustomError(
        "unknown-occasion",
        "unknown-occasion",
        {"value": value, "options": known, "suggestion": option_meant(value, known)},
    )


class BudgetPart(Part):
    points_total: AtLeastOne | None = Field(default=None, description="这条规则一共最多送出多少分，送完即止")
    per_member_per_day: AtLeastOne | None = Field(default=None, description="每位会员每天最多从这条规则得多少分")

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.points_total is None and self.per_member_per_day is None:
            raise PydanticCustomError("budget-of-nothing", "budget-of-nothing")
        return self


class EarnPart(Part):
    id: Id = Field(description="规则编号，永远不改（记在账里）")
    name: Text = Field(description="给顾客看的名字")
    on: Annotated[str, AfterValidator(_known_occasion)] = Field(
        description="为什么给：purchase 消费 / check_in 签到 / follow 关注 / share 分享 / review 评价 / survey 问卷 / "
        "browse 浏览 / enroll 注册 / referral_enrolled 邀请好友注册 / referral_first_order 好友首单 / "
        "custom:名称 自定义事件",
        json_schema_extra={"pattern": OCCASIONS},
    )
    once_per_subject: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="同一对象（商品、订单、活动）只给一次；不用于 purchase"
    )
    confirmed_by: Literal["event", "member", "staff"] | None = Field(
        default=None,
        description="以谁为准：event 服务器上报（默认）/ member 会员自己提交即算 / staff 会员提交、店员审核后到账",
    )
    group: Text | None = Field(default=None, description="同组只取最高的一个")
    when: WhenPart | None = Field(default=None, description="什么条件下生效；都满足才算")
    give: GivePart = Field(description="给什么：倍率、固定积分、按金额分段、连续签到……只写一种")
    limit: LimitPart | None = Field(default=None, description="每位会员在一个周期内最多几次")
    budget: BudgetPart | None = Field(default=None, description="活动预算；只用于倍率和固定积分")
    expire: RuleExpirePart | None = Field(
        default=None, description="这条规则给的积分另有有效期；只用于给积分的规则（points）"
    )
