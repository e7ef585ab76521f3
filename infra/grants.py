"""What a function may do, statement by statement: named actions on named resources, and nothing that CDK adds.

`grant_read_write_data` and its like allow Scan, BatchWriteItem and the deletion of entries; the ledger never does.
"""

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager

from shared import names


def allow_table(function: lambda_.Function, table: dynamodb.ITable, *actions: str) -> None:
    """Allow these DynamoDB actions on the table, not on its indexes. A transaction is allowed by its parts."""
    _allow(function, actions=[f"dynamodb:{action}" for action in actions], resources=[table.table_arn])


def allow_index(function: lambda_.Function, table: dynamodb.ITable, *, index: str) -> None:
    """Allow queries of one index."""
    _allow(function, actions=["dynamodb:Query"], resources=[f"{table.table_arn}/index/{index}"])


def allow_stock_updates(function: lambda_.Function, ledger: dynamodb.ITable) -> None:
    """Allow updates of the ledger's stock, the only items there that are no record of what happened.

    ForAllValues is true of a request without keys, which Null refuses.
    """
    _allow(
        function,
        actions=["dynamodb:UpdateItem"],
        resources=[ledger.table_arn],
        conditions={
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{names.STOCK_PREFIX}*"]},
            "Null": {"dynamodb:LeadingKeys": "false"},
        },
    )


def allow_secret(function: lambda_.Function, secret: secretsmanager.ISecret) -> None:
    """Allow reading the secret."""
    _allow(function, actions=["secretsmanager:GetSecretValue"], resources=[secret.secret_arn])


def allow_key(function: lambda_.Function, key: kms.IKey) -> None:
    """Allow using the key, and only through the services that keep data under it."""
    region = Stack.of(function).region
    _allow(
        function,
        actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        resources=[key.key_arn],
        conditions={
            "StringEquals": {
                "kms:ViaService": [f"dynamodb.{region}.amazonaws.com", f"secretsmanager.{region}.amazonaws.com"]
            }
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
