"""The file as a marketer writes it. For the command line only: functions read compiled programs.

What `program.yaml` may one day say and this version cannot do yet is refused before it comes here (`unsupported`).
"""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shared.program.expiry import ExpiryMode, RoundTo
from shared.program.model import AlreadySpent, Rounding, StackingMode
from shared.program.notation import (
    NUMBER,
    Amount,
    Currency,
    DayStart,
    Id,
    LocalTime,
    StoreId,
    Text,
    Zone,
)
from shared.program.schema_fields import AtLeastOne, AtLeastZero, Days, Months, Part
from shared.program.schema_rules import ROUNDED, EarnPart, LimitPart

SCHEMA_ADDRESS = "https://json-schema.org/draft/2020-12/schema"


class RolloutPart(Part):
    pilot_stores: Annotated[list[StoreId], Field(min_length=1)] = Field(description="先生效的试点门店")
    all_stores_from: LocalTime = Field(description="全部门店从何时起生效，例如 2026-12-15 00:00")


class NoticePart(Part):
    days_before: Days = Field(description="至少提前多少天告知顾客")
    text: Text = Field(description="给顾客看的公告")


class RemindPart(Part):
    days_before: Annotated[list[Annotated[int, Field(ge=1, le=3_660), NUMBER]], Field(min_length=1)] = Field(
        description="到期前几天提醒，可以写几个，例如 [30, 7, 1]"
    )
    by: Annotated[list[Literal["app", "sms", "email"]], Field(min_length=1)] = Field(
        description="用什么方式提醒：app 小程序或应用 / sms 短信 / email 邮件"
    )


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
        description="months_after_earning 得到后几个月 / days_after_earning 得到后几天 / end_of_year 当年年底 / "
        "extend_on_activity 有消费就顺延 / never 不过期"
    )
    months: Months | None = Field(default=None, description="有效几个月")
    days: Days | None = Field(default=None, description="有效几天（mode: days_after_earning）")
    round_to: RoundTo | None = Field(default=None, description=ROUNDED)
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
        default=AlreadySpent.ALLOW_NEGATIVE,
        description="退货时积分已花掉：allow_negative 记欠 / within_balance 扣到 0 为止 / forgive 不追",
    )
    expire: ExpirePart = Field(description="积分何时到期")
    worth: Annotated[Decimal, Field(gt=0, le=1_000, decimal_places=6), NUMBER] | None = Field(
        default=None, description="一分大约值多少元：只用来估算成本和检查规则，不影响积分"
    )


class EligiblePart(Part):
    amount: Literal["paid"] = Field(default="paid", description="按实付金额积分")
    payment_methods: Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None,
        description="哪些支付方式可积分，不写为全部：cash 现金、card 银行卡、wechat_pay 微信、alipay 支付宝、"
        "stored_value 储值，或收银机的其他写法",
    )
    exclude_categories: list[Text] = Field(default_factory=list, description="不积分的品类")
    category_map: Text | None = Field(default=None, description="SKU 对应品类的 CSV 文件（两列：sku,category）")


class BenefitPart(Part):
    """A benefit: only a name, or one that is claimed at the till and counted."""

    name: Text = Field(description="给顾客看的权益名称")
    id: Id | None = Field(default=None, description="收银台核销用的编号")
    times: Annotated[int, Field(ge=1, le=1000), NUMBER] | None = Field(default=None, description="每个周期几次")
    every: Literal["day", "week", "month", "year"] | None = Field(
        default=None, description="周期：day 天 / week 周 / month 月 / year 年"
    )
    birthday: Literal["day", "month"] | None = Field(default=None, description="只在生日当天（day）或生日当月（month）")

    @model_validator(mode="before")
    @classmethod
    def _only_a_name(cls, value: Any) -> Any:  # noqa: ANN401 whatever the file says
        return {"name": value} if isinstance(value, str) else value


