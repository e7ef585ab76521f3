"""P8: what a sweep costs to the unit, and how fast one worker is on this machine.

A crowd is accounts with seven lots and a year of months, and the entries that made them. Of a part a lot's last day
is over, of another part a tier's period: each kind of sweep finds its own.
"""

import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final, NamedTuple

from functions.sweep_worker.dependencies import PAGE_ACCOUNTS, workers_of
from shared import keys
from shared.audit.scan import Reach, audit
from shared.ledger.account import Movement, Qualifying, TierState, new_account
from shared.ledger.entries import EntryKind
from shared.ledger.items import account_item, entry_item
from shared.ledger.posting import Posting, begin
from shared.ledger.rules import Rules
from shared.ledger.store import Ledger
from shared.messages.remind import Reminding
from shared.messages.reminders import Reminders
from shared.messages.store import Messages, Recipients
from shared.program.expiry import ExpirePolicy, ExpiryMode, Reminder
from shared.program.model import Program
from shared.program.store import Programs
from shared.program.zones import zone_named
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.stock import Stock
from shared.redemption.stock_counts import StockCounts
from shared.runtime.attributes import encode
from shared.runtime.patience import patience_of_seconds
from shared.sweeps.pace import Pace
from shared.sweeps.store import Accounts
from shared.sweeps.tasks import Kind, Run, Task, plan
from shared.sweeps.work import Sweeping, work
from shared.tiers.time_rules import TimeRules
from tests.builders import NORMAL, SILVER, ZONE, a_ladder, a_program, per_yuan, publish
from tests.engine import create_tables, dynamodb_client, running_engine
from tests.item_size import item_bytes
from tests.observed import observed
from tools.bench.figures import Figure, at_most, exactly, told
from tools.bench.size import scaled

KINDS: Final = (Kind.EXPIRY, Kind.TIER_REVIEW)
AT: Final = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)  # five past midnight in Shanghai, New Year's Day
BOUGHT_AT: Final = datetime(2026, 3, 1, 4, tzinfo=UTC)
LAST_DAY: Final = date(2026, 12, 31)
COUNTED: Final = (20_000, 400)
TIMED: Final = (scaled(100_000), scaled(5_000))
SEGMENTS: Final = 4
BATCH: Final = 25
MILLION: Final = 1_000_000
PACE: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """`bytes` is the size of all account items; `due` members are due for each kind of sweep."""

    accounts: int
    due: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a sweep did and used. `calls` are DynamoDB's, by name."""

    scanned: int
    due: int
    done: int
    read_units: float
    write_units: float
    calls: Mapping[str, int]


def crowd_program() -> Program:
    tiers = replace(a_ladder(), period="calendar_year")
    remind = Reminder(days_before=(30, 7, 1), channels=("app",))
    expire = ExpirePolicy(mode=ExpiryMode.MONTHS_AFTER_EARNING, months=12, remind=remind)
    return a_program(per_yuan(), tiers=tiers, expire=expire)


def put_crowd(ledger: Ledger, *, accounts: int, due: int) -> Crowd:
    """Open accounts with what makes them; the first `due` have a lot that is over, the next `due` a tier."""
    postings = (_member(number, due) for number in range(accounts))
    size = 0
    with ThreadPoolExecutor(2) as pool:
        sent: deque[Any] = deque()
        for batch in _batches(postings):
            items = [(account_item(one.account), entry_item(one.entries[0])) for one in batch]
            size += sum(item_bytes(account) for account, _ in items)
            sent.append(pool.submit(_put, ledger, items))
            if len(sent) > BATCH:
                sent.popleft().result()
        for one in sent:
            one.result()
    return Crowd(accounts=accounts, due=due, bytes=size)


def swept(kind: Kind, ledger: Ledger, *, segments: int = SEGMENTS, count: bool = True) -> Cost:
    """Run a sweep to its end with one worker; `count` asks the engine for the units."""
    queue: deque[Task] = deque(plan(Run(kind=kind, at=AT), segments))
    sweeping = _sweeping(ledger, queue.extend)
    sweeping.workers[kind].due(AT)  # warm, as a function is after its first page: the program is known
    if not count:
        reports = [work(queue.popleft(), sweeping, patience_of_seconds(600)) for _ in _while(queue)]
        return _cost(reports, 0, 0, [])
    with observed(ledger.client) as traffic:
        reports = [work(queue.popleft(), sweeping, patience_of_seconds(600)) for _ in _while(queue)]
    return _cost(reports, traffic.read_units, traffic.write_units, traffic.calls)


def figures() -> Iterator[Figure]:
    """Count both sweeps over 20 000 accounts, then time one worker over more, and audit what it leaves."""
    with running_engine() as url:
        yield from _counted(url)
        yield from _timed(url)


def _counted(url: str) -> Iterator[Figure]:
    client = dynamodb_client(url)
    ledger = Ledger(client=client, tables=create_tables(client, "-counted"))
    publish(ledger, crowd_program())
    crowd = put_crowd(ledger, accounts=COUNTED[0], due=COUNTED[1])
    millions = crowd.accounts / MILLION
    yield told("P8.bytes", crowd.bytes / crowd.accounts, "bytes per account of the crowd")
    for kind in KINDS:
        cost = swept(kind, ledger)
        reads, goal = cost.read_units / millions, 1.02 * crowd.bytes / 4096 * 0.5 / millions
        yield at_most(f"P8.{kind}.read", reads, round(goal, 1), f"read units per million members, {kind}")
        yield exactly(f"P8.{kind}.done", cost.done, crowd.due, f"members done of those due, {kind}")
        per_member = cost.write_units / crowd.due
        yield exactly(f"P8.{kind}.write", per_member, 5, f"write units per due member, {kind}")
        beside = sum(cost.calls.values()) - cost.calls["Scan"] - cost.calls["TransactWriteItems"]
        yield exactly(f"P8.{kind}.reads-beside", beside, 0, f"calls beside scan and transactions, {kind}")
        again = swept(kind, ledger)
        yield exactly(f"P8.{kind}.others", again.write_units, 0, f"write units where nobody is due, {kind}")
    cost = swept(Kind.REMINDERS, ledger)
    goal = round(1.02 * crowd.bytes / 4096 * 0.5 / millions, 1)
    yield at_most("P8.reminders.read", cost.read_units / millions, goal, "read units per million members, reminders")
    yield exactly("P8.reminders.others", cost.write_units, 0, "write units where nobody is due, reminders")


