"""The stacks of every stage, synthesized once per run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from infra.app import build_app
from infra.packaging.layer import ROOT
from infra.stages import STAGES
from tests.infra.deployed import Deployed

CONTEXT = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
# A template names an asset by its hash: nothing is bundled for it, and no layer is built.
NOTHING_BUNDLED: dict[str, list[str]] = {"aws:cdk:bundling-stacks": []}


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Deployed]:
    """Give a stage by its name. cdk-nag looks at it meanwhile, and fails the synthesis where it finds something."""
    known: dict[str, Deployed] = {}

    def synthesized(stage: str) -> Deployed:
        if stage not in known:
            known[stage] = _synthesized(stage, tmp_path_factory.mktemp(stage))
        return known[stage]

    return synthesized


def _synthesized(stage: str, folder: Path) -> Deployed:
    app = App(outdir=str(folder), context={**CONTEXT, **NOTHING_BUNDLED})
    data, service = build_app(app, stage=STAGES[stage])
    # The first reading of a template synthesizes the whole app, plugins included.
    return Deployed(
        stage=stage,
        assembly=folder,
        data=Template.from_stack(data).to_json(),
        service=Template.from_stack(service).to_json(),
    )


@pytest.fixture(params=sorted(STAGES))
def every(request: pytest.FixtureRequest, deployed: Callable[[str], Deployed]) -> Deployed:
    """Give every stage in turn."""
    stage: str = request.param
    return deployed(stage)


@pytest.fixture
def prod(deployed: Callable[[str], Deployed]) -> Deployed:
    return deployed("prod")
