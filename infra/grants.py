"""What a function may do, statement by statement: named actions on named resources, and nothing that CDK adds.

`grant_read_write_data` and its like allow Scan, BatchWriteItem and the deletion of entries; the ledger never does.
"""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns

from infra.findings import acknowledge
from shared import names

READ: Final = ("GetItem", "BatchGetItem", "Query")
# Put, under a condition, and check: what a transaction that moves points is made of.
WRITE: Final = ("PutItem", "ConditionCheckItem")


def allow_table(function: lambda_.Function, table: dynamodb.ITable, *actions: str) -> None:
    """Allow these DynamoDB actions on the table, not on its indexes. A transaction is allowed by its parts."""
    _allow(function, actions=[f"dynamodb:{action}" for action in actions], resources=[table.table_arn])


def allow_index(function: lambda_.Function, table: dynamodb.ITable, *, index: str) -> None:
    """Allow queries of one index."""
    _allow(function, actions=["dynamodb:Query"], resources=[f"{table.table_arn}/index/{index}"])


def allow_stock_updates(function: lambda_.Function, ledger: dynamodb.ITable) -> None:
    """Allow updates of the ledger's stock, which is no record of what happened."""
    _allow_partitions(function, ledger, "UpdateItem", prefixes=[names.STOCK_PREFIX])


def allow_budgets(function: lambda_.Function, ledger: dynamodb.ITable) -> None:
    """Allow counting what campaigns spend of their budgets."""
    _allow_partitions(function, ledger, "UpdateItem", prefixes=[names.BUDGET_PREFIX])


def allow_welcomes(function: lambda_.Function, ledger: dynamodb.ITable) -> None:
    """Allow the entries that enrolment makes: of joining, of a referral, and of what time did to the referrer."""
    prefixes = [names.ACTION_PREFIX, names.REFERRAL_PREFIX, names.MEMBER_PREFIX]
    _allow_partitions(function, ledger, "PutItem", prefixes=prefixes)


def allow_activities(function: lambda_.Function, members: dynamodb.ITable) -> None:
    """Allow what members do in their table: codes for friends, what they hand in, what they try; none is a profile."""
    own = [names.COMPLETION_PREFIX, names.WAITING_PARTITION]
    _allow_partitions(function, members, "PutItem", prefixes=[names.REFERENCE_PREFIX, names.CLAIM_TRIES_PREFIX, *own])
    _allow_partitions(function, members, "UpdateItem", prefixes=[names.CLAIM_TRIES_PREFIX])
    _allow_partitions(function, members, "Query", prefixes=own)
    _allow_partitions(function, members, "DeleteItem", prefixes=[names.WAITING_PARTITION])


def allow_catalogue(function: lambda_.Function, ledger: dynamodb.ITable) -> None:
    """Allow changing the catalogue, its stock, and recording who did."""
    _allow_partitions(function, ledger, "PutItem", prefixes=[names.CATALOGUE_PARTITION, names.TRAIL_PREFIX])
    allow_stock_updates(function, ledger)


def allow_requests(function: lambda_.Function, members: dynamodb.ITable) -> None:
    """Allow keeping the list of redemptions that wait for the staff; it is no record of what happened."""
    for action in ("PutItem", "Query", "DeleteItem"):
        _allow_partitions(function, members, action, prefixes=[names.REQUESTS_PARTITION])


def allow_trail(function: lambda_.Function, ledger: dynamodb.ITable) -> None:
    """Allow recording what the staff did."""
    _allow_partitions(function, ledger, "PutItem", prefixes=[names.TRAIL_PREFIX])


def allow_deeds(function: lambda_.Function, ledger: dynamodb.ITable) -> None:
    """Allow the entries that the staff makes by hand, what time did to those members, and the record of who did it."""
    prefixes = [names.ADJUSTMENT_PREFIX, names.TIER_SETTING_PREFIX, names.MEMBER_PREFIX, names.TRAIL_PREFIX]
    _allow_partitions(function, ledger, "PutItem", prefixes=prefixes)


