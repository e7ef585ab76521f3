"""Where records are named that can never be taken, beside those that Lambda gives up."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """`client` is botocore's client of SQS."""

    client: Any
    url: str

    def put(self, record: Mapping[str, Any], error: Exception) -> None:
        """Name a record of the stream by its place and its key, with nothing else of its content."""
        changed = record["dynamodb"]
        named = {
            "streamArn": record.get("eventSourceARN"),
            "sequenceNumber": changed["SequenceNumber"],
            "keys": {name: value.get("S") for name, value in changed.get("Keys", {}).items()},
            "error": type(error).__qualname__,
        }
        self.client.send_message(QueueUrl=self.url, MessageBody=json.dumps(named))
