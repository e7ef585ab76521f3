"""A batch of the queue of audits, and what is said and counted of it."""

from collections.abc import Sequence
from typing import Any

from shared.runtime import telemetry
from shared.runtime.patience import Patience
from shared.sweeps.batch import Record, do_batch
from shared.sweeps.work import Report, Sweeping


def take_batch(records: Sequence[Record], built: Sweeping, patience: Patience) -> dict[str, Any]:
    """Look at the accounts of a batch's pages, and name the tasks that failed."""
    return do_batch(records, built, patience, _count)


def tell(member_id: str, invariant: str) -> None:
    """Say of whom an invariant does not hold; what exactly differs is for `jifen audit --member`."""
    telemetry.note(member_id=member_id, code=invariant)
    telemetry.write_line("account differs from its entries", level="error")


def _count(report: Report) -> None:
    telemetry.count("AccountsAudited", report.due - len(report.failures))
    telemetry.count("LedgerMismatch", report.done)
    telemetry.count("SweepLeft", len(report.failures))
