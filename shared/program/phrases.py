"""When a rule holds, in words: a Chinese phrase, and an English one for the middle of a sentence."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from shared.program.actions import Evidence
from shared.program.currency import format_minor
from shared.program.model import Program
from shared.program.rules import DateRange, Totals, When

_WEEKDAYS_ZH: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEKDAYS_EN: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


class Phrase(NamedTuple):
    zh: str
    en: str


_BIRTHDAYS: Final = {
    "day": Phrase("生日当天", "on your birthday"),
    "week": Phrase("生日那一周", "in the week of your birthday"),
    "month": Phrase("生日那个月", "in the month of your birthday"),
}


def condition_phrases(when: When, program: Program) -> Iterator[Phrase]:
    """Give a phrase for every condition of a rule, times first."""
    yield from _times(when)
    yield from _places_and_people(when, program)
    yield from _items(when, program)


def evidence_phrases(evidence: Evidence, program: Program) -> list[Phrase]:
    """Give a phrase for everything that must be shown of an action."""
    found: list[Phrase] = []
    if evidence.min_likes is not None:
        found.append(Phrase(f"集满 {evidence.min_likes} 个赞", f"with {evidence.min_likes} likes"))
    if evidence.min_chars is not None:
        found.append(Phrase(f"至少 {evidence.min_chars} 字", f"of at least {evidence.min_chars} characters"))
    if evidence.has_photo is not None:
        found.append(Phrase("有图", "with a photo") if evidence.has_photo else Phrase("无图", "without a photo"))
    if evidence.page is not None:
        found.append(Phrase(f"页面 {evidence.page}", f"the page {evidence.page}"))
    if evidence.streak_days is not None:
        found.append(Phrase(f"连续第 {evidence.streak_days} 天", f"on day {evidence.streak_days} in a row"))
    if evidence.equals:
        asked = [(name, _written(value)) for name, value in evidence.equals.items()]
        zh = "，".join(f"{name} 为 {value}" for name, value in asked)
        found.append(Phrase(zh, f"where {_and(f'{name} is {value}' for name, value in asked)}"))
    if evidence.min_amount_minor is not None:
        amount = format_minor(evidence.min_amount_minor, program.currency)
        found.append(Phrase(f"满 {amount}", f"of at least {amount}"))
    return found


def _written(value: object) -> str:
    """Write a value as it stands in the file."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _times(when: When) -> Iterator[Phrase]:
    if when.dates:
        yield Phrase("、".join(_dates(span).zh for span in when.dates), _and(_dates(span).en for span in when.dates))
    if when.days:
        days = sorted(when.days)
        yield Phrase("、".join(_WEEKDAYS_ZH[day] for day in days), f"on {_and(_WEEKDAYS_EN[day] for day in days)}")
    if when.days_of_month:
        yield _days_of_month(sorted(when.days_of_month, key=lambda day: (day < 0, day)))
    if when.hours:
        yield Phrase(str(when.hours), f"from {str(when.hours).replace('-', ' to ')}")


def _dates(span: DateRange) -> Phrase:
    if span.first == span.last:
        return Phrase(f"{span.first}", f"on {span.first}")
    return Phrase(f"{span.first} 至 {span.last}", f"from {span.first} to {span.last}")


def _places_and_people(when: When, program: Program) -> Iterator[Phrase]:
    if when.stores:
        yield _listed("门店 {}", "in the stores {}", when.stores)
    if when.tiers:
        yield _listed("{}", "for {}", (_tier_name(tier, program) for tier in when.tiers))
    if when.birthday:
        yield _BIRTHDAYS[when.birthday]
    if when.order_number is not None:
        number = when.order_number
        yield (
            Phrase("首单", "on the first purchase") if number == 1 else Phrase(f"第{number}单", f"on purchase {number}")
        )
    if when.order_number_in_month is not None:
        number = when.order_number_in_month
        yield Phrase(f"当月第{number}单", f"on purchase {number} of a month")
    if when.totals is not None:
        yield _totals(when.totals, program)


def _totals(totals: Totals, program: Program) -> Phrase:
    zh, en = f"{totals.within_days}天内", f"within {totals.within_days} days"
    if totals.distinct_stores > 1:
        zh, en = f"{zh}在{totals.distinct_stores}家门店", f"{en} in {totals.distinct_stores} stores"
    if totals.amount_minor:
        amount = format_minor(totals.amount_minor, program.currency)
        zh, en = f"{zh}累计满 {amount}", f"for purchases of {amount} {en}"
    return Phrase(zh, en)


def _items(when: When, program: Program) -> Iterator[Phrase]:
    if when.categories:
        yield _listed("品类 {}", "on {}", when.categories)
    if when.item_tags:
        yield _listed("标签为 {} 的商品", "on items marked {}", when.item_tags)
    if when.skus:
        yield Phrase(f"指定的 {len(when.skus)} 种商品", f"on {len(when.skus)} selected items")
    if when.min_amount_minor is not None:
        amount = format_minor(when.min_amount_minor, program.currency)
        yield Phrase(f"单笔满 {amount}", f"from {amount} per purchase")


def _days_of_month(days: Iterable[int]) -> Phrase:
    zh, en = [], []
    for day in days:
        zh.append(f"{day}日" if day > 0 else "最后一天" if day == -1 else f"倒数第{-day}天")
        en.append(f"day {day}" if day > 0 else "the last day" if day == -1 else f"the last day but {-day - 1}")
    return Phrase(f"每月{'、'.join(zh)}", f"on {_and(en)} of the month")


def _listed(zh: str, en: str, names: Iterable[str]) -> Phrase:
    ordered = sorted(names)
    return Phrase(zh.format("、".join(ordered)), en.format(_and(ordered)))


def _and(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _tier_name(tier_id: str, program: Program) -> str:
    level = program.level(tier_id)
    return level.name if level else tier_id
