"""How messages leave: the topic, what the messenger reads of the stream, and the queue of what is put off."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.ledger_stream import LedgerStream, new_items_with
from infra.findings import acknowledge
from shared import names

MESSENGER_TIMEOUT: Final = Duration.seconds(60)
# Six times the function's time-out, as Lambda asks for.
_VISIBILITY: Final = Duration.seconds(360)
_RECEIVED_AT_MOST: Final = 8
_AT_ONCE: Final = 5
_BATCHES_OF_A_SHARD: Final = 4
# What the code writes into items; tests hold each of them and the code together.
WAITING: Final = "waiting"
EXPIRED: Final = "expired"


class MessageTopic(Construct):
    """Where app push, e-mail and whatever else the chain has listen, each by a filter on the message's attributes.

    `read_back` adds a queue that takes every message and keeps it, for a laptop to look into.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, read_back: bool) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)
        self.taken: sqs.Queue | None = None
        if read_back:
            self.taken = sqs.Queue(self, "Taken", encryption=sqs.QueueEncryption.SQS_MANAGED, enforce_ssl=True)
            acknowledge(self.taken, "AwsSolutions-SQS3", reason="Nobody consumes it: a developer looks into it.")
            self.topic.add_subscription(subscriptions.SqsSubscription(self.taken, raw_message_delivery=True))


class LaterQueue(Construct):
    """Keys of messages that wait for the end of quiet hours, or for a service to come back."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=_VISIBILITY,
            retention_period=Duration.days(4),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=_RECEIVED_AT_MOST),
        )

    def feed(self, function: lambda_.Function) -> None:
        """Let the function take from the queue and put into it."""
        self.queue.grant_send_messages(function)
        source = event_sources.SqsEventSource(
            self.queue, batch_size=10, report_batch_item_failures=True, max_concurrency=_AT_ONCE
        )
        function.add_event_source(source)


class MessageStream(LedgerStream):
    """Feed the messenger with messages that wait, with entries that change a tier, and with points that lapsed."""

    def __init__(
        self, scope: Construct, construct_id: str, *, ledger: dynamodb.ITable, function: lambda_.Function
    ) -> None:
        filters = [
            new_items_with(pk=lambda_.FilterRule.begins_with(names.MESSAGES_PREFIX), st=[WAITING]),
            new_items_with(**{names.TIER_CHANGED_ATTRIBUTE: lambda_.FilterRule.exists()}),
            new_items_with(k=[EXPIRED]),
        ]
        super().__init__(
            scope, construct_id, ledger=ledger, function=function, filters=filters, parallel=_BATCHES_OF_A_SHARD
        )
