"""A batch of a queue of tasks. A task that fails is named to Lambda, and brought again; the others are done."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.runtime import telemetry
from shared.runtime.patience import Patience
from shared.sweeps.tasks import Segment, Task, read_task
from shared.sweeps.work import Report, Sweeping, work

Record = Mapping[str, Any]
Count = Callable[[Report], None]
"""Counts what came of a task in the metrics of a function."""


def do_batch(records: Sequence[Record], sweeping: Sweeping, patience: Patience, count: Count) -> dict[str, Any]:
    """Do the tasks of a batch, and name those that failed in the way that Lambda asks for."""
    failed = [record["messageId"] for record in records if not _do(record, sweeping, patience, count)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _do(record: Record, sweeping: Sweeping, patience: Patience, count: Count) -> bool:
    telemetry.forget()
    try:
        task = read_task(record["body"])
        _note(task)
        report = work(task, sweeping, patience)
    except Exception as error:  # noqa: BLE001 the entry point: whatever it was, the task is brought again
        telemetry.write_line("task postponed", level="warning", error=error)
        return False
    _tell(task, report, count)
    return True


def _note(task: Task) -> None:
    telemetry.note(run=task.run.name)
    if isinstance(task, Segment):
        telemetry.note(segment=task.number, page=task.page)
    else:
        telemetry.note(member_id=task.member_id)


def _tell(task: Task, report: Report, count: Count) -> None:
    """Write a line for every member who is left, and one for the task, with its counts."""
    for member_id, error in report.failures.items():
        telemetry.note(run=task.run.name, member_id=member_id)
        telemetry.write_line("member left over", level="warning", error=error)
    _note(task)
    telemetry.note(items=report.scanned)
    count(report)
    telemetry.write_line("task done")
