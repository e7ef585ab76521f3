"""How an explanation is told: as JSON for the API, as text for the till, the console and the command line."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unicodedata import east_asian_width

from shared.earning.explain import (
    BonusLine,
    BudgetLine,
    CapLine,
    ExcludedLine,
    ExplainLine,
    Factor,
    ItemsLine,
    Language,
    NotApplied,
    TendersLine,
    TotalLine,
)
from shared.program.currency import format_fixed, format_minor, from_minor, plain
from shared.program.model import StackingMode

NAME_COLUMN = 13
POINTS_COLUMN = 65


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
    return {"kind": line.kind, "text": text_of(line, language), **_numbers(line)}


def _numbers(line: ExplainLine) -> dict[str, Any]:
    row: dict[str, Any] = {}
    match line:
        case TotalLine():
            row = {"exact": format_fixed(line.exact, 2), "points": line.points, "line_count": line.line_count}
        case TendersLine():
            row = {"eligible_minor": line.eligible_minor, "total_minor": line.total_minor, "currency": line.currency}
        case BonusLine():
            row = {"rule_id": line.rule_id, "points": line.points}
        case CapLine():
            row = {"cap": line.cap, "limit": line.limit, "points": line.points}
        case BudgetLine():
            row = {"rule_id": line.rule_id, "points": format_fixed(line.points, 2)}
        case ExcludedLine():
            row = {**_lines(line), "reason": line.reason}
        case ItemsLine():
            factors = ((line.tier,) if line.tier else ()) + line.campaigns
            told = [{"id": factor.id, "name": factor.name, "bonus": str(factor.bonus)} for factor in factors]
            row = {**_lines(line), "factors": told, "rule_id": line.rule_id, "points": format_fixed(line.points, 2)}
    return row


def _lines(line: ItemsLine | ExcludedLine) -> dict[str, Any]:
    return {
        "category": line.category,
        "line_count": line.line_count,
        "amount_minor": _cut(line.amount_minor),
        "currency": line.currency,
    }


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
    points = format_fixed(line.points, 2) if isinstance(line, ItemsLine | BudgetLine) else ""
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
        case BudgetLine():
            text = f"{line.name} 预算已用完" if zh else f"{line.name}: its budget is used up"
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