class LevelPart(Part):
    id: Id = Field(description="等级编号，永远不改（记在账里）")
    name: Text = Field(description="给顾客看的等级名称")
    reach: Annotated[Decimal, Field(ge=0), NUMBER] = Field(description="达到多少升到这一级")
    keep: Annotated[Decimal, Field(ge=0), NUMBER] | None = Field(default=None, description="到期时达到多少保住这一级")
    multiply: Annotated[Decimal, Field(gt=0, le=100, decimal_places=4), NUMBER] = Field(
        default=Decimal(1), description="这一级的积分倍率"
    )
    benefits: list[BenefitPart] = Field(default_factory=list, description="权益：名称，或可核销的权益")


class TaskPart(Part):
    name: Text = Field(description="给顾客看的任务名称")
    do: Literal["purchase", "referral_enrolled"] = Field(description="purchase 消费 / referral_enrolled 邀请好友注册")
    amount: Amount | None = Field(default=None, description="一个周期内消费满多少元（do: purchase）")
    every: Literal["month", "quarter", "year"] | None = Field(
        default=None, description="周期（do: purchase）：month 月 / quarter 季 / year 年"
    )
    times: AtLeastOne | None = Field(default=None, description="邀请几位（do: referral_enrolled）")
    result: Literal["keep", "upgrade"] = Field(description="keep 到期时保住等级 / upgrade 升级")
    to: Text | None = Field(default=None, description="升到哪一级；保级时为只对这一级有效，不写为每一级")

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        needed, result = (("amount", "every"), "keep") if self.do == "purchase" else (("times", "to"), "upgrade")
        missing = next((name for name in needed if getattr(self, name) is None), None)
        if missing:
            raise PydanticCustomError("task-needs", "task-needs", {"do": self.do, "field": missing})
        if self.result != result:
            raise PydanticCustomError("task-result", "task-result", {"do": self.do, "wanted": result})
        return self


class TiersPart(Part):
    measure: Literal["points_earned", "amount_spent", "visits"] = Field(
        description="按什么评定等级：points_earned 累计所得积分 / amount_spent 累计消费 / visits 消费次数"
    )
    period: Literal["rolling", "calendar_year", "membership_year"] = Field(
        default="rolling",
        description="累计多久：rolling 最近 window_months 个月 / calendar_year 自然年 / membership_year 会员年",
    )
    window_months: Annotated[int, Field(ge=1, le=12), NUMBER] = Field(
        default=12, description="累计最近几个月（period: rolling）"
    )
    valid_months: Annotated[int, Field(ge=1, le=60), NUMBER] = Field(
        default=12, description="达标后等级保持几个月，到期按 keep 评定"
    )
    downgrade: Literal["one_step", "to_justified"] = Field(
        default="one_step", description="到期没保住：one_step 降一级 / to_justified 降到实际达到的级别"
    )
    grace_days: Annotated[int, Field(ge=0, le=31), NUMBER] = Field(
        default=0, description="到期后宽限几天，这几天里达到 keep 仍保级"
    )
    revoke_within_days: Annotated[int, Field(ge=0, le=31), NUMBER] = Field(
        default=0, description="升级后几天内退货、使升级不成立的，撤回升级；0 为不撤"
    )
    tasks: list[TaskPart] = Field(default_factory=list, description="用任务保级、升级")
    levels: Annotated[list[LevelPart], Field(min_length=1)] = Field(
        description="各个等级，从低到高；第一个是人人都有的"
    )


class StackingPart(Part):
    campaigns: StackingMode = Field(
        default=StackingMode.BEST,
        description="多个活动怎样叠加：best 只取最高的一个（默认）/ best_per_group 同组取最高、各组相加 / "
        "add 连等级倍率一起相加 / multiply 各组相乘",
    )
    max_multiplier: Annotated[Decimal, Field(ge=1, le=1000, decimal_places=4), NUMBER] | None = Field(
        default=None, description="总倍率封顶"
    )


