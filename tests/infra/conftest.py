"""The stacks of every stage, synthesized once per run."""

import fcntl
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from infra.app import build_app
from infra.packaging.layer import ROOT
from infra.stages import STAGES
from tests.infra.deployed import Deployed

CONTEXT = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
# A template names an asset by its hash: nothing is bundled for it, and no layer is built.
NOTHING_BUNDLED: dict[str, list[str]] = {"aws:cdk:bundling-stacks": []}


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str], Deployed]:
    """Give a stage by its name. cdk-nag looks at it meanwhile, and fails the synthesis where it finds something."""
    own = tmp_path_factory.getbasetemp()
    folder = own if worker_id == "master" else own.parent

    @cache
    def synthesized(stage: str) -> Deployed:
        assembly = folder / f"assembly-{stage}"
        with (folder / f"{stage}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the first worker that asks synthesizes for all
            if not assembly.exists():
                _synthesize(stage, assembly)
        data, service = (_template(assembly, f"Jifen-{stage}-{name}") for name in ("Data", "Service"))
        return Deployed(stage=stage, assembly=assembly, data=data, service=service)

    return synthesized


def _synthesize(stage: str, assembly: Path) -> None:
    app = App(outdir=str(assembly), context={**CONTEXT, **NOTHING_BUNDLED})
    build_app(app, stage=STAGES[stage])
    app.synth()


def _template(assembly: Path, stack: str) -> dict[str, Any]:
    template: dict[str, Any] = json.loads((assembly / f"{stack}.template.json").read_text("utf-8"))
    return template


@pytest.fixture(params=sorted(STAGES))
def every(request: pytest.FixtureRequest, deployed: Callable[[str], Deployed]) -> Deployed:
    """Give every stage in turn."""
    stage: str = request.param
    return deployed(stage)


@pytest.fixture
def prod(deployed: Callable[[str], Deployed]) -> Deployed:
    return deployed("prod")
