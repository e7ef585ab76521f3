"""What the program commands say, in Chinese and English, and in which of the two by the locale."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from cli.simulation_texts import SIMULATION_TEXTS
from shared.errors import InvalidFieldError, JifenError, NoticeTooShortError, VersionMovedError
from shared.program.calendar import to_local
from shared.program.messages import Language

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    **SIMULATION_TEXTS,
    "clean": ("没有问题", "no findings"),
    "counts": ("{errors} 处错误，{warnings} 处提醒", "errors: {errors}, warnings: {warnings}"),
    "unreadable": ("读不了文件：{reason}", "the file cannot be read: {reason}"),
    "not-connected": (
        "还没连上任何部署：本机没有运行（make up），也没有设 JIFEN_LEDGER_TABLE 等变量",
        "not connected to a deployment: nothing runs here (make up), and JIFEN_LEDGER_TABLE and the like are not set",
    ),
    "aws-failed": ("AWS 没有完成请求：{reason}", "AWS did not do it: {reason}"),
    "bad-effective": (
        "--effective 要写 now、2026-12-08 00:00（按计划的时区）或带时区的时间，写成了“{value}”",
        "--effective takes now, 2026-12-08 00:00 (in the program's zone) or a time with offset, not `{value}`",
    ),
    "first": ("还没有任何版本", "no version yet"),
    "nothing-changes": (
        "和第 {number} 版一样，没有变化，不需要发布",
        "the same as version {number}: nothing changes, nothing to publish",
    ),
    "will-publish": ("将发布第 {number} 版", "version {number} will be published"),
    "program": ("会员计划", "program"),
    "rules": ("规则", "rules"),
    "content": ("内容 SHA-256", "content SHA-256"),
    "same-content": ("（与第 {number} 版内容相同）", "(the same content as version {number})"),
    "effective": ("生效", "effective"),
    "soonest": ("发布后 {seconds} 秒", "{seconds} seconds after publication"),
    "pilot": ("试点门店", "pilot stores"),
    "everywhere": ("全部门店", "all stores"),
    "replaced": ("不再生效", "never takes effect"),
    "replaced-versions": ("已计划的第 {numbers} 版", "planned version {numbers}"),
    "notice": ("顾客公告", "notice"),
    "days-before": ("至少提前 {days} 天", "at least {days} days before"),
    "type-number": ("输入版本号 {number} 以发布", "type the version number {number} to publish"),
    "not-typed": ("没有发布", "nothing was published"),
    "published": ("已发布第 {number} 版", "published version {number}"),
    "store": ("门店", "store"),
    "live": ("现行版本", "live"),
    "since": ("生效自", "since"),
    "next": ("下次变更", "next change"),
    "version": ("第 {number} 版", "version {number}"),
    "at": ("{at} 起第 {number} 版", "{number} from {at}"),
    "by-the-clock": ("时间按 {zone}", "times by the clock of {zone}"),
    "joint": ("，", ", "),
    "stores-published": ("已发布 {count} 家门店", "published {count} stores"),
    "no-template": ("没有叫“{name}”的模板。可以写：{known}", "no template `{name}`. There are: {known}"),
    "file-exists": ("{file} 已经存在，没有覆盖。换一个文件名", "{file} exists and was left alone. Name another file"),
    "unwritable": ("写不了文件：{reason}", "the file cannot be written: {reason}"),
    "written": (
        "已写好 {file}。改好后运行 jifen program validate {file}",
        "wrote {file}. Change it, then run jifen program validate {file}",
    ),
    "no-rule": ("没有编号为“{id}”的规则。现有：{known}", "no rule `{id}`. There are: {known}"),
    "no-rule-but": ("。是不是想写 {guess}？", ". Did you mean {guess}?"),
    "always": ("不限日期和钟点。", "On any day, at any time."),
    "next-times": ("接下来：", "Next:"),
    "never-again": ("以后不会再有。", "It never holds again."),
    "bad-month": ("--month 要写成 2026-12，写成了“{value}”", "--month takes 2026-12, not `{value}`"),
    "day": ("日期", "day"),
    "campaigns": ("活动", "campaigns"),
    "together": ("同时有几个活动时", "where several meet"),
    "best-counts": ("只取最高的一个", "only the best counts"),
    "added-up": ("不同组相加，同组取最高", "groups add up, the best of each counts"),
    "multiplied": ("不同组相乘，同组取最高", "groups multiply, the best of each counts"),
    "before-it-begins": (
        "这一版 {day} 起生效，之前的日子按旧版",
        "this version begins on {day}; the days before have the version before",
    ),
    "no-campaigns": ("{month} 没有活动", "no campaigns in {month}"),
    "diff-files": ("写两个文件：旧的和新的；或者 --live 和一个文件", "name two files, old and new; or --live and one"),
    "no-change": ("没有变化", "nothing changes"),
    "from": ("{begins} 起", "From {begins}"),
    "from-pilot": (
        "试点门店 {stores} 从 {begins} 起、全部门店从 {everywhere} 起",
        "In the pilot stores {stores} from {begins} and in all stores from {everywhere}",
    ),
    "worse": ("⚠ 对顾客可能更不利", "⚠ may be worse for customers"),
    "worse-unannounced": (
        "有对顾客更不利的变化，却没有公告。在文件里写 notice（jifen program notice 可以起草）",
        "something gets worse for customers and no notice tells them. Add notice (jifen program notice drafts it)",
    ),
    "colon": ("：", ": "),
    "notice-head": ("{when}，{program}有以下变化：", "{when}, {program} changes as follows:"),
    "notice-gone": ("不再提供。", "is no longer given."),
    "notice-void": ("以下不再适用：{before}", "no longer holds: {before}"),
    "unknown-stores": ("不认识的门店", "unknown stores"),
    "not-published": (
        "{stores}：不在已发布的门店名单里，检查写法；新店先用 jifen stores publish 发布",
        "{stores}: not among the published stores. Check the spelling; publish a new store by jifen stores publish",
    ),
    "version-column": ("版本", "version"),
    "published-at": ("发布于", "published"),
    "author": ("发布人", "by"),
    "sha": ("SHA-256", "SHA-256"),
    "remark": ("说明", "remark"),
    "same-as": ("内容同第 {number} 版", "content of version {number}"),
    "in-force": ("现行", "live"),
    "no-version": ("没有第 {number} 版，最新是第 {latest} 版", "no version {number}; the latest is {latest}"),
    "bad-pilot": (
        "--pilot 要写成 SH001,SH002..2026-12-15，写成了“{value}”",
        "--pilot takes SH001,SH002..2026-12-15, not `{value}`",
    ),
    "moved": (
        "有人先发布了一版（现在是修订 {current}）。请看 jifen program status，再发布一次",
        "somebody published first (now revision {current}). Look at jifen program status, then publish again",
    ),
    "too-early": (
        "新版本最早 {earliest} 生效。改文件里的 effective，或加 --effective now",
        "a new version begins {earliest} at the earliest. Change effective in the file, or add --effective now",
    ),
    "before-effective": (
        "全部门店不能早于试点门店。改 rollout.all_stores_from",
        "all stores cannot begin before the pilot. Change rollout.all_stores_from",
    ),
    "notice-too-short": (
        "规则变动要提前 {days} 天告知顾客，最早 {earliest} 生效。改文件里的 effective 或 --effective",
        "customers are told {days} days ahead: {earliest} at the earliest. Change effective in the file or --effective",
    ),
}

Say = Callable[..., str]
"""Gives a text of these by its name and fields, in one language."""


def locale_language() -> Language:
    """English where the locale is English, else Chinese."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "en" if value.startswith("en") else "zh"
    return "zh"


