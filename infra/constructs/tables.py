"""The three tables, and the key that encrypts what the project stores."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.stages import Stage
from shared import names


class DataKey(kms.Key):
    """One customer-managed key for tables, secrets, the quarantine and the alarm topic; rotated every year."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Jifen {stage.name}: tables, secrets, quarantine, alarms",
            enable_key_rotation=True,
            removal_policy=removal_policy(stage),
        )
        # CloudWatch has no role to which it could be granted: an alarm encrypts its message under the topic's key.
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsReachTheirTopic",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],  # in a key's own policy: this key
                conditions={"StringEquals": {"aws:SourceAccount": self.stack.account}},
            )
        )


class DataTable(dynamodb.Table):
    """An on-demand table, encrypted with our key, restorable to any second of the last 35 days."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        key: kms.IKey,
        partition_key: str,
        sort_key: str | None = None,
        stream: bool = False,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            partition_key=_string(partition_key),
            sort_key=None if sort_key is None else _string(sort_key),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if stream else None,
            deletion_protection=stage.retain,
            removal_policy=removal_policy(stage),
        )


def restored_table(
    scope: Construct, construct_id: str, *, name: str, key: kms.IKey, stream_arn: str | None = None
) -> dynamodb.ITable:
    """Use a table that is there: restored to an instant, with the settings that the runbook gives it."""
    return dynamodb.Table.from_table_attributes(
        scope, construct_id, table_name=name, table_stream_arn=stream_arn, encryption_key=key
    )


def add_entries_by_member(ledger: dynamodb.Table) -> None:
    """Give the ledger its one index: a member's entries in time, with what a line of the history shows."""
    ledger.add_global_secondary_index(
        index_name=names.ENTRIES_BY_MEMBER,
        partition_key=_string(names.MEMBER_ATTRIBUTE),
        sort_key=_string(names.POSTED_ATTRIBUTE),
        projection_type=dynamodb.ProjectionType.INCLUDE,
        non_key_attributes=list(names.ENTRY_SUMMARY_ATTRIBUTES),
    )


def removal_policy(stage: Stage) -> RemovalPolicy:
    return RemovalPolicy.RETAIN if stage.retain else RemovalPolicy.DESTROY


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
