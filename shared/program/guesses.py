"""What somebody may have meant who wrote a value in a notation of their own: offered, never taken.

Each gives the value in the notation of the file, or None where nothing comes to mind.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Final
from unicodedata import normalize

_CHINESE_WEEKDAY: Final = re.compile(r"(?:星期|礼拜|周)?([一二三四五六日天1-7])")
_CHINESE_DIGITS: Final = "一二三四五六日"
_NUMBER: Final = re.compile(r"(-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?)\s*(?:元|块|积?分|个?月|天|日|件|个|次|倍|%)?")
_TO: Final = r"\s*(?:\.{2,}|[-~–—至到])\s*"
_HOUR: Final = r"(\d{1,2})(?::(\d{2})|[点时])"
_HOURS: Final = re.compile(_HOUR + _TO + _HOUR)
_DAY: Final = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_DATES: Final = re.compile(f"{_DAY}(?:{_TO}{_DAY})?")
_LOCAL_TIME: Final = re.compile(rf"{_DAY}(?:T|\s*)(?:{_HOUR})?")
_CHINESE_COMMAS: Final = re.compile("[，、]")
_CURRENCIES: Final = {"RMB": "CNY", "CNH": "CNY", "YUAN": "CNY", "人民币": "CNY", "元": "CNY", "¥": "CNY", "NTD": "TWD"}
_CHINA: Final = frozenset(
    {"Asia/Beijing", "Asia/Peking", "Beijing", "China", "Asia/Shenzhen", "Asia/Guangzhou", "CST", "PRC", "Shanghai"}
    | {"北京时间", "北京", "上海", "中国", "UTC+8", "UTC+08:00", "GMT+8", "GMT+08:00", "+08:00"}
)


def closest(value: str, candidates: Sequence[str], likeness: float = 0.6) -> str | None:
    """Give the candidate that the writer may have meant."""
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    matches = get_close_matches(value.lower(), by_lower, n=1, cutoff=likeness)
    return by_lower[matches[0]] if matches else None


def is_china(zone: object) -> bool:
    """Say whether somebody means the one time of mainland China by this."""
    return isinstance(zone, str) and zone in _CHINA


def weekday_meant(text: str, english: Sequence[str], chinese: Sequence[str]) -> str | None:
    """Read 星期三, 周3, 周末, Wednesday, Wedsday as one of the names of the days, which begin with Monday."""
    if text == "周末":
        return ", ".join(chinese[-2:])
    if named := _CHINESE_WEEKDAY.fullmatch(text):
        day = named[1].replace("天", "日")
        return chinese[_CHINESE_DIGITS.index(day) if day in _CHINESE_DIGITS else int(day) - 1]
    return closest(text, english) or closest(text[:3], english)


def number_meant(text: str) -> str | None:
    """Read 12个月, 10元, 5,000 and full-width digits."""
    found = _NUMBER.fullmatch(normalize("NFKC", text))
    return found[1].replace(",", "") if found else None


def hours_meant(text: str) -> str | None:
    """Read 8:00-22:00, 08:00~22:00, 8点到22点."""
    found = _HOURS.fullmatch(normalize("NFKC", text))
    if found is None:
        return None
    from_hour, from_minute, to_hour, to_minute = (int(part or 0) for part in found.groups())
    if max(from_hour, to_hour) > 24 or max(from_minute, to_minute) > 59:  # noqa: PLR2004 hours and minutes
        return None
    return f"{from_hour:02d}:{from_minute:02d}-{to_hour:02d}:{to_minute:02d}"


def dates_meant(text: str) -> str | None:
    """Read 2027/6/12, 2027年6月12日 and two of them."""
    found = _DATES.fullmatch(normalize("NFKC", text))
    if found is None:
        return None
    parts = [int(part) for part in found.groups() if part]
    days = [_instant(*parts[at : at + 3]) for at in range(0, len(parts), 3)]
    return None if None in days else "..".join(str(day)[:10] for day in days)


def local_time_meant(text: str) -> str | None:
    """Read 2026-12-08, 2026/12/8 9:30, 2026-12-08T00:00."""
    found = _LOCAL_TIME.fullmatch(normalize("NFKC", text))
    return _instant(*(int(part or 0) for part in found.groups())) if found else None


def _instant(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> str | None:
    try:
        return f"{datetime(year, month, day, hour, minute, tzinfo=UTC):%Y-%m-%d %H:%M}"
    except ValueError:
        return None


def currency_meant(text: str) -> str | None:
    return _CURRENCIES.get(text.upper()) or (text.upper() if re.fullmatch("[A-Za-z]{3}", text) else None)


def list_meant(text: str) -> str:
    """Put brackets around, and ASCII commas for Chinese ones."""
    return f"[{_CHINESE_COMMAS.sub(', ', text.strip('【】'))}]"


def parts_meant(text: str) -> str | None:
    """Read `生鲜，饮料` in a list as two items."""
    return _CHINESE_COMMAS.sub(", ", text) if _CHINESE_COMMAS.search(text) else None
