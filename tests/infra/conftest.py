"""The stacks of every stage, synthesized once per run."""

import fcntl
from collections.abc import Callable
from functools import cache

import pytest

from infra.stages import STAGES
from tests.infra.deployed import Deployed, read_assembly, synthesize


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
                synthesize(stage, assembly)
        return read_assembly(stage, assembly)

    return synthesized


@pytest.fixture(params=sorted(STAGES))
def every(request: pytest.FixtureRequest, deployed: Callable[[str], Deployed]) -> Deployed:
    """Give every stage in turn."""
    stage: str = request.param
    return deployed(stage)


@pytest.fixture
def prod(deployed: Callable[[str], Deployed]) -> Deployed:
    return deployed("prod")
