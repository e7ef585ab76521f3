"""`jifen ops`: what was put aside, and how it is done after all; what a restored table lacks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from cli import quarantine
from cli.connection import connect, make_client
from cli.rebuild import compare_tables, rebuild
from cli.stack import outputs_of
from shared import names

app = typer.Typer(
    no_args_is_help=True, help="What was put aside, events that could not be used, tables after a restore."
)
app.add_typer(quarantine.app, name="quarantine")
app.command("compare")(compare_tables)
app.command()(rebuild)

BATCH: Final = 10
NO_SOURCE: Final = "looked into by hand"
DEPTH: Final = "ApproximateNumberOfMessages"


class UnknownQueueError(Exception):
    """No queue of what was put aside has this name, or none that can be redriven."""


class NotGivenBackError(Exception):
    """A queue did not take what was to be given back to it; it is still where it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetters:
    """The queues of what was put aside, by name, and the queues from which it came.

    Runs of sweeps came from no queue: they are started again. What a stream could not hand over is a place in that
    stream and nothing else, so that it is not redriven.
    """

    queues: Any
    functions: Any
    urls: Mapping[str, str]
    sources: Mapping[str, str]
    planner: str

    def depths(self) -> dict[str, int]:
        """Count what waits in every queue, about."""
        return {name: self._depth(url) for name, url in sorted(self.urls.items())}

    def can_redrive(self, name: str) -> bool:
        return name in self.sources or name == names.SWEEP_RUNS

    def redrive(self, name: str) -> int:
        """Give everything in a queue back to where it came from; say how much it was.

        Raises UnknownQueueError and NotGivenBackError. What fails again meanwhile waits for the next time. Each message
        is sent before it is deleted: one may come twice, which changes nothing, and none is lost.
        """
        if name not in self.urls or not self.can_redrive(name):
            raise UnknownQueueError(name)
        url, moved = self.urls[name], 0
        most = self._depth(url)
        for messages in self._received(url):
            if name in self.sources:
                self._send(self.sources[name], messages)
            else:
                self._start_again(messages)
            handles = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(messages)]
            self.queues.delete_message_batch(QueueUrl=url, Entries=handles)
            moved += len(messages)
            if moved >= most:
                break
        return moved

    def _depth(self, url: str) -> int:
        told = self.queues.get_queue_attributes(QueueUrl=url, AttributeNames=[DEPTH])
        return int(told["Attributes"][DEPTH])

    def _received(self, url: str) -> Iterator[list[dict[str, Any]]]:
        while True:
            answer = self.queues.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=BATCH,
                WaitTimeSeconds=1,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            if not answer.get("Messages"):
                return
            yield answer["Messages"]

    def _send(self, url: str, messages: list[dict[str, Any]]) -> None:
        entries = [
            {"Id": str(at), "MessageBody": one["Body"], "MessageAttributes": one.get("MessageAttributes", {})}
            for at, one in enumerate(messages)
        ]
        if self.queues.send_message_batch(QueueUrl=url, Entries=entries).get("Failed"):
            raise NotGivenBackError(url)

    def _start_again(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            payload = json.dumps(run_of(message)).encode()
            self.functions.invoke(FunctionName=self.planner, InvocationType="Event", Payload=payload)


def run_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """Read what would have started a run: Lambda wraps it, and the scheduler may leave its word for the time."""
    told = json.loads(message["Body"])
    event: dict[str, Any] = told.get("requestPayload", told)
    if event.get(names.RUN_AT) == names.SCHEDULED_TIME:
        scheduled = message.get("MessageAttributes", {}).get("SCHEDULED_TIME", {}).get("StringValue")
        sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
        event = {**event, names.RUN_AT: scheduled or sent.isoformat()}
    return event


def dead_letters() -> DeadLetters:
    """Connect to the queues of the deployment."""
    connection = connect()
    outputs = outputs_of(connection)

    def begins(prefix: str) -> dict[str, str]:
        return {name.removeprefix(prefix): url for name, url in outputs.items() if name.startswith(prefix)}

    return DeadLetters(
        queues=make_client("sqs", connection.endpoint_url, connection.region),
        functions=make_client("lambda", connection.endpoint_url, connection.region),
        urls=begins(names.DEAD_LETTERS),
        sources=begins(names.QUEUE),
        planner=outputs[names.SWEEP_PLANNER],
    )


@app.command()
def queues() -> None:
    """List the queues of what was put aside, with how much waits in each."""
    letters = dead_letters()
    table = Table("queue", "put aside", "redrive")
    for name, depth in letters.depths().items():
        table.add_row(name, f"{depth:,}", "yes" if letters.can_redrive(name) else NO_SOURCE)
    Console().print(table)


@app.command()
def redrive(
    name: Annotated[str | None, typer.Argument(help="A queue of `jifen ops queues`; without one, all.")] = None,
) -> None:
    """Give what was put aside back to where it came from, to be done after all."""
    letters = dead_letters()
    if name is not None and not (name in letters.urls and letters.can_redrive(name)):
        raise typer.BadParameter(f"can be redriven: {', '.join(filter(letters.can_redrive, sorted(letters.urls)))}")
    for one in [name] if name else filter(letters.can_redrive, sorted(letters.urls)):
        print(f"{one}: {letters.redrive(one)} given back")
