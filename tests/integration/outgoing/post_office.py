"""The sender of webhooks with its queue and its list of endpoints, by moto, and a clock that the test sets."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.webhook_sender.dependencies import Dependencies
from functions.webhook_sender.pace import GONE_REST, REST, Rests
from functions.webhook_sender.queue import Queue
from functions.webhook_sender.records import take_batch
from shared.http.addresses import Resolve
from shared.http.endpoints import EndpointBook
from shared.http.outgoing import Sending
from shared.runtime.patience import Patience
from tests.builders import HandClock, patience
from tests.receiver import Authority

Record = Mapping[str, Any]
SECRET = "whsec_" + "c2VjcmV0IG9mIGFuIGVuZHBvaW50IQ=="


class PostOffice:
    """A container of the sender; `register` says who is told of what."""

    def __init__(self, sqs: Any, secretsmanager: Any, authority: Authority) -> None:
        self.sqs, self.secretsmanager = sqs, secretsmanager
        self.clock = HandClock()
        self.url = sqs.create_queue(QueueName="webhooks", Attributes={"VisibilityTimeout": "360"})["QueueUrl"]
        self.secret = secretsmanager.create_secret(Name="endpoints", SecretString='{"endpoints": []}')["ARN"]
        self.authority = authority
        self.resolved: list[str] = []
        self.built = self.container()

    def container(self, resolve: Resolve | None = None) -> Dependencies:
        """Give a container of its own, which remembers nothing."""
        sending = Sending(
            clock=self.clock,
            resolve=resolve or self._resolve,
            trust=self.authority.trusted(),
            loopback=True,
            total_seconds=0.5,
        )
        return Dependencies(
            endpoints=EndpointBook(client=self.secretsmanager, secret_id=self.secret, clock=self.clock),
            queue=Queue(client=self.sqs, url=self.url, pick=lambda numbers: numbers[len(numbers) // 2]),
            sending=sending,
            rests=Rests(clock=self.clock, length=REST),
            gone=Rests(clock=self.clock, length=GONE_REST),
        )

    def register(self, **endpoints: tuple[str, str]) -> None:
        """Make the list of endpoints: by id, a URL and types of events, comma-separated."""
        listed = [
            {"id": identifier, "url": url, "events": events.split(","), "secrets": [SECRET]}
            for identifier, (url, events) in endpoints.items()
        ]
        self.secretsmanager.put_secret_value(SecretId=self.secret, SecretString=json.dumps({"endpoints": listed}))

    def happen(self, *identifiers: str, event_type: str = "points.earned") -> None:
        """Let the rule of the bus put events into the queue."""
        for identifier in identifiers:
            event = {
                "detail-type": event_type,
                "source": "jifen",
                "time": "2026-12-16T02:21:03Z",
                "detail": {"id": identifier, "points": 38},
            }
            self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(event))

    def records(self) -> list[Record]:
        """Take what is visible in the queue, as Lambda does."""
        taken: list[Record] = []
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
            )
            if "Messages" not in answer:
                return taken
            taken += [
                {
                    "messageId": one["MessageId"],
                    "receiptHandle": one["ReceiptHandle"],
                    "body": one["Body"],
                    "attributes": one["Attributes"],
                    "eventSource": "aws:sqs",
                }
                for one in answer["Messages"]
            ]

    def take(
        self, records: Sequence[Record], *, by: Dependencies | None = None, allowed: Patience | None = None
    ) -> list[Record]:
        """Let a container take a batch; what it does not name is deleted, and what it names is given."""
        answer = take_batch(records, by or self.built, allowed or patience())
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=record["receiptHandle"])
        return [record for record in records if record["messageId"] in failed]

    def run(self) -> None:
        """Let the queue come to rest: what is hidden until later stays in it."""
        while records := self.records():
            self.take(records)

    def waiting(self) -> int:
        """Count what is in the queue, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)

    def _resolve(self, host: str, _port: int) -> list[str]:
        self.resolved.append(host)
        return ["127.0.0.1"]
