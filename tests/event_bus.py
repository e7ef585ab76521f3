"""An event bus and a queue in memory that refuse what the real ones refuse, and what a test tells them to."""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import EndpointConnectionError

MOST_EVENTS = 10
MOST_BYTES = 256 * 1024

Entry = dict[str, Any]


class EventBridge:
    """Keeps what it is given. `refuses` says of an entry whether it is refused this time."""

    def __init__(self) -> None:
        self.told: list[Entry] = []
        self.calls = 0
        self.refuses: Callable[[Entry], bool] = lambda _entry: False

    def put_events(self, *, Entries: list[Entry]) -> dict[str, Any]:  # noqa: N803 as EventBridge has it
        self.calls += 1
        assert 1 <= len(Entries) <= MOST_EVENTS
        sizes = [
            14 + sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail")) for entry in Entries
        ]
        assert sum(sizes) <= MOST_BYTES
        answers = []
        for entry in Entries:
            if self.refuses(entry):
                answers.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"})
            else:
                self.told.append(entry)
                answers.append({"EventId": "1"})
        return {"Entries": answers, "FailedEntryCount": sum("ErrorCode" in answer for answer in answers)}

    @property
    def details(self) -> list[dict[str, Any]]:
        return [json.loads(entry["Detail"]) for entry in self.told]

    @property
    def types(self) -> list[str]:
        return [entry["DetailType"] for entry in self.told]


def size_of(entry: Entry) -> int:
    return 14 + sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))


class Queue:
    """Keeps the bodies that it is given, unless it is down."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.is_down = False

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: ARG002, N803 as SQS has it
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="https://sqs")
        self.bodies.append(json.loads(MessageBody))
