"""The queue that listens to the bus: events, and what becomes of each, a message per endpoint.

A message names its endpoint as its group. So SQS sees which endpoint has many messages under way, because it is slow
or down, and hands out the others' before: a queue that is fair, and still not one in which messages wait in line.
Source: SQS Developer Guide, "Amazon SQS fair queues".
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from functions.webhook_sender.pace import pause_after
from shared.http.endpoints import Endpoint
from shared.http.outgoing import Webhook

MOST_IN_CALL: Final = 10

Record = Mapping[str, Any]


class NotSentError(Exception):
    """The queue did not take a message."""


class Delivery(NamedTuple):
    """An event that is for one endpoint."""

    endpoint_id: str
    webhook: Webhook


def read_message(body: str) -> Webhook | Delivery:
    """Read an event as the bus hands it over, or a delivery as `Queue.send` writes it. Raises what JSON raises."""
    told = json.loads(body)
    if "endpoint" in told:
        return Delivery(told["endpoint"], Webhook(**told["webhook"]))
    detail = told["detail"]
    return Webhook(id=detail["id"], type=told["detail-type"], timestamp=told["time"], data=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """`client` is botocore's client of SQS; `pick` picks one of several numbers."""

    client: Any
    url: str
    pick: Callable[[Sequence[int]], int]

    def send(self, webhook: Webhook, endpoints: Sequence[Endpoint]) -> None:
        """Send an event on, a message per endpoint. Raises NotSentError, and botocore's errors."""
        told = {"id": webhook.id, "type": webhook.type, "timestamp": webhook.timestamp, "data": webhook.data}
        for start in range(0, len(endpoints), MOST_IN_CALL):
            entries = [
                {
                    "Id": str(at),
                    "MessageBody": json.dumps({"endpoint": endpoint.id, "webhook": told}, ensure_ascii=False),
                    "MessageGroupId": endpoint.id,
                }
                for at, endpoint in enumerate(endpoints[start : start + MOST_IN_CALL])
            ]
            if self.client.send_message_batch(QueueUrl=self.url, Entries=entries).get("Failed"):
                raise NotSentError

    def postpone(self, record: Record) -> None:
        """Hide a message until its next try is due. Raises botocore's errors."""
        tries = int(record["attributes"]["ApproximateReceiveCount"])
        self.client.change_message_visibility(
            QueueUrl=self.url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=pause_after(tries, self.pick),
        )
