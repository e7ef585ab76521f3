"""P1 to P3, P5 to P7, P19, P20: what requests use, counted in warm containers from event to answer.

The shop's program has tiers and a year's expiry. Its member has a lot at the end of each of 48 months, and buys ten
lines at a time.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from datetime import date
from typing import Final

from cli.figures import BALANCE, CHECK_IN, EARN, EVENTS, GATEWAY_LOG_BYTES, REDEEM, RETURN, Use
from shared.keys import redemption
from shared.ledger.account import Movement
from shared.ledger.entries import EntryKind
from shared.ledger.posting import begin
from shared.ledger.rules import Rules
from shared.ledger.store import Guard, Ledger, StaleReadError
from shared.program.actions import ActionRule, Streak
from shared.program.calendar import add_months, end_of_month
from shared.program.model import Program
from shared.program.zones import zone_named
from shared.runtime import aws
from tests.builders import NOW, ZONE, a_ladder, a_program, months, patience, per_yuan
from tests.engine import running_engine
from tests.http_events import LambdaContext
from tests.item_size import item_bytes
from tests.observed import observed
from tests.whole.containers import Container
from tests.whole.engine import plain
from tests.whole.requests import Asked, by_member
from tests.whole.stage import SO_FAR, Stage, id_of, open_stage
from tests.whole.story import AGREED, a_phone, open_shops, redeems, refund, sale
from tools.bench.figures import Figure, at_most, exactly, told

MEMBER: Final = id_of("mem", SO_FAR, 0)
TEN_LINES: Final = [1_099 + 777 * at for at in range(10)]
LOTS: Final = 48
KILOBYTE: Final = 1_024
GOALS: Final = {"earn": 4.70, "redeem": 6.00, "balance": 1.60}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one request used. `log_bytes` is its line without the end of line."""

    status: int
    calls: tuple[str, ...]
    write_units: float
    read_units: float
    log_bytes: int


class Shop:
    """The whole product with one member, and for each function one warm container."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._warm: dict[str, Container] = {}

    def ask(self, request: Asked) -> Spent:
        """Let the function's container answer, and count."""
        container, event, line = self.container(request), request.event(self.stage.find), io.StringIO()
        with redirect_stderr(line), observed(aws.client("dynamodb")) as traffic:
            answer = container(event, LambdaContext())
        return Spent(
            status=answer["statusCode"],
            calls=tuple(traffic.calls),
            write_units=traffic.write_units,
            read_units=traffic.read_units,
            log_bytes=len(line.getvalue().rstrip("\n").encode()),
        )

    def container(self, request: Asked) -> Container:
        if request.function not in self._warm:
            self._warm[request.function] = self.stage.container(request, SO_FAR)
        return self._warm[request.function]

    def item_bytes(self, table: str, key: str) -> int:
        (found,) = [item for place, item in self.stage.state().items() if place[:2] == (table, key)]
        return item_bytes(plain(found))


def the_program() -> Program:
    check_in = ActionRule(id="check-in", name="签到", on="check_in", give=Streak(points=(5, 8, 12)))
    return a_program(per_yuan(), expire=months(12), tiers=a_ladder(silver=1_000_000), actions=(check_in,))


def buys(receipt_id: str, amounts: list[int] | None = None) -> Asked:
    return sale(receipt_id, MEMBER, *(TEN_LINES if amounts is None else amounts))


@contextmanager
def open_shop(engine_url: str, suffix: str, *, lots: int = LOTS) -> Iterator[Shop]:
    """Open a shop whose member has lots of as many months, and whose containers have each answered once."""
    with open_stage(engine_url, suffix) as stage:
        open_shops(stage, the_program())
        shop = Shop(stage)
        shop.ask(by_member("mei", "POST /v1/me", AGREED, phone=a_phone(2)))
        give_lots(stage, lots)
        for request in (
            by_member("mei", "GET /v1/me"),
            by_member("mei", "GET /v1/me/entries"),
            by_member("mei", "GET /v1/me/tasks"),
            redeems("mei", "mug", key="warm-warm-warm"),
            buys("T-warm"),
        ):
            shop.ask(request)
        yield shop


def give_lots(stage: Stage, lots: int) -> None:
    ledger = Ledger(client=aws.client("dynamodb"), tables=stage.tables)
    posting = begin(ledger.account(MEMBER), NOW, Rules(zone=zone_named(ZONE)))
    ends = [end_of_month(add_months(date(2026, 12, 1), month)) for month in range(lots)]
    key = redemption("rdm_lots")
    posting = posting.add(EntryKind.EARNED, key, Movement(lots={f"{day:%y%m%d}": 12_345 for day in ends}))
    ledger.commit(posting, patience(), guards={key: Guard(refusal=lambda _old: StaleReadError())})


