"""A replay as if its time had passed: day by day, the sweeps run as their schedules would, then the day's receipts.

The sweeps are the deployed workers' own code on the instants of their schedules, each segment of the table in a
process of its own. Nothing is sent: what members would have been told stands in the ledger's table, and is counted.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as clock_time
from functools import cache, partial
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli.laptop.engine import engine_client
from cli.receipts import ReplayEvent
from cli.replay_report import Tally
from cli.replay_setup import CONSENT
from cli.replay_workers import Answered, InProcess, be_silent, by_customer
from shared.program.calendar import add_months
from shared.runtime.patience import patience_of_seconds
from shared.sweeps.tasks import Kind, Run, Segment, Task, plan

SCHEDULES: Final = (
    (Kind.EXPIRY, clock_time(0, 5)),
    (Kind.TIER_REVIEW, clock_time(0, 35)),
    (Kind.REMINDERS, clock_time(10, 0)),
)
"""Which sweep runs at which hour, before the shops have sold anything."""
UNHURRIED: Final = 1e6
TASK_SECONDS: Final = 600
PAGE_ACCOUNTS: Final = 5_000


def replay_year(
    events: Sequence[ReplayEvent],
    worker: InProcess,
    *,
    zone: tzinfo,
    months_after: int,
    workers: int,
    console: Console,
) -> Tally:
    """Let every day pass from the first event to so many months after the last; give what came of the events."""
    tally = Tally()
    by_day = {
        day: list(of)
        for day, of in groupby(sorted(events, key=lambda event: event.at), key=lambda event: _day(event.at, zone))
    }
    days = list(_days(min(by_day), add_months(max(by_day), months_after)))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with (
        ProcessPoolExecutor(workers, initializer=be_silent) as pool,
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task("", total=len(days))
        for day in days:
            progress.update(task, description=f"{day}")
            for kind, hour in SCHEDULES:
                run = Run(kind=kind, at=datetime.combine(day, hour, tzinfo=zone))
                list(pool.map(partial(_sweep, worker), plan(run, workers)))
            for answers in pool.map(partial(_work, worker), by_customer(by_day.get(day, ()), workers)):
                for kind_of_event, answered in answers:
                    tally.add(kind_of_event, answered)
            progress.advance(task)
    return tally


def _day(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _work(worker: InProcess, events: Sequence[ReplayEvent]) -> list[tuple[str, Answered]]:
    return [(event.type, answered) for event, answered in zip(events, worker.run(events), strict=True)]


def _sweep(worker: InProcess, segment: Segment) -> None:
    """Work a segment off to its end, with all that is sent on from it."""
    do, tasks = _sweeper(worker)
    tasks.append(segment)
    while tasks:
        do(tasks.pop())


@cache
def _sweeper(worker: InProcess) -> tuple[Callable[[Task], object], list[Task]]:
    """Build the sweep worker once per process; its queue is a list."""
    from functions.sweep_worker.dependencies import workers_of  # noqa: PLC0415 a worker's own import
    from shared.ledger.store import Ledger  # noqa: PLC0415 likewise
    from shared.messages.remind import Reminding  # noqa: PLC0415 likewise
    from shared.messages.reminders import Reminders  # noqa: PLC0415 likewise
    from shared.messages.store import Messages, Recipients  # noqa: PLC0415 likewise
    from shared.program.store import Programs  # noqa: PLC0415 likewise
    from shared.redemption.catalogue_store import Catalogues  # noqa: PLC0415 likewise
    from shared.redemption.stock import Stock  # noqa: PLC0415 likewise
    from shared.redemption.stock_counts import StockCounts  # noqa: PLC0415 likewise
    from shared.runtime.clock import utc_now  # noqa: PLC0415 likewise
    from shared.sweeps.pace import Pace  # noqa: PLC0415 likewise
    from shared.sweeps.store import Accounts  # noqa: PLC0415 likewise
    from shared.sweeps.work import Sweeping, work  # noqa: PLC0415 likewise
    from shared.tiers.time_rules import TimeRules  # noqa: PLC0415 likewise

    client, tables = engine_client(worker.endpoint, connections=2), worker.tables
    ledger = Ledger(client=client, tables=tables)
    rules = TimeRules(programs=Programs(client=client, table=tables.ledger), ledger=ledger)
    reminding = Reminding(
        messages=Messages(client=client, table=tables.ledger),
        recipients=Recipients(client=client, table=tables.members),
        ledger=ledger,
        catalogues=Catalogues(client=client, table=tables.ledger, clock=utc_now),
        counts=StockCounts(stock=Stock(ledger=ledger, pick=lambda shards: shards[0])),
        required=(CONSENT,),
    )
    tasks: list[Task] = []
    sweeping = Sweeping(
        accounts=Accounts(client=client, table=tables.accounts, page_accounts=PAGE_ACCOUNTS),
        ledger=ledger,
        workers={**workers_of(ledger, rules), Kind.REMINDERS: Reminders(rules=rules, reminding=reminding)},
        pace=Pace(UNHURRIED),
        send=tasks.extend,
    )
    return lambda task: work(task, sweeping, patience_of_seconds(TASK_SECONDS)), tasks
