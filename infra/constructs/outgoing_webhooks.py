"""How events leave for the chain's other systems: a rule of the bus, the queue that it fills, and what is given up."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.findings import acknowledge
from shared import names

SENDER_TIMEOUT: Final = Duration.minutes(1)
# As often as the sender has pauses, and once (`functions/webhook_sender/pace.py`; a test holds them together).
TRIES: Final = 8
_AT_ONCE: Final = 20
# The resolver's own patience is twice five seconds, with as many servers as there are.
RESOLVER: Final = {"RES_OPTIONS": "timeout:1 attempts:2"}


class OutgoingWebhooks(Construct):
    """The queue of events, and of what becomes of each: a message per endpoint, which the sender puts there itself."""

    def __init__(self, scope: Construct, construct_id: str, *, bus: events.IEventBus) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        acknowledge(self.dead_letters, "AwsSolutions-SQS3", reason="It is a dead-letter queue itself.")
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.minutes(6 * SENDER_TIMEOUT.to_minutes()),
            retention_period=Duration.days(4),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=TRIES),
        )
        rule = events.Rule(
            self,
            "Rule",
            description="What happened, for the endpoints of outgoing webhooks",
            event_bus=bus,
            event_pattern=events.EventPattern(source=[names.EVENT_SOURCE]),
        )
        # An event that the bus cannot hand over has the form of those in the queue, and is redriven into it.
        rule.add_target(
            targets.SqsQueue(
                self.queue,
                dead_letter_queue=self.dead_letters,
                max_event_age=Duration.hours(23),
                retry_attempts=185,
            )
        )

    def feed(self, function: lambda_.Function) -> None:
        """Let the sender take from the queue, put into it, and hide in it what is tried again later."""
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=[
                    "sqs:ChangeMessageVisibility",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ReceiveMessage",
                    "sqs:SendMessage",
                ],
                resources=[self.queue.queue_arn],
            )
        )
        mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function,
            event_source_arn=self.queue.queue_arn,
            batch_size=10,
            max_concurrency=_AT_ONCE,
            report_batch_item_failures=True,
        )
        if function.role is not None:  # Lambda tries the queue with the role's permissions when the mapping is made
            mapping.node.add_dependency(function.role)
