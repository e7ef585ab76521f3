"""What must outlive every release: tables, their key, secrets, events that could not be used."""

from collections.abc import Mapping

from aws_cdk import CfnOutput, SecretValue, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.quarantine import QuarantineBucket
from infra.constructs.tables import DataKey, DataTable, add_entries_by_member, removal_policy, restored_table
from infra.findings import acknowledge
from infra.stages import Stage
from shared import names


class DataStack(Stack):
    """The state of one stage. Nothing here changes when code does.

    A table that `stage.restored` names is used as it is: the stack lets go of its own (`docs/operations/restore.md`).
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id, description=f"Jifen {stage.name}: tables, key, secrets, quarantine")
        self._stage = stage
        self.key = DataKey(self, "Key", stage=stage)
        self.accounts = self._accounts(stage.restored.accounts)
        self.ledger = self._ledger(stage.restored.ledger)
        self.members = self._members(stage.restored.members)
        # The command line fills it. CloudFormation does not touch it again while this initial text stays as it is.
        self.subscriptions = secretsmanager.Secret(
            self,
            "Subscriptions",
            description="Webhook subscriptions of the tills and their signing secrets",
            encryption_key=self.key,
            secret_string_value=SecretValue.unsafe_plain_text('{"subscriptions": []}'),
            removal_policy=removal_policy(stage),
        )
        self.endpoints = secretsmanager.Secret(
            self,
            "Endpoints",
            description="Endpoints of outgoing webhooks and their signing secrets",
            encryption_key=self.key,
            secret_string_value=SecretValue.unsafe_plain_text('{"endpoints": []}'),
            removal_policy=removal_policy(stage),
        )
        self.keys = secretsmanager.Secret(
            self,
            "Keys",
            description="The root that every keyed hash and cursor of the stage is derived from",
            encryption_key=self.key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}",  # noqa: S106 a template without a secret
                generate_string_key="root",
                password_length=64,
                exclude_punctuation=True,
            ),
            removal_policy=removal_policy(stage),
        )
        self.quarantine = QuarantineBucket(self, "Quarantine", stage=stage, key=self.key)
        self._acknowledge_findings()
        CfnOutput(self, "AccountsTable", value=self.accounts.table_name)
        CfnOutput(self, "LedgerTable", value=self.ledger.table_name)
        CfnOutput(self, "MembersTable", value=self.members.table_name)
        CfnOutput(self, "SubscriptionsSecret", value=self.subscriptions.secret_arn)
        CfnOutput(self, "EndpointsSecret", value=self.endpoints.secret_arn)
        CfnOutput(self, "KeysSecret", value=self.keys.secret_arn)
        CfnOutput(self, "QuarantineBucket", value=self.quarantine.bucket_name)

    @property
    def tables(self) -> Mapping[str, dynamodb.ITable]:
        return {"accounts": self.accounts, "ledger": self.ledger, "members": self.members}

    def _accounts(self, restored: str | None) -> dynamodb.ITable:
        if restored:
            return restored_table(self, "Accounts", name=restored, key=self.key)
        return DataTable(self, "Accounts", stage=self._stage, key=self.key, partition_key=names.ACCOUNT_KEY)

    def _ledger(self, restored: str | None) -> dynamodb.ITable:
        if restored:
            stream = self._stage.restored.ledger_stream
            return restored_table(self, "Ledger", name=restored, key=self.key, stream_arn=stream)
        ledger = DataTable(
            self,
            "Ledger",
            stage=self._stage,
            key=self.key,
            partition_key=names.PARTITION_KEY,
            sort_key=names.SORT_KEY,
            stream=True,
        )
        add_entries_by_member(ledger)
        return ledger

    def _members(self, restored: str | None) -> dynamodb.ITable:
        if restored:
            return restored_table(self, "Members", name=restored, key=self.key)
        return DataTable(
            self,
            "Members",
            stage=self._stage,
            key=self.key,
            partition_key=names.PARTITION_KEY,
            sort_key=names.SORT_KEY,
        )

    def _acknowledge_findings(self) -> None:
        acknowledge(
            self.subscriptions,
            "AwsSolutions-SMG4",
            reason="A till's secret is shared with its vendor: `jifen subscriptions rotate` changes it with two valid "
            "secrets at a time; a schedule that changes one side alone would cut the tills off.",
        )
        acknowledge(
            self.endpoints,
            "AwsSolutions-SMG4",
            reason="An endpoint's secret is shared with its receiver: `jifen endpoints rotate` lets both be right.",
        )
        acknowledge(
            self.keys,
            "AwsSolutions-SMG4",
            reason="Members are found by hashes under this root (phone, card): another root would lose every one.",
        )
