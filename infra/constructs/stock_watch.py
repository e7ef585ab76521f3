"""The function that watches stock run low, and how it reads the ledger's stream."""

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

# Shards of stock, and the notices that a reward runs low (`shared.keys.STOCKLOW_PREFIX`; a test holds them together).
WATCHED_PREFIXES: Final = (names.STOCK_PREFIX, "STOCKLOW#")
_RETRIES: Final = 10
_RECORD_AGE: Final = Duration.hours(6)  # a stream forgets after 24 hours: there is time left to look and replay


class StockStream(Construct):
    """Feed the function with the ledger's changes of stock; what it cannot take is named in a queue.

    A record that fails is halved out of its batch, tried a finite number of times and put aside, so that it never
    stops the shard. The queue's message tells where in the stream the record is, and nothing of its content.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, ledger: dynamodb.ITable, function: lambda_.Function
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
            retry_attempts=_RETRIES,
            max_record_age=_RECORD_AGE,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            on_failure=event_sources.SqsDlq(self.failures),
            filters=[_keys_begin_with(prefix) for prefix in WATCHED_PREFIXES],
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


def _keys_begin_with(prefix: str) -> dict[str, object]:
    key = {"S": lambda_.FilterRule.begins_with(prefix)}
    return lambda_.FilterCriteria.filter({"dynamodb": {"Keys": {names.PARTITION_KEY: key}}})  # type: ignore[return-value]
