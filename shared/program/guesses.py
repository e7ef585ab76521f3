"""What somebody may have meant who wrote a value in a notation of their own: offered, never taken.

Each gives the value in the notation of the file, or None where nothing comes to mind.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Final
from unicodedata import normalize

_CHINESE_WEEKDAY: Final = re.compile(r"(?:星期|礼拜|周)?([一二三四五六七日天1-7])")
_CHINESE_DIGITS: Final = "一二三四五六日"
_SEVERAL_ZH: Final = {"周末": slice(5, 7), "工作日": slice(5), "平日": slice(5)}
_SEVERAL_EN: Final = {"weekend": slice(5, 7), "weekends": slice(5, 7), "weekday": slice(5), "weekdays": slice(5)}
_NUMBER: Final = re.compile(
    r"[¥$+×x]?\s*(-?[0-9]+(?:[,_ ][0-9]{3})*(?:\.[0-9]+)?)\s*([千万]?)\s*"
    r"(元|块|角|积?分|个?月|天|日|件|个|次|倍|x|%)?\s*(?:(?:#|//).*)?"
)
_TIMES: Final = {"双倍": "2", "两倍": "2", "三倍": "3", "四倍": "4", "五倍": "5"}
_THOUSANDS: Final = {"": 1, "千": 1_000, "万": 10_000}
_HUNDREDTHS: Final = {"worth": "分%", "multiply": "%", "max_multiplier": "%"}
"""Fields of yuan or of a factor, with the units that are a hundredth of it."""
_TO: Final = r"\s*(?:\.{2,}|[-~–—至到]|to)\s*"
_HOUR: Final = r"(\d{1,2})(?:[:.](\d{2})|[点时])?\s*(am|pm)?"
_HOURS: Final = re.compile(_HOUR + _TO + _HOUR, re.IGNORECASE)
_QUOTES: Final = "“”‘’\"' "
_DAY: Final = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_DAY_FIRST: Final = re.compile(r"\b(\d{1,2})([./])(\d{1,2})\2(\d{4})\b")
_DATES: Final = re.compile(f"{_DAY}(?:{_TO}{_DAY})?")
_LOCAL_TIME: Final = re.compile(rf"{_DAY}(?:T|\s*)(?:(\d{{1,2}})(?::(\d{{2}})|[点时]))?")
_LAST_DAY: Final = frozenset({"last", "月底", "月末", "最后一天", "每月最后一天"})
_CHINESE_COMMAS: Final = re.compile("[，、]")
_CURRENCIES: Final = {"RMB": "CNY", "CNH": "CNY", "YUAN": "CNY", "人民币": "CNY", "元": "CNY", "¥": "CNY", "NTD": "TWD"}
_IN_CHINESE: Final = {
    "purchase": ("消费", "购物", "购买", "下单"),
    "check_in": ("签到", "打卡"),
    "follow": ("关注",),
    "share": ("分享",),
    "review": ("评价", "写评价"),
    "survey": ("问卷",),
    "browse": ("浏览",),
    "enroll": ("注册", "入会"),
    "referral_enrolled": ("邀请", "邀请好友"),
    "day": ("每天", "每日", "天", "日", "daily"),
    "week": ("每周", "每星期", "周"),
    "month": ("每月", "每个月", "月"),
    "year": ("每年", "年"),
    "app": ("应用", "小程序"),
    "sms": ("短信", "手机短信"),
    "email": ("邮件", "电子邮件"),
    "product": ("商品", "实物"),
    "points_earned": ("积分",),
    "amount_spent": ("消费金额", "金额"),
    "visits": ("消费次数", "次数"),
    "cash": ("现金",),
    "card": ("银行卡", "刷卡"),
    "wechat_pay": ("微信", "微信支付", "weixin", "weixin_pay"),
    "alipay": ("支付宝",),
    "stored_value": ("储值", "储值卡"),
    "both": ("双方",),
    "referrer": ("邀请人",),
    "friend": ("好友",),
}
_CHINA: Final = frozenset(
    {"Asia/Beijing", "Asia/Peking", "Beijing", "China", "Asia/Shenzhen", "Asia/Guangzhou", "CST", "PRC", "Shanghai"}
    | {"北京时间", "北京", "上海", "中国", "UTC+8", "UTC+08:00", "GMT+8", "GMT+08:00", "+08:00"}
)


def closest(value: str, candidates: Sequence[str], likeness: float = 0.6) -> str | None:
    """Give the candidate that the writer may have meant."""
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    matches = get_close_matches(value.lower(), by_lower, n=1, cutoff=likeness)
    return by_lower[matches[0]] if matches else None


def option_meant(value: str, options: Sequence[str], likeness: float = 0.6) -> str | None:
    """Read 消费 as purchase, 每月 as month, and what is nearly one of the options."""
    named = next((name for name, words in _IN_CHINESE.items() if value in words), None)
    return named if named in options else closest(value, options, likeness)


def is_china(zone: object) -> bool:
    """Say whether somebody means the one time of mainland China by this."""
    return isinstance(zone, str) and zone in _CHINA


def weekday_meant(text: str, english: Sequence[str], chinese: Sequence[str]) -> str | None:
    """Read 星期三, 周3, 周一至周五, 周末, Wednesday, Wedsday as names of the days, which begin with Monday."""
    for names, several in ((chinese, _SEVERAL_ZH), (english, _SEVERAL_EN)):
        if text.lower() in several:
            return ", ".join(names[several[text.lower()]])
    if len(ends := re.split(_TO, text)) == 2:  # noqa: PLR2004 from one day to another
        first, last = (weekday_meant(end, english, chinese) for end in ends)
        for names in (chinese, english):
            if first in names and last in names:
                start, end = names.index(first), names.index(last) + 1
                return ", ".join(names[start:end] if start < end else (*names[start:], *names[:end]))
    if named := _CHINESE_WEEKDAY.fullmatch(text):
        day = named[1].replace("天", "日").replace("七", "日")
        return chinese[_CHINESE_DIGITS.index(day) if day in _CHINESE_DIGITS else int(day) - 1]
    return closest(text, english) or closest(text[:3], english)


def number_meant(text: str, field: str = "") -> str | None:
    """Read 12个月, ¥10, 5,000, 5万, 双倍, and full-width digits; 150% is 1.5 of a factor, 1分 a hundredth of a yuan."""
    if text in _TIMES:
        return _TIMES[text]
    found = _NUMBER.fullmatch(normalize("NFKC", text))
    if found is None:
        return None
    number = Decimal(re.sub("[,_ ]", "", found[1])) * _THOUSANDS[found[2]]
    if found[3] == "角":
        number /= 10
    elif found[3] and found[3] in _HUNDREDTHS.get(field, ""):
        number /= 100
    return f"{number:f}"


def hours_meant(text: str) -> str | None:
    """Read 8:00-22:00, 08:00~22:00, 8点到22点, 8-22, 8am-10pm."""
    found = _HOURS.fullmatch(normalize("NFKC", text).strip(_QUOTES))
    if found is None:
        return None
    (from_hour, from_minute), (to_hour, to_minute) = _hour(*found.group(1, 2, 3)), _hour(*found.group(4, 5, 6))
    if max(from_hour, to_hour) > 24 or max(from_minute, to_minute) > 59:  # noqa: PLR2004 hours and minutes
        return None
    return f"{from_hour:02d}:{from_minute:02d}-{to_hour:02d}:{to_minute:02d}"


def _hour(hour: str, minute: str | None, half: str | None) -> tuple[int, int]:
    on_the_clock = int(hour) % 12 if half else int(hour)
    return on_the_clock + (12 if (half or "").lower() == "pm" else 0), int(minute or 0)


def dates_meant(text: str) -> str | None:
    """Read 2027/6/12, 2027年6月12日, 24.12.2026 and two of them."""
    found = _DATES.fullmatch(_year_first(normalize("NFKC", text)))
    if found is None:
        return None
    parts = [int(part) for part in found.groups() if part]
    days = [_instant(*parts[at : at + 3]) for at in range(0, len(parts), 3)]
    return None if None in days else "..".join(str(day)[:10] for day in days)


def local_time_meant(text: str) -> str | None:
    """Read 2026-12-08, 2026/12/8 9:30, 2026-12-08T00:00, 24.12.2026."""
    found = _LOCAL_TIME.fullmatch(_year_first(normalize("NFKC", text)))
    return _instant(*(int(part or 0) for part in found.groups())) if found else None


def _year_first(text: str) -> str:
    """Turn 24.12.2026 and 12/24/2026 around; 6/12/2026 may be either day and is left."""
    return _DAY_FIRST.sub(_turned, text)


def _turned(found: re.Match[str]) -> str:
    day, month = int(found[1]), int(found[3])
    if found[2] == "/" and max(day, month) <= 12:  # noqa: PLR2004 months
        return found[0]
    day, month = (month, day) if found[2] == "/" and day <= 12 else (day, month)  # noqa: PLR2004 months
    return f"{found[4]}-{month}-{day}"


def _instant(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> str | None:
    try:
        return f"{datetime(year, month, day, hour, minute, tzinfo=UTC):%Y-%m-%d %H:%M}"
    except ValueError:
        return None


def day_of_month_meant(text: str) -> str | None:
    """Read 8号, 8日, 月底, last."""
    if text.lower() in _LAST_DAY:
        return "-1"
    found = re.fullmatch(r"(?:每月)?([1-9]|[12][0-9]|3[01])[号日]?", normalize("NFKC", text))
    return found[1] if found else None


def day_start_meant(text: str) -> str | None:
    """Read 4, 4:00, 凌晨4点."""
    found = re.fullmatch(r"(?:凌晨|早上)?0?([1-9]|1[0-2])(?::00|[点时])?", normalize("NFKC", text))
    return f"{int(found[1]):02d}:00" if found else None


def id_meant(text: str) -> str | None:
    """Read `Fresh Day` as fresh-day."""
    meant = re.sub(r"[\s.·]+", "-", normalize("NFKC", text).strip().lower())
    return meant if re.fullmatch("[a-z][a-z0-9_-]{0,39}", meant) else None


def currency_meant(text: str) -> str | None:
    return _CURRENCIES.get(text.upper()) or (text.upper() if re.fullmatch("[A-Za-z]{3}", text) else None)


def list_meant(text: str) -> str:
    """Put brackets around, and ASCII commas for Chinese ones."""
    return f"[{_CHINESE_COMMAS.sub(', ', text.strip('【】［］'))}]"


def parts_meant(text: str) -> str | None:
    """Read `生鲜，饮料` in a list as two items."""
    return _CHINESE_COMMAS.sub(", ", text) if _CHINESE_COMMAS.search(text) else None
