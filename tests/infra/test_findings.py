"""The rules of AWS Solutions and of CloudFormation find nothing. S8."""

import ast
import json
from pathlib import Path
from typing import Final

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks
from cfnlint.api import ManualArgs, lint

from infra.packaging.layer import ROOT
from tests.infra.deployed import Deployed

# CDK's own functions say that they depend on their role, which their ARN of it says too.
WRITTEN_BY_CDK: Final = ["W3005"]


def test_s8_cdk_nag_finds_nothing(every: Deployed) -> None:
    report = json.loads((every.assembly / "validation-report.json").read_text("utf-8")) if has_report(every) else {}
    assert [one["conclusion"] for one in report.get("pluginReports", [])] in ([], ["success"])
    found = {violation["ruleName"] for one in report.get("pluginReports", []) for violation in one["violations"]}
    assert found <= {"Annotation::jifen:bytecode"}


def has_report(deployed: Deployed) -> bool:
    return (deployed.assembly / "validation-report.json").exists()


def test_s8_cdk_nag_would_fail_the_synthesis(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    s3.Bucket(Stack(app, "Careless"), "Bucket")
    with pytest.raises(RuntimeError, match="AwsSolutions-S1"):
        app.synth()


def test_s8_every_acknowledged_finding_has_its_reason() -> None:
    calls = [
        node
        for path in sorted((ROOT / "infra").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "acknowledge"
    ]
    assert len(calls) > 5
    for call in calls:
        (reason,) = [keyword.value for keyword in call.keywords if keyword.arg == "reason"]
        assert isinstance(reason, ast.Name) or len(str(ast.literal_eval(reason))) > 25


def test_cfn_lint_finds_nothing(every: Deployed) -> None:
    config = ManualArgs(regions=["us-east-1"], ignore_checks=WRITTEN_BY_CDK)
    found = [str(match) for path in every.templates for match in lint(path.read_text("utf-8"), config=config)]
    assert found == []
