"""A service throttles, fails, is out of reach or loses its answers, and the request is made again. K5.

Every operation of the table that calls the service; a fault falls on one call in ten, after the SDK has given up.
"""

import random
from collections.abc import Mapping
from typing import Any, Final

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import DependencyUnavailableError
from tests.profile import FULL
from tests.whole.crashes import ends_of, is_one_of, is_postponed
from tests.whole.faults import Failing, falling_on, services_of
from tests.whole.operations import OF_MEMBERS, OF_THE_CHAIN, OF_TILLS, OPERATIONS
from tests.whole.stage import Scene, Stage, State

SHARE: Final = 0.1
FEW: Final = 12 if FULL else 4
MOST_OPERATIONS: Final = {
    "dynamodb": len(OPERATIONS) if FULL else FEW,
    "secretsmanager": FEW,
    "s3": FEW,
    "sqs": FEW,
    "sns": FEW,
    "events": FEW,
}
LOOKED_AT: Final = OPERATIONS if FULL else (*OF_TILLS[-2:], *OF_MEMBERS[::5], *OF_THE_CHAIN)
FAILED: Final[Mapping[str, Any]] = {"batchItemFailures": [{"itemIdentifier": "all"}]}
"""What becomes of an invocation that raises: AWS makes it again."""


@pytest.fixture(scope="module")
def services(stage: Stage, so_far: State) -> dict[str, tuple[str, ...]]:
    """Tell the service of each call, by operation."""
    return {one.name: services_of(one.scene(stage, so_far)) for one in LOOKED_AT}


def attempt(scene: Scene, failing: Failing) -> Mapping[str, Any]:
    """Make an attempt. Only a schedule's invocation may raise, and the building of a container that lacks a secret."""
    try:
        return scene.attempt(1, breaking=failing)
    except DependencyUnavailableError:
        return FAILED
    except (BotoCoreError, ClientError):
        if scene.request.function != "sweep_planner":
            raise
        return FAILED


@pytest.mark.parametrize("service", MOST_OPERATIONS)
def test_k5_whatever_a_service_fails_at_the_request_is_postponed_and_ends_as_if_made_once(
    stage: Stage, so_far: State, services: Mapping[str, tuple[str, ...]], service: str
) -> None:
    chance = random.Random(service)  # noqa: S311 a test repeats itself by its seed
    calling = [one for one in LOOKED_AT if service in services[one.name]]
    chosen = chance.sample(calling, min(len(calling), MOST_OPERATIONS[service]))
    fell = postponed = 0
    for operation in chosen:
        scene = operation.scene(stage, so_far)
        known = ends_of(scene, last=2)
        calls = services[operation.name].count(service)
        for _, faults in zip(range(max(1, FEW // len(chosen))), falling_on(calls, chance, share=SHARE), strict=False):
            scene.rewind()
            answer = attempt(scene, Failing(stage.wire, service, faults))
            late = is_postponed(answer)
            why = (operation.name, faults)
            assert late or operation.in_parts or answer in (known.first.answer, known.again.answer), why
            end = scene.end(scene.attempt(2))
            if operation.only_reads:
                assert (end.answer, end.state) == (known.first.answer, scene.before), why
            else:
                assert is_one_of(end, known.ends, in_parts=operation.in_parts), why
            fell += len(faults)
            postponed += late
    print(f"{service}: {fell} faults, {postponed} requests postponed")  # noqa: T201 shown on demand
    assert fell >= postponed
    assert fell > 0
