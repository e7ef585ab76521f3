"""The file as a marketer writes it. For the command line only: functions read compiled programs.

What `program.yaml` may one day say and this version cannot do yet is refused before it comes here (`unsupported`).
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.program.actions import ACTIONS, CUSTOM
from shared.program.catalog import Every
from shared.program.expiry import ExpiryMode, RoundTo
from shared.program.guesses import closest
from shared.program.model import AlreadySpent, Rounding, StackingMode
from shared.program.notation import (
    NUMBER,
    Amount,
    Currency,
    DatesText,
    DayOfMonth,
    HoursText,
    Id,
    LocalTime,
    StoreId,
    Stores,
    Text,
    Weekday,
    Zone,
)
from shared.program.rules import Count

# Far beyond what anybody means, and so far below 2^53 that what is computed from it stays below, too.
MOST = 1_000_000_000
AtLeastZero = Annotated[int, Field(ge=0, le=MOST), NUMBER]
AtLeastOne = Annotated[int, Field(ge=1, le=MOST), NUMBER]
Days = Annotated[int, Field(ge=0, le=3_660), NUMBER]
Months = Annotated[int, Field(ge=0, le=1_200), NUMBER]
Percent = Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=4), NUMBER]
CampaignFactor = Annotated[Decimal, Field(ge=1, le=100, decimal_places=4), NUMBER]
SCHEMA_ADDRESS = "https://json-schema.org/draft/2020-12/schema"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True)


class RolloutPart(Part):
    pilot_stores: Annotated[list[StoreId], Field(min_length=1)] = Field(description="先生效的试点门店")
    all_stores_from: LocalTime = Field(description="全部门店从何时起生效，例如 2026-12-15 00:00")


class NoticePart(Part):
    days_before: Days = Field(description="至少提前多少天告知顾客")
    text: Text = Field(description="给顾客看的公告")


class RemindPart(Part):
    days_before: Annotated[list[Annotated[int, Field(ge=1, le=3_660), NUMBER]], Field(min_length=1)]
    by: Annotated[list[Literal["app", "sms", "email"]], Field(min_length=1)]


class ExtendOncePart(Part):
    months: Annotated[int, Field(ge=1, le=60), NUMBER] = Field(description="到期未用的积分再延几个月，只延一次")
    if_bought_within_months: Annotated[int, Field(ge=1, le=12), NUMBER] = Field(
        default=12, description="最近几个月内有消费的会员才延"
    )


class ReinstatePart(Part):
    within_days: Annotated[int, Field(ge=1, le=366), NUMBER] = Field(description="过期后几天内可以人工恢复")
    valid_days: Annotated[int, Field(ge=1, le=366), NUMBER] = Field(description="恢复后还能用几天")


class ExpirePart(Part):
    mode: ExpiryMode = Field(
        description="months_after_earning / days_after_earning / end_of_year / extend_on_activity / never"
    )
    months: Months | None = Field(default=None, description="有效几个月")
    days: Days | None = Field(default=None, description="有效几天（mode: days_after_earning）")
    round_to: RoundTo | None = Field(default=None, description="有效期延到月底、季末、年底，或精确到日（day）")
    remind: RemindPart | None = Field(default=None, description="到期前几天、用什么方式提醒")
    extend_once: ExtendOncePart | None = Field(default=None, description="到期未用时自动延期一次")
    halve_in_last_days: Annotated[int, Field(ge=1, le=366), NUMBER] | None = Field(
        default=None, description="到期前几天内两分抵一分；默认不贬值，开启须有 notice"
    )
    reinstate: ReinstatePart | None = Field(default=None, description="过期积分能否人工恢复（须经另一人批准）")


class PointsPart(Part):
    name: Text = Field(default="积分", description="积分叫什么")
    rounding: Rounding = Field(default=Rounding.FLOOR, description="每笔最后取整一次：floor 舍去 / half_up 四舍五入")
    available_after_days: Annotated[int, Field(ge=0, le=365), NUMBER] = Field(
        default=0, description="几天后到账，0 为立即"
    )
    on_refund: Literal["recompute"] = Field(default="recompute", description="退货按原单规则重算，收回差额")
    if_already_spent: AlreadySpent = Field(
        default=AlreadySpent.ALLOW_NEGATIVE, description="退货时积分已花掉：allow_negative / within_balance / forgive"
    )
    expire: ExpirePart = Field(description="积分何时到期")


class EligiblePart(Part):
    amount: Literal["paid"] = Field(default="paid", description="按实付金额积分")
    payment_methods: Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None, description="哪些支付方式可积分"
    )
    exclude_categories: list[Text] = Field(default_factory=list, description="不积分的品类")
    category_map: Text | None = Field(default=None, description="SKU 对应品类的 CSV 文件（两列：sku,category）")


class BenefitPart(Part):
    """A benefit: only a name, or one that is claimed at the till and counted."""

    name: Text
    id: Id | None = Field(default=None, description="收银台核销用的编号")
    times: Annotated[int, Field(ge=1, le=1000), NUMBER] | None = Field(default=None, description="每个周期几次")
    every: Literal["day", "week", "month", "year"] | None = Field(default=None, description="周期")
    birthday: Literal["day", "month"] | None = Field(default=None, description="只在生日当天（day）或生日当月（month）")

    @model_validator(mode="before")
    @classmethod
    def _only_a_name(cls, value: Any) -> Any:  # noqa: ANN401 whatever the file says
        return {"name": value} if isinstance(value, str) else value


class LevelPart(Part):
    id: Id
    name: Text
    reach: Annotated[Decimal, Field(ge=0), NUMBER] = Field(description="达到多少升到这一级")
    keep: Annotated[Decimal, Field(ge=0), NUMBER] | None = Field(default=None, description="到期时达到多少保住这一级")
    multiply: Annotated[Decimal, Field(gt=0, le=100, decimal_places=4), NUMBER] = Field(
        default=Decimal(1), description="这一级的积分倍率"
    )
    benefits: list[BenefitPart] = Field(default_factory=list, description="权益：名称，或可核销的权益")


class TaskPart(Part):
    name: Text
    do: Literal["purchase"]
    amount: Amount = Field(description="一个周期内消费满多少元")
    every: Literal["month", "quarter", "year"]
    result: Literal["keep"] = Field(description="keep=到期时保住等级")
    to: Text | None = Field(default=None, description="只对这一级有效；不写为每一级")


class TiersPart(Part):
    measure: Literal["points_earned", "amount_spent", "visits"] = Field(description="按什么评定等级")
    period: Literal["rolling", "calendar_year", "membership_year"] = Field(default="rolling")
    window_months: Annotated[int, Field(ge=1, le=12), NUMBER] = Field(default=12)
    valid_months: Annotated[int, Field(ge=1, le=60), NUMBER] = Field(default=12)
    downgrade: Literal["one_step", "to_justified"] = Field(default="one_step")
    grace_days: Annotated[int, Field(ge=0, le=31), NUMBER] = Field(default=0)
    revoke_within_days: Annotated[int, Field(ge=0, le=31), NUMBER] = Field(default=0)
    tasks: list[TaskPart] = Field(default_factory=list, description="用任务保级")
    levels: Annotated[list[LevelPart], Field(min_length=1)]


class StackingPart(Part):
    campaigns: StackingMode = Field(default=StackingMode.BEST, description="多个活动怎样叠加")
    max_multiplier: Annotated[Decimal, Field(ge=1, le=1000, decimal_places=4), NUMBER] | None = Field(
        default=None, description="总倍率封顶"
    )


class WhenPart(Part):
    days: Annotated[list[Weekday], Field(min_length=1)] | None = Field(default=None, description="星期几")
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
    points: AtLeastOne
    when: WhenPart | None = None


class StepPart(Part):
    from_amount: Annotated[Decimal, Field(ge=0), NUMBER]
    multiply: CampaignFactor


KINDS_OF_GIVE = ("points", "steps", "multiply", "extra_percent", "streak", "first_match")


class GivePart(Part):
    points: AtLeastOne | None = Field(default=None, description="积分数；不写 per_amount 时每笔一次")
    per_amount: Amount | None = Field(default=None, description="每多少元得 points 分")
    count: Count | None = Field(default=None, description="proportional 按比例 / full_units 满额才算")
    steps: Annotated[list[StepPart], Field(min_length=1)] | None = Field(default=None, description="按金额分段的倍率")
    multiply: CampaignFactor | None = Field(default=None, description="倍率")
    extra_percent: Percent | None = Field(default=None, description="额外百分之几")
    streak: Annotated[list[AtLeastOne], Field(min_length=1, max_length=366)] | None = Field(
        default=None, description="连续签到每天的积分"
    )
    after_last: Literal["repeat", "stay"] | None = Field(
        default=None, description="签到最后一天以后：repeat 从头开始 / stay 停在最后一天"
    )
    first_match: Annotated[list[ChoicePart], Field(min_length=1)] | None = Field(
        default=None, description="按顺序第一个符合的"
    )
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
    mode: Literal["months_after_earning", "days_after_earning", "end_of_year", "never"]
    months: Months | None = Field(default=None, description="有效几个月")
    days: Days | None = Field(default=None, description="有效几天（mode: days_after_earning）")
    round_to: RoundTo | None = Field(default=None, description="有效期延到月底、季末、年底，或精确到日（day）")


class LimitPart(Part):
    per_member: AtLeastOne = Field(description="每位会员最多几次")
    every: Every | None = Field(default=None, description="每天、周、月、年；不写为一共")


OCCASIONS = rf"^({'|'.join(('purchase', *ACTIONS))}|{CUSTOM}[a-z][a-z0-9_]{{0,39}})$"


def _known_occasion(value: str) -> str:
    if re.fullmatch(OCCASIONS, value):
        return value
    known = ["purchase", *ACTIONS, f"{CUSTOM}…"]
    raise PydanticCustomError(
        "unknown-occasion", "unknown-occasion", {"value": value, "options": known, "suggestion": closest(value, known)}
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
        description="purchase / check_in / follow / share / review / survey / browse / custom:名称 / "
        "enroll / referral_enrolled / referral_first_order",
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
    give: GivePart
    limit: LimitPart | None = Field(default=None, description="每位会员在一个周期内最多几次")
    budget: BudgetPart | None = Field(default=None, description="活动预算；只用于倍率和固定积分")
    expire: RuleExpirePart | None = Field(
        default=None, description="这条规则给的积分另有有效期；只用于给积分的规则（points）"
    )


class CatalogPart(Part):
    id: Id
    name: Text
    type: Literal["product", "tier_upgrade"]
    points: AtLeastOne
    stock: AtLeastZero | None = Field(default=None, description="库存；不写为不限量")
    low_stock: AtLeastOne | None = Field(default=None, description="低于多少件提醒补货")
    category: Text | None = None
    tiers: Annotated[list[Text], Field(min_length=1)] | None = None
    limit: LimitPart | None = None
    cash: Amount | None = Field(default=None, description="另付多少元")
    shards: Annotated[int, Field(ge=1, le=64), NUMBER] | None = Field(
        default=None, description="库存分成几份；一般不写"
    )
    hidden: Annotated[bool, Field(strict=True)] = False
    to_tier: Text | None = Field(default=None, description="升到哪一级（type: tier_upgrade）")


class RedeemPart(Part):
    catalog: list[CatalogPart] = Field(default_factory=list)


class SafetyPart(Part):
    per_order_max_points: AtLeastOne | None = Field(default=None, description="每笔最多多少分")
    per_member_per_day_max_points: AtLeastOne | None = Field(default=None, description="每位会员每天消费最多得多少分")


class ProgramFile(Part):
    """The rules of a points program (积分规则)."""

    schema_: Literal[1] = Field(alias="schema", description="文件格式的版本")
    program: Text = Field(description="会员计划的名称")
    timezone: Zone = Field(description="日期和钟点按哪个时区理解，例如 Asia/Shanghai")
    currency: Currency = Field(description="币种，例如 CNY")
    effective: LocalTime = Field(description="这一版从何时起生效，例如 2026-12-08 00:00")
    rollout: RolloutPart | None = Field(default=None, description="先试点再全量")
    notice: NoticePart | None = Field(default=None, description="提前告知顾客")
    points: PointsPart
    eligible: EligiblePart = Field(default_factory=EligiblePart, description="哪些金额可以积分")
    tiers: TiersPart | None = None
    stacking: StackingPart = Field(default_factory=StackingPart)
    earn: Annotated[list[EarnPart], Field(min_length=1)]
    redeem: RedeemPart = Field(default_factory=RedeemPart)
    safety: SafetyPart = Field(default_factory=SafetyPart)


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema by which editors complete and check the file."""
    schema = {"$schema": SCHEMA_ADDRESS} | ProgramFile.model_json_schema(by_alias=True)
    return cast("dict[str, Any]", _numbers_only(schema))


def _numbers_only(schema: Any) -> Any:  # noqa: ANN401 any part of a JSON Schema
    """Take out that decimals may be texts, as pydantic has it for JSON: in the file they are numbers."""
    if isinstance(schema, list):
        return [_numbers_only(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: _numbers_only(part) for name, part in schema.items()}
    options = parts.get("anyOf", [])
    if not any(option.get("type") == "number" for option in options):
        return parts
    options = [option for option in options if option.get("type") != "string"]
    if len(options) == 1:
        del parts["anyOf"]
        return parts | options[0]
    return parts | {"anyOf": options}
