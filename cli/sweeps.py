"""Run a sweep as its schedule would at a time, and wait until it is done."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, NamedTuple

import typer

from cli.connection import Connection, connect, make_client
from cli.stack import outputs_of, stage_of
from shared import names
from shared.program.store import Programs
from shared.program.zones import zone_named
from shared.sweeps.tasks import AUDITS, Kind

WAIT_SECONDS: Final = 600
LOOKS_APART_SECONDS: Final = 0.5
EMPTY_LOOKS: Final = 3
LATE_LINES_SECONDS: Final = 10


class RunFailedError(Exception):
    """The planner refused, or the queue did not empty; its own words are in the message."""


class Workers(NamedTuple):
    """Who works off a kind: the function's folder, its queue, and which of its metrics say what was due and done."""

    folder: str
    tasks: str
    due: str
    done: str


SWEEPING: Final = Workers("sweep_worker", names.SWEEP_TASKS, "SweepDue", "SweepDone")
AUDITING: Final = Workers("auditor", names.AUDIT_TASKS, "AccountsAudited", "LedgerMismatch")


class Counts(NamedTuple):
    """What the workers wrote in their logs about a run; of an audit, `done` is what differs."""

    tasks: int
    scanned: int
    due: int
    done: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The deployed machine: clients, the planner's name, the queue of tasks, the workers' log group."""

    functions: Any
    queues: Any
    logs: Any
    planner: str
    workers: Workers
    tasks: str
    log_group: str

    def start(self, kind: Kind, at: datetime) -> dict[str, Any]:
        """Call the planner as a schedule does; give its answer. Raises RunFailedError."""
        event = {names.RUN_KIND: str(kind), names.RUN_AT: at.astimezone(UTC).isoformat()}
        answer = self.functions.invoke(FunctionName=self.planner, Payload=json.dumps(event).encode())
        told: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise RunFailedError(f"the planner refused: {told.get('errorType', told)}")
        return told

    def waiting(self) -> int:
        """Count the tasks that wait or are being done, about."""
        wanted = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        told = self.queues.get_queue_attributes(QueueUrl=self.tasks, AttributeNames=list(wanted))["Attributes"]
        return sum(int(told[name]) for name in wanted)

    def wait(self, *, seconds: float = WAIT_SECONDS, sleep: Callable[[float], None] = time.sleep) -> None:
        """Return when no task has waited for a moment. Raises RunFailedError."""
        empty, until = 0, time.monotonic() + seconds
        while empty < EMPTY_LOOKS:
            if time.monotonic() > until:
                raise RunFailedError(f"{self.waiting()} tasks still wait: see the workers' log and `jifen ops queues`")
            empty = 0 if self.waiting() else empty + 1
            sleep(LOOKS_APART_SECONDS)

    def counts(self, run: str, since: datetime, *, least_tasks: int) -> Counts:
        """Add up what the workers said about a run; lines may come some seconds late."""
        until = time.monotonic() + LATE_LINES_SECONDS
        while True:
            lines = self._lines(run, since)
            if len(lines) >= least_tasks or time.monotonic() > until:
                break
            time.sleep(LOOKS_APART_SECONDS)
        counted = ("items", self.workers.due, self.workers.done, "SweepLeft")
        told = [sum(line.get(name, 0) for line in lines) for name in counted]
        return Counts(len(lines), *told)

    def _lines(self, run: str, since: datetime) -> list[dict[str, Any]]:
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=self.log_group, startTime=int(since.timestamp() * 1000), filterPattern='"task done"'
        )
        found = (_json_line(event["message"]) for page in pages for event in page["events"])
        return [line for line in found if line.get("run") == run and line.get("message") == "task done"]


def machine_of(connection: Connection, workers: Workers = SWEEPING) -> Machine:
    outputs = outputs_of(connection)

    def client(service: str) -> Any:
        return make_client(service, connection.endpoint_url, connection.region)

    return Machine(
        functions=client("lambda"),
        queues=client("sqs"),
        logs=client("logs"),
        planner=outputs[names.SWEEP_PLANNER],
        workers=workers,
        tasks=outputs[f"{names.QUEUE}{workers.tasks}"],
        log_group=f"/jifen/{stage_of(connection)}/functions/{workers.folder}",
    )


def run(
    kind: Annotated[Kind, typer.Argument(help="Which sweep.")],
    at: Annotated[str, typer.Option(help="When its schedule fires, by the program's clock: 2027-01-01T00:05.")],
) -> None:
    """Run a sweep as its schedule would at a time; wait until it is done, and print what came of it.

    Where time does not travel (everywhere but on the laptop) the time may not lie ahead.
    """
    connection = connect()
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        raise typer.BadParameter("write it like 2027-01-01T00:05") from None
    if instant.tzinfo is None:
        programs = Programs(client=connection.dynamodb, table=connection.tables.ledger)
        instant = instant.replace(tzinfo=zone_named(programs.chain_wide(datetime.now(UTC)).zone))
    machine = machine_of(connection, AUDITING if kind in AUDITS else SWEEPING)
    started = datetime.now(UTC)
    try:
        planned = machine.start(kind, instant)
        machine.wait()
    except RunFailedError as failed:
        typer.echo(failed, err=True)
        raise typer.Exit(1) from None
    counts = machine.counts(planned["run"], started, least_tasks=planned["segments"])
    seconds = (datetime.now(UTC) - started).total_seconds()
    due, done = ("audited", "differences") if kind in AUDITS else ("due", "done")
    print(
        f"{planned['run']}: {planned['segments']} segments, {counts.tasks} tasks, {counts.scanned:,} accounts; "
        f"{due} {counts.due:,}, {done} {counts.done:,}, left {counts.left:,} ({seconds:.1f} s)"
    )
    if counts.left or (kind in AUDITS and counts.done):
        raise typer.Exit(1)


def _json_line(text: str) -> dict[str, Any]:
    start = text.find("{")
    try:
        read = json.loads(text[start:]) if start >= 0 else {}
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
