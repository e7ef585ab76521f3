"""Least privilege: named actions on named resources, and a reason for each exception. S8, S9."""

import json
import re
from typing import Final

from shared import names
from tests.infra.deployed import Deployed, Resource, many, points_at

# Role or policy, action, resource → why nothing narrower is possible.
WIDE: Final = {
    ("xray:PutTelemetryRecords", "*"): "X-Ray has no resources",
    ("xray:PutTraceSegments", "*"): "X-Ray has no resources",
    ("dynamodb:ListStreams", "*"): "its resource is every stream, and Lambda asks for it to read one",
    ("s3:PutObject", "/waiting/*"): "what waits there is named by its day, subscription and content",
    ("sns:Publish", "*"): "Cognito sends codes to telephones, which are no resources",
    ("sns:Publish", "NOT arn:*:sns:*:*:*"): "text messages to telephones, and to no topic",
}


STARS = re.compile(r".*(/[\w-]+/\*)\"\]\]\}$")


def wide_parts(deployed: Deployed) -> set[tuple[str, str]]:
    """List the actions that are allowed on a resource with a star in it."""
    found: set[tuple[str, str]] = set()
    for _, statement in deployed.statements():
        resources = [("", one) for one in many(statement.get("Resource", []))]
        resources += [("NOT ", one) for one in many(statement.get("NotResource", []))]
        for prefix, resource in resources:
            text = resource if isinstance(resource, str) else STARS.sub(r"\1", json.dumps(resource))
            if "*" in text:
                found |= {(action, prefix + text) for action in many(statement["Action"])}
    return found


def test_s8_every_star_in_a_resource_has_a_reason(every: Deployed) -> None:
    assert wide_parts(every) == set(WIDE)


def test_s8_text_messages_are_sent_by_the_messenger_and_the_user_pool_alone(every: Deployed) -> None:
    found = {
        name
        for name, statement in every.statements()
        if "sns:Publish" in many(statement["Action"])
        and ("NotResource" in statement or "*" in many(statement["Resource"]))
    }
    assert {re.sub(r"[0-9A-F]{8}$", "", name) for name in found} == {
        "MessengerRoleDefaultPolicy",
        "IdentityPoolsmsRole",
    }


def test_s8_w14_the_quarantine_is_written_by_the_webhooks_alone_and_read_by_no_function(every: Deployed) -> None:
    (found,) = [(name, one) for name, one in every.statements() if "s3:" in json.dumps(one["Action"])]
    name, statement = found
    assert name.startswith("WebhooksRole")
    assert (statement["Action"], statement["Effect"]) == ("s3:PutObject", "Allow")
    assert json.dumps(statement["Resource"]).endswith(f'"/{names.QUARANTINE_WAITING}*"]]}}')
    told = {name for name, one in every.functions().items() if names.QUARANTINE_BUCKET in variables(one)}
    assert [one[:8] for one in told] == ["Webhooks"]


def variables(function: Resource) -> Resource:
    of_function: Resource = function["Environment"]["Variables"]
    return of_function


def test_s8_every_action_is_named(every: Deployed) -> None:
    actions = {action for _, statement in every.statements() for action in many(statement["Action"])}
    assert {action for action in actions if not re.fullmatch(r"[a-z0-9]+:[A-Z]\w+", action)} == set()
    assert [statement for _, statement in every.statements() if "NotAction" in statement] == []


def test_s8_every_function_has_a_role_of_its_own_without_managed_policies(every: Deployed) -> None:
    roles = [points_at(one["Role"]) for one in every.functions().values()]
    assert len(roles) == len(set(roles))
    assert [name for name, role in every.of("AWS::IAM::Role").items() if "ManagedPolicyArns" in role] == []


def test_s8_a_role_is_assumed_by_one_service(every: Deployed) -> None:
    for role in every.of("AWS::IAM::Role").values():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert list(statement["Principal"]) == ["Service"]
        assert isinstance(statement["Principal"]["Service"], str)


def test_s8_only_sweep_and_audit_scan_and_only_accounts(every: Deployed) -> None:
    accounts, _ = every.named("AWS::DynamoDB::Table", "Accounts")
    scans = {name: one for name, one in every.statements() if "dynamodb:Scan" in many(one["Action"])}
    assert {re.sub(r"RoleDefaultPolicy\w+$", "", name) for name in scans} == {"SweepWorker", "Auditor"}
    assert all(accounts in json.dumps(one["Resource"]) for one in scans.values())


def test_s8_t25_the_auditor_reads_accounts_and_ledger_and_can_write_to_no_table(every: Deployed) -> None:
    tables = {name: logical for logical in every.of("AWS::DynamoDB::Table") for name in [logical[:-8]]}
    allowed = {
        (table, action.removeprefix("dynamodb:"))
        for name, one in every.statements()
        for action in many(one["Action"])
        for table, logical in tables.items()
        if name.startswith("Auditor") and action.startswith("dynamodb:") and logical in json.dumps(one["Resource"])
    }
    reads = {("Ledger", action) for action in ("GetItem", "BatchGetItem", "Query")}
    assert allowed == {("Accounts", "Scan"), ("Accounts", "GetItem"), *reads}


def test_s8_the_key_is_used_only_through_the_services_that_keep_data_under_it(every: Deployed) -> None:
    for _, statement in every.statements():
        if any(action.startswith("kms:") for action in many(statement["Action"])):
            services = json.dumps(statement["Condition"]["StringEquals"]["kms:ViaService"])
            assert set(re.findall(r'"(\w+)\.', services)) <= {"dynamodb", "secretsmanager", "sns", "s3"}


def test_s9_no_secret_stands_in_a_template_or_an_environment(every: Deployed) -> None:
    text = json.dumps([every.data, every.service])
    assert re.findall(r"whsec_\w+|AKIA\w{16}|-----BEGIN", text) == []
    for function in every.functions().values():
        values = function["Environment"]["Variables"]
        assert {name for name in values if name.endswith("_SECRET") and isinstance(values[name], str)} == set()
