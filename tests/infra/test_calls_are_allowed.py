"""What a function asks of AWS its role lets it do: no emulator looks, and AWS would refuse. S8."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

import pytest

from shared import names
from shared.runtime import aws
from tests.infra.deployed import Deployed, Resource, many
from tests.whole.operations import OPERATIONS
from tests.whole.stage import Stage, State, open_stage
from tests.whole.story import begin

SERVICES: Final = ("dynamodb", "events", "s3", "secretsmanager", "sns", "sqs")
PARTS: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
ALLOWED_AS: Final = {"sqs:SendMessageBatch": "sqs:SendMessage"}
INDEX: Final = f"/index/{names.ENTRIES_BY_MEMBER}"


class Need(NamedTuple):
    """An action, of DynamoDB on a table or its index, and the partitions that it reaches."""

    action: str
    table: str = ""
    of_index: bool = False
    partitions: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def stage(engine_url: str) -> Iterator[Stage]:
    with open_stage(engine_url, "-allowed") as stage:
        begin(stage)
        yield stage


@pytest.fixture(scope="module")
def so_far(stage: Stage) -> State:
    return stage.state()


@pytest.fixture
def needs(stage: Stage) -> list[Need]:
    """Give what is needed from now on, as it is asked for."""
    heard: list[Need] = []
    logical = {getattr(stage.tables, name): name.title() for name in ("accounts", "ledger", "members")}

    def hear(model: Any, params: Mapping[str, Any], **_others: Any) -> None:
        service = model.service_model.service_name
        if service != "dynamodb":
            action = f"{service}:{model.name}"
            heard.append(Need(ALLOWED_AS.get(action, action)))
            return
        asked = needs_of(model.name, json.loads(params["body"]))
        heard.extend(one._replace(table=logical[one.table]) for one in asked)

    for service in SERVICES:
        aws.client(service).meta.events.register("before-call", hear)
    return heard


def needs_of(operation: str, body: Mapping[str, Any]) -> Iterator[Need]:
    """Say what a call of DynamoDB needs; a transaction needs what its parts do."""
    match operation:
        case "TransactWriteItems":
            for part in body["TransactItems"]:
                ((kind, asked),) = part.items()
                yield from needs_of(PARTS[kind], asked)
        case "BatchGetItem":
            for table, asked in body["RequestItems"].items():
                yield Need(f"dynamodb:{operation}", table, partitions=tuple(map(partition_of, asked["Keys"])))
        case "Query":
            (sought,) = [
                one for name, one in body["ExpressionAttributeValues"].items() if name in (":pk", ":day", ":member")
            ]
            yield Need(f"dynamodb:{operation}", body["TableName"], "IndexName" in body, (sought["S"],))
        case "Scan":
            yield Need(f"dynamodb:{operation}", body["TableName"])
        case _:
            key = body.get("Key") or body["Item"]
            yield Need(f"dynamodb:{operation}", body["TableName"], partitions=(partition_of(key),))


def partition_of(item: Mapping[str, Any]) -> str:
    return str((item.get(names.PARTITION_KEY) or item[names.ACCOUNT_KEY])["S"])


def allows(statement: Resource, need: Need, table: str) -> bool:
    if need.action not in many(statement["Action"]):
        return False
    if not need.table:
        return True
    resources = [json.dumps(one) for one in many(statement.get("Resource", []))]
    if not any(table in one and (INDEX in one) == need.of_index for one in resources):
        return False
    patterns = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", "*")
    return all(any(fnmatchcase(one, pattern) for pattern in many(patterns)) for one in need.partitions)


def test_s8_a_function_may_do_whatever_it_does(stage: Stage, so_far: State, needs: list[Need], prod: Deployed) -> None:
    """Every operation of the product, made twice, under the policies of its function."""
    tables = {name: prod.named("AWS::DynamoDB::Table", name)[0] for name in ("Accounts", "Ledger", "Members")}
    refused: set[tuple[str, Need]] = set()
    for operation in OPERATIONS:
        scene, function = operation.scene(stage, so_far), operation.ask.function
        role = f"{function.title().replace('_', '')}Role"
        statements = [one for name, one in prod.statements() if name.startswith(role)]
        needs.clear()
        for attempt in (1, 2):
            scene.attempt(attempt)
        for need in needs:
            if not any(allows(one, need, tables.get(need.table, "")) for one in statements):
                refused.add((function, need))
        assert needs or operation.only_reads
    assert refused == set()
