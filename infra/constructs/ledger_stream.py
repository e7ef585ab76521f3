"""How a function reads the ledger's stream."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.findings import acknowledge
from shared import names

_RETRIES: Final = 10
ALL_RETRIES: Final = 10_000  # the most that Lambda counts to: a batch is tried until its records are too old
_RECORD_AGE: Final = Duration.hours(6)  # a stream forgets after 24 hours: there is time left to look and replay


class LedgerStream(Construct):
    """Feed a function with changes of the ledger; what it cannot take is named in a queue.

    A record that fails is halved out of its batch, tried a finite number of times and put aside, so that it never
    stops the shard. The queue's message tells where in the stream the record is, and nothing of its content.
    `parallel` batches of a shard are worked on at once; the changes of one partition stay in order. `retries` is for a
    function that puts aside by itself what can never be taken: for it a failure is one of a service, and passes.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        ledger: dynamodb.ITable,
        function: lambda_.Function,
        filters: Sequence[dict[str, object]],
        parallel: int | None = None,
        retries: int = _RETRIES,
    ) -> None:
        super().__init__(scope, construct_id)
        stream_arn = ledger.table_stream_arn or ""
        self.failures = sqs.Queue(
            self,
            "Failures",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        acknowledge(self.failures, "AwsSolutions-SQS3", reason="It is the dead-letter queue of the stream itself.")
        mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function,
            event_source_arn=stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=100,
            parallelization_factor=parallel,
            retry_attempts=retries,
            max_record_age=_RECORD_AGE,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            on_failure=event_sources.SqsDlq(self.failures),
            filters=list(filters),
        )
        self._allow_reading(function, stream_arn=stream_arn, before=mapping)

    @staticmethod
    def _allow_reading(function: lambda_.Function, *, stream_arn: str, before: Construct) -> None:
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                resources=[stream_arn],
            )
        )
        # ListStreams knows no resources; the role's acknowledgement of `*` stands in `function.py`.
        function.add_to_role_policy(iam.PolicyStatement(actions=["dynamodb:ListStreams"], resources=["*"]))
        if function.role is not None:  # Lambda tries the stream with the role's permissions when the mapping is made
            before.node.add_dependency(function.role)


def keys_begin_with(prefix: str) -> dict[str, object]:
    """Let the changes of partitions through whose key begins so."""
    return _changes({"Keys": {names.PARTITION_KEY: {"S": lambda_.FilterRule.begins_with(prefix)}}})


def new_items_with(**attributes: object) -> dict[str, object]:
    """Let items through that are, after the change, as the rules of their text attributes say."""
    return _changes({"NewImage": {name: {"S": rule} for name, rule in attributes.items()}})


def _changes(pattern: dict[str, object]) -> dict[str, object]:
    return lambda_.FilterCriteria.filter({"dynamodb": pattern})  # type: ignore[return-value]
