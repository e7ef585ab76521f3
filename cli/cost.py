"""`jifen cost`: what AWS asks a month, from the units that the tests count and a table of list prices."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Final, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from cli.figures import BALANCE, CHECK_IN, EARN, EVENTS, PRICES_OF, READ_UNITS, REDEEM, RETURN, WRITE_UNITS, Use
from cli.program_command import LangOption, language_of

DAYS: Final = 30
MILLION: Final = 1_000_000
KEY_AND_SECRETS: Final = 1.00 + 2 * 0.40
ALARMS: Final = 70 * 0.10  # some seventy; an account's first ten cost nothing, which is left out
ACCOUNT_BYTES: Final = 236
RETURNS, REDEMPTIONS, LOOKS, CHECK_INS = 0.03, 0.02, 2.0, 0.2

TEXTS: Final = {
    "earn": ("消费积分", "earn"),
    "return": ("退货", "return"),
    "redeem": ("兑换", "redeem"),
    "balance": ("查询余额", "balance"),
    "check-in": ("签到", "check-in"),
    "events": ("通知其他系统", "events told"),
    "nights": ("每晚定时任务", "nights"),
    "standing": ("告警、密钥", "alarms, key, secrets"),
    "operation": ("操作", "operation"),
    "month": ("每月次数", "a month"),
    "million": ("每百万次 $", "$ a million"),
    "dollars": ("每月 $", "$ a month"),
    "service": ("服务", "service"),
    "total": ("合计", "together"),
    "left-out": (
        "未计入：短信、存储（每 GB 每月 $0.25）、备份、追踪、读取数据流的函数",
        "left out: text messages, storage ($0.25 a GB), backups, traces, the functions that read the stream",
    ),
}


class Line(NamedTuple):
    """An operation: how many a month, and what each uses; None for what is paid otherwise."""

    name: str
    times: int
    use: Use | None
    dollars: Mapping[str, float]


def monthly(*, stores: int, sales: int, members: int) -> list[Line]:
    """Give what a month costs a chain whose stores make so many sales a day each, by operation and service.

    Per sale: two looks at a balance, 0.03 returns, 0.02 redemptions, 0.2 check-ins. Half of the members move a month,
    each with a lot that lapses in a year; nights scan everybody three times and audit whoever moved. Each entry is an
    event on the bus.
    """
    sold = stores * sales * DAYS
    uses = (("earn", EARN, 1.0), ("return", RETURN, RETURNS), ("redeem", REDEEM, REDEMPTIONS))
    lines = [
        Line(name, round(sold * share), use, _times(use, sold * share))
        for name, use, share in (*uses, ("balance", BALANCE, LOOKS), ("check-in", CHECK_IN, CHECK_INS))
    ]
    scans = 4 * DAYS * members * ACCOUNT_BYTES / 4096 / 2
    audits = sold * 16
    lapses = members / 12 * EARN.write_units
    nights = (scans + audits) / MILLION * READ_UNITS + lapses / MILLION * WRITE_UNITS
    told = round(sum(line.times * line.use.events for line in lines if line.use))
    events = Line("events", told, None, {"EventBridge": told / MILLION * EVENTS})
    standing = {"CloudWatch": ALARMS, "KMS, Secrets Manager": KEY_AND_SECRETS}
    night = Line("nights", DAYS * 4, None, {"DynamoDB": nights})
    return [*lines, events, night, Line("standing", 0, None, standing)]


def cost(
    stores: Annotated[int, typer.Option(min=1, help="门店数 · stores")],
    sales: Annotated[int, typer.Option(min=0, help="每店每日销售笔数 · sales a day of each store")],
    members: Annotated[int, typer.Option(min=0, help="会员数 · members")] = 100_000,
    lang: LangOption = None,
) -> None:
    """估算每月 AWS 费用 · what AWS asks a month, per operation and per service."""
    at = 0 if language_of(lang) == "zh" else 1
    console = Console(highlight=False)
    lines = monthly(stores=stores, sales=sales, members=members)
    by_operation = Table(*(TEXTS[name][at] for name in ("operation", "month", "million", "dollars")))
    by_service: Counter[str] = Counter()
    for line in lines:
        each = f"{sum(line.use.dollars_per_million.values()):.2f}" if line.use else ""
        counted = f"{line.times:,}" if line.times else ""
        by_operation.add_row(TEXTS[line.name][at], counted, each, f"{sum(line.dollars.values()):,.2f}")
        by_service.update(line.dollars)
    services = Table(TEXTS["service"][at], TEXTS["dollars"][at])
    for service, dollars in by_service.most_common():
        services.add_row(service, f"{dollars:,.2f}")
    services.add_row(TEXTS["total"][at], f"{sum(by_service.values()):,.2f}")
    console.print(by_operation)
    console.print(services)
    console.print(f"{PRICES_OF}; {TEXTS['left-out'][at]}", style="dim", soft_wrap=True)


def _times(use: Use, count: float) -> Mapping[str, float]:
    return {service: dollars * count / MILLION for service, dollars in use.dollars_per_million.items()}
