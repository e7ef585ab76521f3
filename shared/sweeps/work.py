"""Do one task: a page of a segment, or one member whom a page left over.

A page ends where its time does: what is left of it, and of the segment, goes on in another task. A member who fails
is left to a task of its own, so that nobody else is stopped; where that fails too the queue puts it aside.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.errors import BusyError, Unavailable
from shared.ledger.store import Ledger
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.sweeps.due import Worker
from shared.sweeps.pace import Pace
from shared.sweeps.store import Accounts
from shared.sweeps.tasks import Kind, Member, Run, Segment, Task

TIME_TO_SEND_MS: Final = 5_000
"""What `patience` leaves of an invocation, for sending what is left of a task."""
TIME_FOR_A_MEMBER_MS: Final = 2_000
LONGEST_FOR_A_MEMBER_MS: Final = 10_000
MOST_LEFT: Final = 50
"""So many failures on one page are nobody's own."""

Send = Callable[[Sequence[Task]], None]


class UnknownKindError(Exception):
    """Nobody works for this kind of sweep here."""


class NothingWorksError(Exception):
    """So many members of a page failed that the reason cannot be theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeping:
    """What a sweep works with. `send` puts tasks into the queue."""

    accounts: Accounts
    ledger: Ledger
    workers: Mapping[Kind, Worker]
    pace: Pace
    send: Send


@dataclass(slots=True)
class Report:
    """What came of a task: accounts looked at, members who may be due, how much was done, and who is left."""

    scanned: int = 0
    due: int = 0
    done: int = 0
    failures: dict[str, Exception] = field(default_factory=dict)


def work(task: Task, sweeping: Sweeping, patience: Patience) -> Report:
    """Do a task, and send what is left of it. `patience` ends while there is still time to send.

    Whatever it raises means that the task must come again: BusyError where there was no time for anybody, another
    Unavailable where nothing can be done now, NothingWorksError, UnknownKindError, what `send` raises; for a task of
    one member, whatever that member's worker raises.
    """
    worker = sweeping.workers.get(task.run.kind)
    if worker is None:
        raise UnknownKindError(task.run.kind)
    match task:
        case Segment():
            return _sweep_page(task, worker, sweeping, patience)
        case Member():
            return _sweep_member(task, worker, sweeping, patience)


def _sweep_page(task: Segment, worker: Worker, sweeping: Sweeping, patience: Patience) -> Report:
    page = sweeping.accounts.page(task, worker.due(task.run.at))
    report = Report(scanned=page.scanned)
    last = page.last
    for item in page.due:
        if patience.remaining_ms() < TIME_FOR_A_MEMBER_MS:
            if report.due == 0:
                raise BusyError
            last = page.due[report.due - 1]["id"]
            break
        sweeping.pace.wait()
        report.due += 1
        _handle(item, task.run, worker, patience, report)
    following = [task.behind(last)] if last else []
    sweeping.send([*following, *(Member(run=task.run, member_id=left) for left in report.failures)])
    return report


def _handle(item: Item, run: Run, worker: Worker, patience: Patience, report: Report) -> None:
    """Do what is due for one member of a page; note a failure that is the member's own, raise any other."""
    try:
        report.done += worker.handle(item, run.at, _for_one(patience))
    except Exception as error:
        if isinstance(error, Unavailable) and not isinstance(error, BusyError):
            raise
        report.failures[item["id"]] = error
        if len(report.failures) > MOST_LEFT:
            raise NothingWorksError from error


def _sweep_member(task: Member, worker: Worker, sweeping: Sweeping, patience: Patience) -> Report:
    item = sweeping.ledger.account_item(task.member_id)
    if item is None:
        return Report()
    return Report(due=1, done=worker.handle(item, task.run.at, _for_one(patience)))


def _for_one(patience: Patience) -> Patience:
    """Give the patience with one member: somebody who is busy all the time may not take the time of all others."""
    end = patience.remaining_ms() - LONGEST_FOR_A_MEMBER_MS
    return Patience(remaining_ms=lambda: patience.remaining_ms() - max(0, end), sleep=patience.sleep)
