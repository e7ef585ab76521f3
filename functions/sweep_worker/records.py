"""A batch of the queue of tasks. A task that fails is named to Lambda, and brought again; the others are done."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.runtime import telemetry
from shared.runtime.patience import Patience
from shared.sweeps.tasks import Segment, Task, read_task
from shared.sweeps.work import Report, Sweeping, work

Record = Mapping[str, Any]


def take_batch(records: Sequence[Record], built: Sweeping, patience: Patience) -> dict[str, Any]:
    """Do the tasks of a batch, and name those that failed in the way that Lambda asks for."""
    failed = [record["messageId"] for record in records if not _take(record, built, patience)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _take(record: Record, built: Sweeping, patience: Patience) -> bool:
    telemetry.forget()
    try:
        task = read_task(record["body"])
        _note(task)
        report = work(task, built, patience)
    except Exception as error:  # noqa: BLE001 the entry point: whatever it was, the task is brought again
        telemetry.write_line("task postponed", level="warning", error=error)
        return False
    _tell(task, report)
    return True


def _note(task: Task) -> None:
    telemetry.note(run=task.run.name)
    if isinstance(task, Segment):
        telemetry.note(segment=task.number, page=task.page)
    else:
        telemetry.note(member_id=task.member_id)


def _tell(task: Task, report: Report) -> None:
    """Write a line for every member who is left, and one for the task, with its counts."""
    for member_id, error in report.failures.items():
        telemetry.note(run=task.run.name, member_id=member_id)
        telemetry.write_line("member left over", level="warning", error=error)
    _note(task)
    telemetry.note(items=report.scanned)
    telemetry.count("SweepDue", report.due)
    telemetry.count("SweepDone", report.done)
    telemetry.count("SweepLeft", len(report.failures))
    telemetry.write_line("task done")