def allow_adjustments(function: lambda_.Function, members: dynamodb.ITable) -> None:
    """Allow what is kept about adjustments beside the ledger: notes, the list of what waits, points counted a day."""
    kept = [names.ADJUSTMENT_PREFIX, names.ADJUSTMENTS_PARTITION]
    _allow_partitions(function, members, "PutItem", prefixes=kept)
    _allow_partitions(function, members, "Query", prefixes=kept)
    _allow_partitions(function, members, "UpdateItem", prefixes=[names.ADJUSTED_BY_PREFIX])
    _allow_partitions(function, members, "DeleteItem", prefixes=[names.ADJUSTMENTS_PARTITION])


def allow_known_callers(function: lambda_.Function, members: dynamodb.ITable) -> None:
    """Allow finding out which member a token is of, and nothing else about members."""
    _allow_partitions(function, members, "GetItem", prefixes=[names.REFERENCE_PREFIX])


def allow_stock_notices(function: lambda_.Function, ledger: dynamodb.ITable) -> None:
    """Allow making the notices that a reward runs low."""
    _allow_partitions(function, ledger, "PutItem", prefixes=[names.STOCK_LOW_PREFIX])


def allow_messages(function: lambda_.Function, ledger: dynamodb.ITable) -> None:
    """Allow making messages, marking them, and counting texts, in partitions that hold no entry."""
    _allow_partitions(function, ledger, "PutItem", prefixes=[names.MESSAGES_PREFIX])
    _allow_partitions(function, ledger, "UpdateItem", prefixes=[names.MESSAGES_PREFIX, names.SMS_COUNT_PREFIX])


def allow_secret(function: lambda_.Function, secret: secretsmanager.ISecret) -> None:
    """Allow reading the secret."""
    _allow(function, actions=["secretsmanager:GetSecretValue"], resources=[secret.secret_arn])


def allow_quarantine(function: lambda_.Function, bucket: s3.IBucket, *, key: kms.IKey) -> None:
    """Allow putting events where they wait: not to read, list or delete them."""
    waiting = f"{names.QUARANTINE_WAITING}*"
    _allow(function, actions=["s3:PutObject"], resources=[bucket.arn_for_objects(waiting)])
    allow_key(function, key, through=("s3",))
    if function.role is not None:
        exported = Stack.of(function).resolve(Stack.of(bucket).export_value(bucket.bucket_arn))["Fn::ImportValue"]
        acknowledge(
            function.role,
            f"AwsSolutions-IAM5[Resource::{exported}/{waiting}]",
            reason="An object is named by its day, subscription and content: only what they begin with is known.",
        )


def allow_topic(function: lambda_.Function, topic: sns.ITopic, *, key: kms.IKey) -> None:
    """Allow publishing to the topic, and what that takes under the topic's key."""
    _allow(function, actions=["sns:Publish"], resources=[topic.topic_arn])
    allow_key(function, key, through=("sns",))


def allow_texts(function: lambda_.Function) -> None:
    """Allow text messages to telephones, and no topic: a telephone number is what is no resource of SNS."""
    function.add_to_role_policy(iam.PolicyStatement(actions=["sns:Publish"], not_resources=["arn:*:sns:*:*:*"]))


def allow_key(
    function: lambda_.Function, key: kms.IKey, *, through: Sequence[str] = ("dynamodb", "secretsmanager")
) -> None:
    """Allow using the key, and only through the services that keep data under it."""
    region = Stack.of(function).region
    _allow(
        function,
        actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        resources=[key.key_arn],
        conditions={"StringEquals": {"kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in through]}},
    )


def _allow_partitions(
    function: lambda_.Function, table: dynamodb.ITable, action: str, *, prefixes: Sequence[str]
) -> None:
    """Allow an action on partitions whose key begins with a prefix.

    ForAllValues is true of a request without keys, which Null refuses.
    """
    _allow(
        function,
        actions=[f"dynamodb:{action}"],
        resources=[table.table_arn],
        conditions={
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{prefix}*" for prefix in prefixes]},
            "Null": {"dynamodb:LeadingKeys": "false"},
        },
    )


def _allow(
    function: lambda_.Function,
    *,
    actions: list[str],
    resources: list[str],
    conditions: dict[str, object] | None = None,
) -> None:
    function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=resources, conditions=conditions))
