"""The queues of what was put aside, and how it is done after all."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from cli.stream_records import ForgottenError, event_of, place_of
from shared import names

BATCH: Final = 10
DEPTH: Final = "ApproximateNumberOfMessages"

Message = Mapping[str, Any]


class UnknownQueueError(Exception):
    """No queue of what was put aside has this name."""


class Redriven(NamedTuple):
    """How many messages were given back, and why others are still where they were."""

    given_back: int
    left: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetters:
    """The queues of what was put aside, by name, and where each goes again.

    `sources`: the queues from which it came. `readers`: the functions that a stream could not hand it to. Runs of
    sweeps came from no queue: `planner` starts them again.
    """

    queues: Any
    functions: Any
    streams: Any
    urls: Mapping[str, str]
    sources: Mapping[str, str]
    readers: Mapping[str, str]
    planner: str

    def depths(self) -> dict[str, int]:
        """Count what waits in every queue, about."""
        return {name: self._depth(url) for name, url in sorted(self.urls.items())}

    def redrive(self, name: str) -> Redriven:
        """Give everything in a queue back to where it came from. Raises UnknownQueueError.

        What fails again meanwhile waits for the next time. Each message is done before it is deleted: one may be done
        twice, which changes nothing, and none is lost.
        """
        if name not in self.urls:
            raise UnknownQueueError(name)
        url, moved, left = self.urls[name], 0, list[str]()
        most = self._depth(url)
        for messages in self._received(url):
            why = self._given_back(name, messages)
            left += filter(None, why)
            done = [message for message, stuck in zip(messages, why, strict=True) if not stuck]
            if done:
                handles = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(done)]
                self.queues.delete_message_batch(QueueUrl=url, Entries=handles)
            moved += len(done)
            if moved + len(left) >= most:
                break
        return Redriven(moved, left)

    def _given_back(self, name: str, messages: Sequence[Message]) -> list[str]:
        """Give messages back; say for each why that was not possible, "" where it was."""
        if name in self.readers:
            return [self._handed(self.readers[name], message) for message in messages]
        if name in self.sources:
            return [self._sent(self.sources[name], messages)] * len(messages)
        for message in messages:
            payload = json.dumps(run_of(message)).encode()
            self.functions.invoke(FunctionName=self.planner, InvocationType="Event", Payload=payload)
        return [""] * len(messages)

    def _handed(self, function: str, message: Message) -> str:
        """Hand the records that a message names to a function, and wait for it."""
        place = place_of(message["Body"])
        try:
            event = event_of(self.streams, place)
        except ForgottenError:
            return f"the stream has forgotten its record {place.first}: it keeps 24 hours"
        told = self.functions.invoke(FunctionName=function, InvocationType="RequestResponse", Payload=event.encode())
        answer = json.loads(told["Payload"].read())
        if told.get("FunctionError") or answer["batchItemFailures"]:
            return f"{function} failed again at record {place.first}: see its log"
        return ""

    def _sent(self, url: str, messages: Sequence[Message]) -> str:
        entries = [
            {"Id": str(at), "MessageBody": one["Body"], "MessageAttributes": one.get("MessageAttributes", {})}
            for at, one in enumerate(messages)
        ]
        refused = self.queues.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")
        return f"{url} did not take it" if refused else ""

    def _depth(self, url: str) -> int:
        told = self.queues.get_queue_attributes(QueueUrl=url, AttributeNames=[DEPTH])
        return int(told["Attributes"][DEPTH])

    def _received(self, url: str) -> Iterator[list[Message]]:
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


def run_of(message: Message) -> dict[str, Any]:
    """Read what would have started a run: Lambda wraps it, and the scheduler may leave its word for the time."""
    told = json.loads(message["Body"])
    event: dict[str, Any] = told.get("requestPayload", told)
    if event.get(names.RUN_AT) == names.SCHEDULED_TIME:
        scheduled = message.get("MessageAttributes", {}).get("SCHEDULED_TIME", {}).get("StringValue")
        sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
        event = {**event, names.RUN_AT: scheduled or sent.isoformat()}
    return event
