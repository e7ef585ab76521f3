"""Nothing is paid for while nobody shops, and what runs is the cheaper kind. P18, P19."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.infra.billing import billed_by_the_hour
from tests.infra.deployed import Deployed

KEPT_READY: list[dict[str, Any]] = [
    {"Type": "AWS::EC2::NatGateway"},
    {"Type": "AWS::Lambda::Alias", "Properties": {"ProvisionedConcurrencyConfig": {}}},
    {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PROVISIONED"}},
    {"Type": "AWS::Lambda::Function", "Properties": {"VpcConfig": {}}},
]


def test_p18_no_resource_is_billed_by_the_hour(every: Deployed) -> None:
    assert billed_by_the_hour(every) == []


@pytest.mark.parametrize("resource", KEPT_READY, ids=json.dumps)
def test_p18_what_is_kept_ready_would_be_noticed(prod: Deployed, resource: dict[str, Any]) -> None:
    with_it = {**prod.service, "Resources": {**prod.service["Resources"], "Ready": resource}}
    assert billed_by_the_hour(replace(prod, service=with_it)) == ["Ready"]


def test_functions_run_on_the_cheaper_processor_and_the_newest_python(prod: Deployed) -> None:
    kinds = {(one["Runtime"], *one["Architectures"]) for one in prod.functions().values()}
    assert kinds == {("python3.14", "arm64")}


def test_p19_a_successful_call_leaves_no_lines_of_the_platform(every: Deployed) -> None:
    levels = {
        (one["LoggingConfig"]["LogFormat"], one["LoggingConfig"]["SystemLogLevel"])
        for one in every.functions().values()
    }
    assert levels == {("JSON", "WARN")}
