"""The whole product, as it stands when a request comes."""

from collections.abc import Iterator

import pytest

from tests.whole.stage import Stage, State, open_stage
from tests.whole.story import begin


@pytest.fixture(scope="module")
def stage(engine_url: str, request: pytest.FixtureRequest) -> Iterator[Stage]:
    with open_stage(engine_url, f"-{request.module.__name__}") as stage:
        begin(stage)
        yield stage


@pytest.fixture(scope="module")
def so_far(stage: Stage) -> State:
    """Give what there is before any test."""
    return stage.state()
