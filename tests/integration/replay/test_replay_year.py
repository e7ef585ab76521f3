"""A replay as if its time had passed: tiers, expiries and reminders come of the sweeps in between, month by month."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest
from rich.console import Console

from cli.laptop.engine import engine_client
from cli.receipts import ReplayEvent
from cli.replay_months import Months, count_months, print_months
from cli.replay_setup import engine_with_program, enrol_customers
from cli.replay_workers import InProcess
from cli.replay_year import replay_year
from cli.secret_lists import new_secret
from shared.program.zones import zone_named

ZONE: Final = zone_named("Asia/Shanghai")
PROGRAM: Final = """\
schema: 1
program: 门店会员积分
timezone: Asia/Shanghai
currency: CNY
effective: 2020-01-01 00:00
points:
  name: 积分
  expire: {mode: months_after_earning, months: 3, remind: {days_before: [30, 7, 1], by: [app]}}
eligible: {amount: paid}
tiers:
  measure: points_earned
  valid_months: 2
  window_months: 2
  levels:
    - {id: normal, name: 普通会员, reach: 0}
    - {id: silver, name: 银卡会员, reach: 100, keep: 50}
earn:
  - {id: base, name: 每消费10元积1分, on: purchase, give: {points: 1, per_amount: 10}}
"""


def bought(customer: str, at: str, yuan: int) -> ReplayEvent:
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    receipt_id = f"{customer}-{at[:10]}"
    data = {
        "store_id": "WEB",
        "receipt_id": receipt_id,
        "occurred_at": instant.isoformat(),
        "member": {"external_id": customer},
        "currency": "CNY",
        "lines": [{"line_id": "1", "sku": "1", "category": "家居", "quantity": "1", "net": yuan * 100}],
        "tenders": [{"type": "cash", "amount": yuan * 100}],
        "total": yuan * 100,
    }
    return ReplayEvent(customer=customer, invoice=receipt_id, type="sale.completed", at=instant, data=data)


EVENTS: Final = [
    bought("keeper", "2026-01-05T04:00:00", 1_000),
    bought("leaver", "2026-01-05T04:00:00", 1_000),
    bought("keeper", "2026-02-20T04:00:00", 500),
]
WANTED: Final[dict[str, dict[str, int]]] = {
    "2026-01": {"sales": 2, "earned": 200, "up": 2},
    "2026-02": {"sales": 1, "earned": 50, "warnings": 3},  # both on the 3rd; the leaver again on the 26th
    "2026-03": {"30 d": 2, "7 d": 2, "kept": 1, "down": 1},
    "2026-04": {"1 d": 2, "expired": -200, "30 d": 1, "warnings": 2},
    "2026-05": {"7 d": 1, "1 d": 1, "expired": -50, "down": 1},
}


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Months:
    program = tmp_path_factory.mktemp("year") / "program.yaml"
    program.write_text(PROGRAM, "utf-8")
    console = Console(quiet=True)
    with engine_with_program(program) as (endpoint, tables, key):
        client: Any = engine_client(endpoint)
        enrol_customers(EVENTS, client, tables, key, console)
        worker = InProcess(endpoint=endpoint, tables=tables, key=key, secret=new_secret())
        tally = replay_year(EVENTS, worker, zone=ZONE, months_after=4, workers=2, console=console)
        assert (tally.applied, tally.failed) == (3, 0)
        return count_months(client, tables, ZONE)


def test_every_month_tells_what_came_of_it(months: Months) -> None:
    told = {month: {name: count for name, count in counts.items() if count} for month, counts in months.counts.items()}
    assert {month: counts for month, counts in told.items() if counts} == WANTED


def test_it_adds_up_and_nothing_lapsed_untold(months: Months) -> None:
    assert print_months(Console(quiet=True), months)
    assert (months.outstanding, months.untold, dict(months.tiers)) == (0, 0, {"normal": 2})


def test_what_lapsed_untold_is_a_failure(months: Months) -> None:
    silent = Months(counts=months.counts, tiers=months.tiers, outstanding=months.outstanding, untold=1)
    assert not print_months(Console(quiet=True), silent)
