"""What a stage would deploy, as its templates say it: resources by type, and how they hang together."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from infra.app import build_app
from infra.packaging.layer import ROOT
from infra.stages import STAGES

CONTEXT: Final = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
# A template names an asset by its hash: nothing is bundled for it, and no layer is built.
NOTHING_BUNDLED: Final[dict[str, list[str]]] = {"aws:cdk:bundling-stacks": []}

Resource = Mapping[str, Any]
Resources = Mapping[str, Resource]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The two templates of a stage, and the folder of the assembly that they stand in."""

    stage: str
    assembly: Path
    data: Mapping[str, Any]
    service: Mapping[str, Any]

    @property
    def templates(self) -> tuple[Path, ...]:
        return tuple(sorted(self.assembly.glob("*.template.json")))

    @property
    def all(self) -> tuple[tuple[str, Resource], ...]:
        """Every resource of both stacks with its logical id. A table and a function may have the same one."""
        return (*self.data["Resources"].items(), *self.service["Resources"].items())

    def of(self, kind: str) -> Resources:
        """Give the properties of every resource of a type, by logical id."""
        return {name: one.get("Properties", {}) for name, one in self.all if one["Type"] == kind}

    def named(self, kind: str, start: str) -> tuple[str, Resource]:
        """Give the one resource of a type whose logical id begins so."""
        (found,) = [(name, one) for name, one in self.of(kind).items() if name.startswith(start)]
        return found

    def functions(self) -> Resources:
        return self.of("AWS::Lambda::Function")

    def statements(self) -> Iterator[tuple[str, Resource]]:
        """Give every statement that a role is allowed something by, with the logical id of its policy or role."""
        for name, policy in self.of("AWS::IAM::Policy").items():
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
        for name, role in self.of("AWS::IAM::Role").items():
            for policy in role.get("Policies", []):
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name, statement

    def ledger_statements(self) -> Iterator[tuple[str, Resource]]:
        """Give the statements that reach the ledger's table, its index or its stream."""
        ledger, _ = self.named("AWS::DynamoDB::Table", "Ledger")
        for name, statement in self.statements():
            if ledger in json.dumps(statement.get("Resource", "")):
                yield name, statement


def synthesize(stage: str, assembly: Path) -> None:
    """Synthesize a stage into a folder. cdk-nag looks at it meanwhile, and fails where it finds something."""
    app = App(outdir=str(assembly), context={**CONTEXT, **NOTHING_BUNDLED})
    build_app(app, stage=STAGES[stage])
    app.synth()


def read_assembly(stage: str, assembly: Path) -> Deployed:
    data, service = (
        json.loads((assembly / f"Jifen-{stage}-{name}.template.json").read_text("utf-8"))
        for name in ("Data", "Service")
    )
    return Deployed(stage=stage, assembly=assembly, data=data, service=service)


def many(value: Any) -> list[Any]:
    """Give as a list what a policy may write as a list or alone."""
    return value if isinstance(value, list) else [value]


def points_at(value: Any) -> str:
    """Give the logical id that a Ref or GetAtt of the same template names; "" for anything else."""
    if not isinstance(value, dict):
        return ""
    if "Ref" in value:
        return str(value["Ref"])
    return str(value["Fn::GetAtt"][0]) if "Fn::GetAtt" in value else ""