def speaker(language: Language) -> Say:
    def say(name: str, /, **fields: object) -> str:
        return _TEXTS[name][0 if language == "zh" else 1].format(**fields)

    return say


def clock_time(instant: datetime, zone: str) -> str:
    """Write an instant by the clock of the program, whose zone stands beside it; seconds where there are some."""
    local = to_local(instant, zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


def shown_time(instant: datetime, zone: str) -> str:
    """Write an instant by the clock of the program, with the zone."""
    return f"{to_local(instant, zone):%Y-%m-%d %H:%M:%S} {zone}"


def _next_hour(earliest: str, zone: str) -> str:
    """Write the next full hour that is early enough: by the time that the exact second is typed, it is too early."""
    local = to_local(datetime.fromisoformat(earliest), zone)
    full = local.replace(minute=0, second=0, microsecond=0)
    return clock_time(full if full == local else full + timedelta(hours=1), zone)


def refusal_text(error: JifenError, say: Say, zone: str) -> str:
    """Say what to do about a refused publication."""
    match error:
        case VersionMovedError():
            return say("moved", current=error.fields["current"])
        case NoticeTooShortError():
            earliest = _next_hour(error.fields["earliest"], zone)
            return say("notice-too-short", days=error.fields["days_before"], earliest=earliest)
        case InvalidFieldError():
            first = error.fields["errors"][0]
            earliest = _next_hour(first["earliest"], zone) if "earliest" in first else ""
            return say(first["code"], earliest=earliest)
        case _:
            return str(error)
