"""`jifen replay`: real receipts through the real handlers, and an account of what came of each."""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing import Manager
from pathlib import Path
from queue import Empty
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.audit import print_findings, run_audit
from cli.connection import connect
from cli.laptop.engine import engine_client
from cli.receipts import ReplayEvent, convert, read_rows
from cli.replay_months import count_months, print_months
from cli.replay_report import Tally, print_invoices, print_tally
from cli.replay_setup import engine_with_program, enrol_customers
from cli.replay_simulated import equals_simulation
from cli.replay_workers import Answered, InProcess, OverHttp, Worker, be_silent, by_customer, shifted
from cli.replay_year import replay_year
from cli.secret_lists import new_secret
from shared.audit.scan import Reach
from shared.members.store import Members
from shared.program.store import Programs
from shared.program.zones import zone_named

CURRENCY: Final = "CNY"
BATCH: Final = 50
"""Answers per message between processes."""


def replay(  # noqa: PLR0913, PLR0917 a command has as many parameters as it has options
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Receipts, CSV or CSV.gz.")],
    url: Annotated[str | None, typer.Option(help="Base URL of the API; default: the laptop's.")] = None,
    subscription: Annotated[str, typer.Option(help="The subscription that signs.")] = "backfill",
    in_process: Annotated[
        bool, typer.Option("--in-process", help="Call the handlers in this machine's processes.")
    ] = False,
    program: Annotated[Path, typer.Option(help="The program, with --in-process.")] = Path("config/program.yaml"),
    zone: Annotated[str, typer.Option(help="The zone of the file's times.")] = "Europe/London",
    times: Annotated[int, typer.Option(min=1, help="How often; from the second time on nothing may change.")] = 1,
    limit: Annotated[int | None, typer.Option(help="Stop after so many events.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = os.cpu_count() or 2,
    sweeps: Annotated[
        bool,
        typer.Option("--sweeps", help="With --in-process: every day passes, and its sweeps run before its receipts."),
    ] = False,
    simulated: Annotated[
        bool,
        typer.Option("--simulated", help="With --in-process: simulate the same events, and compare every member."),
    ] = False,
    months_after: Annotated[
        int, typer.Option(min=0, help="With --sweeps: how long to go on after the last event.")
    ] = 14,
) -> None:
    """Turn receipts into sales and refunds, put them through the real handlers, and audit the ledger.

    In process, an engine is started for it and the clock follows the receipts. Over HTTP, the receipts are moved by
    whole weeks to just before now, and posted signed.
    """
    if (sweeps or simulated) and not in_process:
        raise typer.BadParameter("--sweeps and --simulated need --in-process: a server's days cannot be chosen")
    if sweeps and simulated:
        raise typer.BadParameter("what --sweeps lapses and lowers is not in a simulation: choose one of them")
    console = Console()
    with console.status("reading receipts…"):
        converted = convert(read_rows(file, ZoneInfo(zone)), CURRENCY)
    print_invoices(console, converted)
    course = Course(console=console, events=converted.events[:limit], times=times, workers=workers)
    if sweeps:
        ok = _year(course, program, months_after)
    elif in_process:
        ok = _in_process(course, program, simulated=simulated)
    else:
        ok = _over_http(course, url, subscription)
    raise typer.Exit(0 if ok else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What to replay, how often, in how many processes."""

    console: Console
    events: Sequence[ReplayEvent]
    times: int
    workers: int


def _in_process(course: Course, program: Path, *, simulated: bool) -> bool:
    with engine_with_program(program) as (endpoint, tables, key):
        client = engine_client(endpoint)
        enrol_customers(course.events, client, tables, key, course.console)
        worker = InProcess(endpoint=endpoint, tables=tables, key=key, secret=new_secret())
        ok = _run_and_audit(course, worker, Reach(connect=partial(engine_client, endpoint), tables=tables))
        if not simulated:
            return ok
        members = Members(client=client, tables=tables, key=key)
        return equals_simulation(course.events, program, members, course.workers, course.console) and ok


def _year(course: Course, program: Path, months_after: int) -> bool:
    with engine_with_program(program) as (endpoint, tables, key):
        client, events = engine_client(endpoint), course.events
        enrol_customers(events, client, tables, key, course.console)
        worker = InProcess(endpoint=endpoint, tables=tables, key=key, secret=new_secret())
        zone = zone_named(Programs(client=client, table=tables.ledger).in_force(events[-1].at, "").zone)
        started_at = time.perf_counter()
        tally = replay_year(
            events, worker, zone=zone, months_after=months_after, workers=course.workers, console=course.console
        )
        print_tally(course.console, tally, time.perf_counter() - started_at, "replay with sweeps")
        adds_up = print_months(course.console, count_months(client, tables, zone))
        reach = Reach(connect=partial(engine_client, endpoint), tables=tables)
        findings = run_audit(reach, processes=course.workers, console=course.console)
        return print_findings(course.console, findings) and adds_up and not tally.failed


def _over_http(course: Course, url: str | None, subscription: str) -> bool:
    connection = connect()
    recent = shifted(course.events, datetime.now(UTC))
    course.console.print(f"moved to {recent[0].at:%Y-%m-%d} … {recent[-1].at:%Y-%m-%d}")
    secret = connection.signing_secret(subscription)
    key = connection.keys().key_for("references")
    enrol_customers(recent, connection.dynamodb, connection.tables, key, course.console)
    worker = OverHttp(url=url or connection.api_url, subscription_id=subscription, secret=secret)
    reach = Reach(connect=connection.connect_dynamodb, tables=connection.tables)
    return _run_and_audit(replace(course, events=recent), worker, reach)


def _run_and_audit(course: Course, worker: Worker, reach: Reach) -> bool:
    ok = True
    for number in range(1, course.times + 1):
        started_at = time.perf_counter()
        tally = _run(course, worker)
        print_tally(course.console, tally, time.perf_counter() - started_at, f"replay {number} of {course.times}")
        ok = ok and not tally.failed
        if number > 1 and tally.applied:
            course.console.print("[red]a repeated event was applied again[/red]")
            ok = False
    return print_findings(course.console, run_audit(reach, processes=course.workers, console=course.console)) and ok


def _run(course: Course, worker: Worker) -> Tally:
    tally = Tally()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        Manager() as manager,
        ProcessPoolExecutor(course.workers, initializer=be_silent) as pool,
        Progress(*columns, console=course.console, disable=not course.console.is_terminal) as progress,
    ):
        answers: Any = manager.Queue()
        hands = [pool.submit(_work, worker, hand, answers) for hand in by_customer(course.events, course.workers)]
        task = progress.add_task("replaying", total=len(course.events))
        while not all(hand.done() for hand in hands) or not answers.empty():
            try:
                batch = answers.get(timeout=0.2)
            except Empty:
                continue
            for kind, answered in batch:
                tally.add(kind, answered)
            progress.advance(task, len(batch))
        for hand in hands:
            hand.result()
    return tally


def _work(worker: Worker, events: Sequence[ReplayEvent], answers: Any) -> None:
    batch: list[tuple[str, Answered]] = []
    for event, answered in zip(events, worker.run(events), strict=True):
        batch.append((event.type, answered))
        if len(batch) >= BATCH:
            answers.put(batch)
            batch = []
    answers.put(batch)
