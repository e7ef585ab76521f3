"""The queue of tasks. It may bring a task twice, and out of order: SWEEP-2 lets it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.sweeps.tasks import Task, written

MOST_IN_CALL: Final = 10


class NotSentError(Exception):
    """The queue did not take a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """`client` is botocore's client of SQS."""

    client: Any
    url: str

    def send(self, tasks: Sequence[Task]) -> None:
        """Send tasks. Raises NotSentError, and botocore's errors; those before it are then sent."""
        for start in range(0, len(tasks), MOST_IN_CALL):
            entries = [
                {"Id": str(at), "MessageBody": written(task)}
                for at, task in enumerate(tasks[start : start + MOST_IN_CALL])
            ]
            answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            if answer.get("Failed"):
                raise NotSentError