def figures() -> Iterator[Figure]:
    """Count each request once, and multiply it by the prices."""
    with running_engine() as url, open_shop(url, "-requests") as shop:
        yield from counted(shop)
    yield from dollars()


def counted(shop: Shop) -> Iterator[Figure]:
    """Count every request that has a figure, once. Ids of figures say of what: units, calls, bytes."""
    requests: Mapping[str, tuple[Asked, Use, int]] = {
        "earn": (buys("T-1"), EARN, 2),
        "redeem": (redeems("mei", "mug", key="redeem-a-mug"), REDEEM, 3),
        "balance": (by_member("mei", "GET /v1/me"), BALANCE, 1),
        "return": (refund("T-1", "R-1", amount=1_000), RETURN, 3),
        "check-in": (by_member("mei", "POST /v1/me/check-ins"), CHECK_IN, 3),
    }
    units = {"earn": "P1", "redeem": "P2", "balance": "P3", "return": "P1.return", "check-in": "P4"}
    for name, (request, use, calls) in requests.items():
        spent = shop.ask(request)
        kind, used, goal = _units(name, spent, use)
        yield at_most(f"{units[name]}.{kind}", used, goal, f"{kind} units, {name}")
        yield at_most(f"P7.{name}", len(spent.calls), calls, f"AWS calls in a warm container, {name}")
        yield at_most(f"P19.{name}", spent.log_bytes, 500, f"bytes of the line of log, {name} (stretch 300)")
        yield at_most(
            f"P20.{name}.log", spent.log_bytes, use.log_bytes, f"bytes of the line of log as reckoned, {name}"
        )
    yield from _history(shop)
    yield from _replayed(shop)
    yield from _sizes(shop)


def _units(name: str, spent: Spent, use: Use) -> tuple[str, float, float]:
    if name == "balance":
        return "read", spent.read_units, use.read_units
    return "write", spent.write_units, use.write_units


def _history(shop: Shop) -> Iterator[Figure]:
    for number in range(20):
        shop.ask(buys(f"T-history-{number}"))
    spent = shop.ask(by_member("mei", "GET /v1/me/entries"))
    yield at_most("P3.history.read", spent.read_units, 1, "read units of the last twenty entries (stretch 0.5)")
    yield exactly("P3.history.calls", len(spent.calls), 1, "calls for the last twenty entries")


def _replayed(shop: Shop) -> Iterator[Figure]:
    before = shop.stage.state()
    for name, request, first in (
        ("earn", buys("T-1"), EARN),
        ("redeem", redeems("mei", "mug", key="redeem-a-mug"), REDEEM),
    ):
        spent = shop.ask(request)
        yield at_most(f"P5.{name}", spent.write_units, first.write_units, f"write units of a replayed request, {name}")
    after = shop.stage.state()
    changed = [place for place in {*before, *after} if before.get(place) != after.get(place)]
    yield exactly("P5.changed", len(changed), 0, "items that replayed requests change")


def _sizes(shop: Shop) -> Iterator[Figure]:
    tables = shop.stage.tables
    account = shop.item_bytes(tables.accounts, MEMBER)
    yield at_most("P6.account", account, KILOBYTE, f"bytes of the account with {LOTS} lots")
    entry = shop.item_bytes(tables.ledger, "SALE#SH001#T-history-0")
    yield at_most("P6.entry", entry, KILOBYTE, "bytes of the entry of a sale of ten lines")
    spent = shop.ask(buys("T-500", [1_000] * 500))
    yield exactly("P6.500-lines", spent.status, 200, "status of a sale of 500 lines")


def dollars() -> Iterator[Figure]:
    """Multiply what is counted by the prices, for the request alone; what follows it is told beside it."""
    for name, use in (("earn", EARN), ("redeem", REDEEM), ("balance", BALANCE)):
        each = round(sum(use.dollars_per_million.values()), 2)
        yield at_most(f"P20.{name}", each, GOALS[name], f"dollars for a million, {name}")
    yield told("P20.gateway-log", GATEWAY_LOG_BYTES, "bytes of the gateway's line, at most")
    yield told("P20.event", EARN.events * EVENTS, "dollars more for a million entries, told to other systems")
