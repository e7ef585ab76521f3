"""The whole product, as it stands when a request comes."""

import itertools
from collections.abc import Iterator
from typing import Final

import pytest

from tests.whole.stage import Stage, State, open_stage
from tests.whole.story import begin

numbers: Final = itertools.count(1)


@pytest.fixture(scope="module")
def stage(engine_url: str) -> Iterator[Stage]:
    """Open one for the tests of a module; a worker that comes back to a module opens another."""
    with open_stage(engine_url, f"-stage-{next(numbers)}") as stage:
        begin(stage)
        yield stage


@pytest.fixture(scope="module")
def so_far(stage: Stage) -> State:
    """Give what there is before any test."""
    return stage.state()
