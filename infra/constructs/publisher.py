"""What the publisher reads of the ledger's stream, and where it names what it can never take."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.ledger_stream import ALL_RETRIES, LedgerStream, keys_begin_with, new_items_with
from shared import names

PUBLISHER_TIMEOUT: Final = Duration.seconds(30)
WATCHED_PREFIXES: Final = (names.STOCK_PREFIX, names.STOCK_LOW_PREFIX)


class PublisherStream(LedgerStream):
    """Feed the publisher with entries, which alone have a posted instant, and with the ledger's changes of stock."""

    def __init__(
        self, scope: Construct, construct_id: str, *, ledger: dynamodb.ITable, function: lambda_.Function
    ) -> None:
        filters = [keys_begin_with(prefix) for prefix in WATCHED_PREFIXES]
        filters.append(new_items_with(**{names.POSTED_ATTRIBUTE: lambda_.FilterRule.exists()}))
        super().__init__(scope, construct_id, ledger=ledger, function=function, filters=filters, retries=ALL_RETRIES)
        function.add_environment(names.PUT_ASIDE_QUEUE, self.failures.queue_url)
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.failures.queue_arn])
        )
