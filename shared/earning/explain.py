"""Why a sale earned what it earned: one structure for the till, the member's page, the console and the command line.

Rows carry facts, exact numbers and names; texts are made when somebody reads them, in Chinese or English.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from shared.program.model import StackingMode

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A named bonus on top of 1: 金卡 with a bonus of 0.5 is a factor of 1.5. `id` is a tier or a rule."""

    id: str
    name: str
    bonus: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalLine:
    """The sum over the lines before and after the one rounding."""

    exact: Fraction
    points: int
    points_name: str
    line_count: int

    kind: Literal["total"] = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsLine:
    """Lines of one category that earned with the same factors.

    `counted_minor` is below `amount_minor` where only full units count; `capped_at` is the cap on the multiplier when
    it cut the total.
    """

    category: str
    line_count: int
    amount_minor: Fraction
    counted_minor: Fraction
    currency: str
    rule_id: str
    rate_points: int
    rate_per_minor: int
    mode: StackingMode
    tier: Factor | None
    campaigns: tuple[Factor, ...]
    multiplier: Fraction
    capped_at: Decimal | None

    kind: Literal["items"] = "items"

    @property
    def points(self) -> Fraction:
        # One fraction of two products: three operations on fractions would be the dearest step of a sale.
        return Fraction(
            self.counted_minor.numerator * self.multiplier.numerator * self.rate_points,
            self.counted_minor.denominator * self.multiplier.denominator * self.rate_per_minor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedLine:
    """Lines that earn nothing, and why."""

    category: str
    line_count: int
    amount_minor: Fraction
    currency: str
    reason: Literal["category", "gift-card", "no-rule"]

    kind: Literal["excluded"] = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class TendersLine:
    """Only a part of the payment earns; the amounts of the lines are after this share."""

    eligible_minor: int
    total_minor: int
    currency: str

    kind: Literal["tenders"] = "tenders"


@dataclass(frozen=True, slots=True, kw_only=True)
class BonusLine:
    """A fixed bonus, once per sale."""

    rule_id: str
    name: str
    points: int

    kind: Literal["bonus"] = "bonus"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapLine:
    """What a cap took off; `points` is negative."""

    cap: Literal["per_order", "per_day"]
    limit: int
    points: int

    kind: Literal["cap"] = "cap"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """What a rule did not add because its budget had no more; `points` is negative."""

    rule_id: str
    name: str
    points: Fraction

    kind: Literal["budget"] = "budget"


ExplainLine = TotalLine | ItemsLine | ExcludedLine | TendersLine | BonusLine | CapLine | BudgetLine

NotAppliedCode = Literal[
    "weekday",
    "hours",
    "day-of-month",
    "dates",
    "store",
    "tier",
    "items",
    "min-amount",
    "nothing-eligible",
    "only-the-best",
    "not-birthday",
    "not-birthday-week",
    "not-birthday-month",
    "order-number",
    "order-in-month",
    "totals",
    "limit",
    "evidence",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplied:
    """A rule with a condition that gave nothing, and the first condition that failed.

    `actual` is what was found, `wanted` what the rule asks for; both are texts that need no translation (a date, a
    store, a category), but weekdays, which are `mon` to `sun`.
    """

    rule_id: str
    name: str
    code: NotAppliedCode
    actual: str
    wanted: tuple[str, ...] = ()

    def reason(self, language: Language = "zh") -> str:
        """Say in half a sentence why the rule did not apply."""
        actual = _WEEKDAYS[language].get(self.actual, self.actual)
        wanted = ("、" if language == "zh" else ", ").join(self.wanted)
        return _REASONS[language][self.code].format(actual=actual, wanted=wanted)


_WEEKDAYS: dict[Language, dict[str, str]] = {
    "zh": {"mon": "周一", "tue": "周二", "wed": "周三", "thu": "周四", "fri": "周五", "sat": "周六", "sun": "周日"},
    "en": {
        "mon": "Monday",
        "tue": "Tuesday",
        "wed": "Wednesday",
        "thu": "Thursday",
        "fri": "Friday",
        "sat": "Saturday",
        "sun": "Sunday",
    },
}
_REASONS: dict[Language, dict[NotAppliedCode, str]] = {
    "zh": {
        "weekday": "今天是{actual}",
        "hours": "现在是{actual}，时段是{wanted}",
        "day-of-month": "今天是{actual}日",
        "dates": "今天是{actual}，活动日期是{wanted}",
        "store": "不在 {wanted}",
        "tier": "会员等级为{actual}",
        "items": "没有符合条件的商品（{wanted}）",
        "min-amount": "可积分金额{actual}，不满{wanted}",
        "nothing-eligible": "没有可积分的金额",
        "only-the-best": "不叠加，已按{wanted}计算",
        "not-birthday": "今天不是生日",
        "not-birthday-week": "不是生日那一周",
        "not-birthday-month": "不是生日那个月",
        "order-number": "这是第{actual}单",
        "order-in-month": "这是当月第{actual}单",
        "totals": "{wanted}天内的累计还不够",
        "limit": "已达次数上限（{wanted}次）",
        "evidence": "条件没有达到（{wanted}）",
    },
    "en": {
        "weekday": "today is {actual}",
        "hours": "it is {actual}, the window is {wanted}",
        "day-of-month": "today is day {actual} of the month",
        "dates": "today is {actual}, the dates are {wanted}",
        "store": "not in {wanted}",
        "tier": "the member's tier is {actual}",
        "items": "no item of {wanted}",
        "min-amount": "{actual} earns points, less than {wanted}",
        "nothing-eligible": "nothing in the sale earns points",
        "only-the-best": "does not stack, {wanted} counted instead",
        "not-birthday": "today is not the birthday",
        "not-birthday-week": "not the week of the birthday",
        "not-birthday-month": "not the month of the birthday",
        "order-number": "this is order number {actual}",
        "order-in-month": "this is order number {actual} of the month",
        "totals": "not enough within {wanted} days yet",
        "limit": "given {wanted} times already, which is the limit",
        "evidence": "not shown: {wanted}",
    },
}
