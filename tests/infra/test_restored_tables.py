"""Restored tables take the place of the stack's own, by name. K6."""

import dataclasses
import json
from pathlib import Path
from typing import Final

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from infra.app import build_app, stage_of
from infra.stages import STAGES, Restored, StreamMissingError
from shared import names
from tests.infra.deployed import CONTEXT, NOTHING_BUNDLED, Deployed

STREAM: Final = "arn:aws:dynamodb:us-east-1:123456789012:table/ledger-1205/stream/2026-12-05T10:00:00.000"
RESTORED: Final = Restored(ledger="ledger-1205", ledger_stream=STREAM)


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """Give `prod` with a restored ledger; cdk-nag looks at it too."""
    folder: Path = tmp_path_factory.mktemp("restored")
    app = App(outdir=str(folder), context={**CONTEXT, **NOTHING_BUNDLED})
    data, service = build_app(app, stage=dataclasses.replace(STAGES["prod"], restored=RESTORED))
    return Deployed(
        stage="prod",
        assembly=folder,
        data=Template.from_stack(data).to_json(),
        service=Template.from_stack(service).to_json(),
    )


def test_k6_the_stack_makes_the_other_tables_and_lets_go_of_this_one(restored: Deployed, prod: Deployed) -> None:
    assert sorted(name[:-8] for name in restored.of("AWS::DynamoDB::Table")) == ["Accounts", "Members"]
    let_go, _ = prod.named("AWS::DynamoDB::Table", "Ledger")
    (kept,) = [one for name, one in prod.all if name == let_go and one["Type"] == "AWS::DynamoDB::Table"]
    assert kept["DeletionPolicy"] == "Retain"


def test_k6_functions_streams_and_outputs_name_the_restored_table(restored: Deployed, prod: Deployed) -> None:
    variables = [one["Environment"]["Variables"] for one in restored.functions().values()]
    assert {one.get(names.LEDGER_TABLE, RESTORED.ledger) for one in variables} == {RESTORED.ledger}
    streams = [one for one in restored.of("AWS::Lambda::EventSourceMapping").values() if "StartingPosition" in one]
    assert {one["EventSourceArn"] for one in streams} == {STREAM}
    assert restored.data["Outputs"]["LedgerTable"]["Value"] == RESTORED.ledger
    named = [name for name, one in restored.statements() if "table/ledger-1205" in json.dumps(one.get("Resource", ""))]
    assert sorted(named) == sorted(name for name, _ in prod.ledger_statements())


def test_k6_the_service_needs_nothing_of_the_old_table_so_that_it_can_be_deployed_first(restored: Deployed) -> None:
    assert "Ledger" not in json.dumps(imports(restored.service))


def imports(value: object) -> list[str]:
    """Give every name that a template imports from another stack."""
    if isinstance(value, dict):
        own = [json.dumps(value["Fn::ImportValue"])] if "Fn::ImportValue" in value else []
        return own + [name for part in value.values() for name in imports(part)]
    return [name for part in value for name in imports(part)] if isinstance(value, list) else []


def test_what_lasts_for_a_stage_stands_in_cdk_json_and_the_command_line_comes_first() -> None:
    lasting = {"alarm_email": "ops@chain.example", "ledger_table": "ledger-1205", "ledger_stream": STREAM}
    context = {
        "stage": "prod",
        "stage:prod": lasting,
        "stage:dev": {"members_table": "m"},
        "alarm_email": "me@x.example",
    }
    stage = stage_of(App(context=context))
    assert (stage.name, stage.alarm_email, stage.restored) == ("prod", "me@x.example", RESTORED)


def test_a_restored_ledger_is_not_taken_without_its_stream() -> None:
    with pytest.raises(StreamMissingError):
        stage_of(App(context={"ledger_table": "ledger-1205"}))