class CatalogPart(Part):
    id: Id = Field(description="奖品编号，永远不改（记在账里）")
    name: Text = Field(description="给顾客看的奖品名称")
    type: Literal["product", "tier_upgrade"] = Field(description="product 实物 / tier_upgrade 升级")
    points: AtLeastZero = Field(description="价格；0 只用于规则送出的礼包（hidden: true）")
    stock: AtLeastZero | None = Field(default=None, description="库存；不写为不限量")
    low_stock: AtLeastOne | None = Field(default=None, description="低于多少件提醒补货")
    category: Text | None = Field(default=None, description="商城里的类别")
    tiers: Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None, description="只有这些等级的会员能兑换；不写为人人都能"
    )
    limit: LimitPart | None = Field(default=None, description="每位会员在一个周期内最多兑换几件")
    cash: Amount | None = Field(default=None, description="另付多少元")
    value: Amount | None = Field(default=None, description="零售价多少元：只用来检查价格是否划算")
    shards: Annotated[int, Field(ge=1, le=64), NUMBER] | None = Field(
        default=None, description="库存分成几份；一般不写"
    )
    hidden: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="true 为不在商城里展示，例如只由规则送出的礼包"
    )
    review: Literal["staff"] | None = Field(default=None, description="staff：申领后由店员审核，通过才能领取")
    to_tier: Text | None = Field(default=None, description="升到哪一级（type: tier_upgrade）")

    @model_validator(mode="after")
    def _reviewed_before_it_is_given(self) -> Self:
        if self.review and not self.points:
            raise PydanticCustomError("review-of-gift", "review-of-gift")
        if self.review and self.type != "product":
            raise PydanticCustomError("review-of-upgrade", "review-of-upgrade")
        return self

    @model_validator(mode="after")
    def _free_only_as_a_gift(self) -> Self:
        if not self.points and (not self.hidden or self.type != "product"):
            raise PydanticCustomError("free-is-a-gift", "free-is-a-gift")
        if not self.points and (self.stock is not None or self.cash is not None):
            raise PydanticCustomError("gift-is-free", "gift-is-free", {"field": "cash" if self.cash else "stock"})
        return self


class RedeemPart(Part):
    cancel_grace_days: Annotated[int, Field(ge=1, le=366), NUMBER] | None = Field(
        default=None, description="门店取消或驳回兑换时，已过期的积分最多再可用几天；不写为不给"
    )
    catalog: list[CatalogPart] = Field(default_factory=list, description="积分商城的奖品")


class SafetyPart(Part):
    per_order_max_points: AtLeastOne | None = Field(default=None, description="每笔最多多少分")
    per_member_per_day_max_points: AtLeastOne | None = Field(default=None, description="每位会员每天最多得多少分")


class ProgramFile(Part):
    """The rules of a points program (积分规则)."""

    schema_: Literal[1] = Field(alias="schema", description="文件格式的版本")
    program: Text = Field(description="会员计划的名称")
    timezone: Zone = Field(description="日期和钟点按哪个时区理解，例如 Asia/Shanghai")
    day_starts_at: DayStart | None = Field(
        default=None, description="营业日从几点开始，整点 01:00 到 12:00；不写为零点。夜店凌晨的单算前一天"
    )
    currency: Currency = Field(description="币种，例如 CNY")
    effective: LocalTime = Field(description="这一版从何时起生效，例如 2026-12-08 00:00")
    rollout: RolloutPart | None = Field(default=None, description="先试点再全量")
    notice: NoticePart | None = Field(default=None, description="提前告知顾客")
    points: PointsPart = Field(description="积分本身：取整、到账、退货、有效期")
    eligible: EligiblePart = Field(default_factory=EligiblePart, description="哪些金额可以积分")
    tiers: TiersPart | None = Field(default=None, description="会员等级；不写为不分等级")
    stacking: StackingPart = Field(default_factory=StackingPart, description="几个活动碰到一起怎样算")
    earn: Annotated[list[EarnPart], Field(min_length=1)] = Field(description="得积分的规则；顺序不影响结果")
    redeem: RedeemPart = Field(default_factory=RedeemPart, description="用积分：积分商城")
    safety: SafetyPart = Field(default_factory=SafetyPart, description="上限：超过的不给，账里会写明")


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
