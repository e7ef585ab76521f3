"""Why a sale earned what it earned: one structure for the till, the member's page, the console and the command line.

Rows carry facts, exact numbers and names; texts are made when somebody reads them, in Chinese or English.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from unicodedata import east_asian_width

from shared.program.currency import format_fixed, format_minor, from_minor, plain
from shared.program.model import StackingMode

Language = Literal["zh", "en"]
NAME_COLUMN = 13
POINTS_COLUMN = 65


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


ExplainLine = TotalLine | ItemsLine | ExcludedLine | TendersLine | BonusLine | CapLine

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
        actual = _WEEKDAYS_ZH.get(self.actual, self.actual) if language == "zh" else self.actual
        wanted = ("、" if language == "zh" else ", ").join(self.wanted)
        return _REASONS[language][self.code].format(actual=actual, wanted=wanted)


_WEEKDAYS_ZH = dict(
    zip(
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        strict=True,
    )
)
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
        "only-the-best": "does not add up, {wanted} counted instead",
        "not-birthday": "today is not the birthday",
        "not-birthday-week": "not the week of the birthday",
        "not-birthday-month": "not the month of the birthday",
        "order-number": "this is order number {actual}",
        "order-in-month": "this is order number {actual} of the month",
        "totals": "not enough within {wanted} days yet",
        "limit": "given {wanted} times already, which is the limit",
    },
}


def to_json(
    explain: Sequence[ExplainLine], not_applied: Sequence[NotApplied] = (), language: Language = "zh"
) -> dict[str, list[dict[str, Any]]]:
    """Give the explanation as JSON values: exact numbers as decimal text, amounts as minor units, texts included."""
    return {
        "explain": [_row_json(line, language) for line in explain],
        "not_applied": [
            {"rule_id": missed.rule_id, "name": missed.name, "code": missed.code, "text": missed.reason(language)}
            for missed in not_applied
        ],
    }


def _row_json(line: ExplainLine, language: Language) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": line.kind, "text": text_of(line, language)}
    if isinstance(line, TotalLine):
        return row | {"exact": format_fixed(line.exact, 2), "points": line.points, "line_count": line.line_count}
    if isinstance(line, TendersLine):
        return row | {"eligible_minor": line.eligible_minor, "total_minor": line.total_minor, "currency": line.currency}
    if isinstance(line, BonusLine):
        return row | {"rule_id": line.rule_id, "points": line.points}
    if isinstance(line, CapLine):
        return row | {"cap": line.cap, "limit": line.limit, "points": line.points}
    row |= {"category": line.category, "line_count": line.line_count}
    row |= {"amount_minor": _cut(line.amount_minor), "currency": line.currency}
    if isinstance(line, ExcludedLine):
        return row | {"reason": line.reason}
    factors = ((line.tier,) if line.tier else ()) + line.campaigns
    row["factors"] = [{"id": factor.id, "name": factor.name, "bonus": str(factor.bonus)} for factor in factors]
    return row | {"rule_id": line.rule_id, "points": format_fixed(line.points, 2)}


def _cut(amount_minor: Fraction) -> int:
    return amount_minor.numerator // amount_minor.denominator


def render(explain: Sequence[ExplainLine], not_applied: Sequence[NotApplied] = (), language: Language = "zh") -> str:
    """Write the explanation as text, with the points of the lines in one column."""
    rows = [_row_text(line, language) for line in explain]
    if not_applied:
        colon, joint = ("未生效: ", "；") if language == "zh" else ("Not applied: ", "; ")
        rows.append(colon + joint.join(f"{missed.name} — {missed.reason(language)}" for missed in not_applied))
    return "\n".join(rows)


def _row_text(line: ExplainLine, language: Language) -> str:
    text = text_of(line, language)
    if isinstance(line, TotalLine):
        return _padded(_sum_text(line), NAME_COLUMN) + text
    if isinstance(line, BonusLine | CapLine):
        return _padded(f"{line.points:+d}", NAME_COLUMN) + text
    points = format_fixed(line.points, 2) if isinstance(line, ItemsLine) else ""
    return (_padded(f"  {text}", POINTS_COLUMN - len(points)) + points).rstrip()


def _sum_text(line: TotalLine) -> str:
    return str(line.points) if line.exact == line.points else f"{format_fixed(line.exact, 2)} → {line.points}"


def text_of(line: ExplainLine, language: Language = "zh") -> str:
    """Write one row without its points."""
    zh = language == "zh"
    match line:
        case TotalLine():
            lines = f"{line.line_count} line{'s' if line.line_count != 1 else ''}"
            text = f"消费{line.points_name}   {line.line_count} 行商品" if zh else f"purchase   {lines}"
        case BonusLine():
            text = line.name
        case CapLine():
            zh_of, en_of = _CAPS[line.cap]
            text = f"{zh_of}最多 {line.limit} 分" if zh else f"at most {line.limit} points {en_of}"
        case TendersLine():
            eligible = format_minor(line.eligible_minor, line.currency)
            total = format_minor(line.total_minor, line.currency)
            text = f"可积分的支付 {eligible} / {total}" if zh else f"payment that earns: {eligible} of {total}"
        case ExcludedLine():
            text = f"{_items_name(line, language)} {_EXCLUDED[language][line.reason]}"
        case ItemsLine():
            text = _items_text(line, language)
    return text


_CAPS = {"per_order": ("每笔", "per sale"), "per_day": ("每人每天", "per member and day")}
_EXCLUDED = {
    "zh": {"category": "不参与积分", "gift-card": "购物卡不积分", "no-rule": "没有适用的积分规则"},
    "en": {"category": "earns no points", "gift-card": "gift cards earn no points", "no-rule": "no rule applies"},
}


def _items_name(line: ItemsLine | ExcludedLine, language: Language) -> str:
    several = f"{line.line_count} 行" if language == "zh" else f"{line.line_count} lines"
    count = f"（{several}）" if language == "zh" else f" ({several})"
    return f"{line.category}{count if line.line_count > 1 else ''} {format_minor(line.amount_minor, line.currency)}"


def _items_text(line: ItemsLine, language: Language) -> str:
    text = _items_name(line, language)
    if line.counted_minor != line.amount_minor:
        counted = format_minor(line.counted_minor, line.currency)
        text += f"（按{counted}计）" if language == "zh" else f" ({counted} in full units)"
    per = from_minor(line.rate_per_minor, line.currency)
    if per != 1:
        text += f" ÷{per}"
    if line.rate_points != 1:
        text += f" × {line.rate_points}"
    if line.tier and line.mode is not StackingMode.ADD:
        text += f" × {_named(line.tier, 1 + line.tier.bonus)}"
    summands = ((line.tier,) if line.tier and line.mode is StackingMode.ADD else ()) + line.campaigns
    if summands and line.mode is StackingMode.MULTIPLY:
        text += "".join(f" × {_named(factor, 1 + factor.bonus)}" for factor in summands)
    elif summands:
        text += f" × (1+{'+'.join(_named(factor, factor.bonus) for factor in summands)})"
    if line.capped_at is not None:
        text += f"（封顶{plain(line.capped_at)}倍）" if language == "zh" else f" (capped at ×{plain(line.capped_at)})"
    return text


def _named(factor: Factor, value: Decimal) -> str:
    """Write a factor behind its name, 1 as 1.0; a space keeps it apart from a name that ends in a digit or the like."""
    text = str(plain(value))
    number = text if "." in text else f"{text}.0"
    return f"{factor.name}{' ' if factor.name[-1:].isascii() else ''}{number}"


def _padded(text: str, width: int) -> str:
    """Pad to a display width: Chinese characters are two columns wide. At least one space stays."""
    shown = sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(1, width - shown)
