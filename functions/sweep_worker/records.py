"""A batch of the queue of tasks, and what is counted of it."""

from collections.abc import Sequence
from typing import Any

from shared.runtime import telemetry
from shared.runtime.patience import Patience
from shared.sweeps.batch import Record, do_batch
from shared.sweeps.work import Report, Sweeping


def take_batch(records: Sequence[Record], built: Sweeping, patience: Patience) -> dict[str, Any]:
    """Do the tasks of a batch, and name those that failed."""
    return do_batch(records, built, patience, _count)


def _count(report: Report) -> None:
    telemetry.count("SweepDue", report.due)
    telemetry.count("SweepDone", report.done)
    telemetry.count("SweepLeft", len(report.failures))