def _timed(url: str) -> Iterator[Figure]:
    client = dynamodb_client(url)
    ledger = Ledger(client=client, tables=create_tables(client, "-timed"))
    publish(ledger, crowd_program())
    put_crowd(ledger, accounts=TIMED[0], due=TIMED[1])
    for kind in KINDS:
        (sweep, done), (scan, _) = _times(kind, ledger), _times(kind, ledger)
        yield exactly(f"sweep.{kind}.done", done, TIMED[1], f"members done of {TIMED[0]} accounts, {kind}")
        wall, cpu = sweep.wall - scan.wall, sweep.cpu - scan.cpu
        yield told(f"sweep.{kind}.rate", round(done / wall, 1), f"due members per second per worker, {kind}")
        yield told(f"sweep.{kind}.cpu", round(1_000 * cpu / done, 3), f"CPU ms of the worker per due member, {kind}")
        yield told(f"sweep.{kind}.scan.rate", round(TIMED[0] / scan.wall), f"accounts looked at per second, {kind}")
        yield told(
            f"sweep.{kind}.scan.cpu",
            round(MILLION * scan.cpu / TIMED[0], 1),
            "CPU s per million accounts looked at",
        )
    reach = Reach(connect=partial(dynamodb_client, url), tables=ledger.tables)
    found = audit(reach, processes=2, progress=lambda _name, _done, _total: None)
    yield exactly("sweep.audit", len(found.differences), 0, "differences that the audit finds after both sweeps")


class Seconds(NamedTuple):
    wall: float
    cpu: float


def _times(kind: Kind, ledger: Ledger) -> tuple[Seconds, int]:
    wall, cpu = time.perf_counter(), time.process_time()
    done = swept(kind, ledger, count=False).done
    return Seconds(time.perf_counter() - wall, time.process_time() - cpu), done


def _member(number: int, due: int) -> Posting:
    lapses, reviewed = number < due, due <= number < 2 * due
    account = new_account(f"mem_{number:026d}", at=BOUGHT_AT, enrolled_on=date(2025, 3, 1), tier_id=NORMAL)
    lots = {f"27{month:02d}28": 100 + number % 900 for month in range(3, 9)}
    until = LAST_DAY if reviewed else date(2027, 12, 31)
    movement = Movement(
        lots={("261231" if lapses else "270731"): 50, **lots},
        qualifying={f"26{month:02d}05": Qualifying(70, 7_000 + number % 1_000, 1) for month in range(1, 4)},
        tier=TierState(tier_id=SILVER, since=BOUGHT_AT.date(), valid_until=until),
    )
    posting = begin(account, BOUGHT_AT, Rules(zone_named(ZONE)))
    return posting.add(EntryKind.EARNED, keys.activated(account.member_id, "crowd", "0"), movement)


def _batches(postings: Iterator[Posting]) -> Iterator[list[Posting]]:
    batch: list[Posting] = []
    for one in postings:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _put(ledger: Ledger, items: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    for table, column in ((ledger.tables.accounts, 0), (ledger.tables.ledger, 1)):
        requests = [{"PutRequest": {"Item": encode(pair[column])}} for pair in items]
        answer = ledger.client.batch_write_item(RequestItems={table: requests})
        if answer.get("UnprocessedItems"):
            raise RuntimeError("the engine did not take everything")


def _sweeping(ledger: Ledger, send: Any) -> Sweeping:  # noqa: ANN401 a bound method of a deque
    programs = Programs(client=ledger.client, table=ledger.tables.ledger, clock=lambda: AT)
    rules = TimeRules(programs=programs, ledger=ledger)
    return Sweeping(
        accounts=Accounts(client=ledger.client, table=ledger.tables.accounts, page_accounts=PAGE_ACCOUNTS),
        ledger=ledger,
        workers={**workers_of(ledger, rules), Kind.REMINDERS: _reminders(ledger, rules)},
        pace=Pace(PACE),
        send=send,
    )


def _reminders(ledger: Ledger, rules: TimeRules) -> Reminders:
    catalogues = Catalogues(client=ledger.client, table=ledger.tables.ledger, clock=lambda: AT)
    reminding = Reminding(
        messages=Messages(client=ledger.client, table=ledger.tables.ledger),
        recipients=Recipients(client=ledger.client, table=ledger.tables.members),
        ledger=ledger,
        catalogues=catalogues,
        counts=StockCounts(stock=Stock(ledger=ledger, pick=lambda shards: shards[0])),
        required=(),
    )
    return Reminders(rules=rules, reminding=reminding)


def _while(queue: deque[Task]) -> Iterator[None]:
    while queue:
        yield


def _cost(reports: Sequence[Any], read_units: float, write_units: float, calls: Sequence[str]) -> Cost:
    return Cost(
        scanned=sum(report.scanned for report in reports),
        due=sum(report.due for report in reports),
        done=sum(report.done for report in reports),
        read_units=read_units,
        write_units=write_units,
        calls=Counter(calls),
    )
