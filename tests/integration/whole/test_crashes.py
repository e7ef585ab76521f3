"""A process dies at any of its calls, never sent or with the answer lost, and the request is made again. K1, K2, K4.

Every operation of the table, through its handler; the calls are those that it really makes, of all services.
"""

import random

import pytest

from tests.profile import FULL
from tests.whole.crashes import LeftWithout, deaths, dies, ends_of, is_one_of, is_postponed
from tests.whole.operations import OPERATIONS, Operation
from tests.whole.requests import Asked
from tests.whole.stage import Stage, State

WRITING = [one for one in OPERATIONS if not one.only_reads]
every_operation = pytest.mark.parametrize("operation", WRITING, ids=lambda one: one.name)
PAIRS_EACH = 5 if FULL else 1


@every_operation
def test_k1_killed_at_any_call_and_made_again_it_ends_as_if_made_once(
    stage: Stage, so_far: State, operation: Operation
) -> None:
    scene = operation.scene(stage, so_far)
    known = ends_of(scene, last=2)
    died = 0
    for death in deaths(known.calls):
        scene.rewind()
        assert dies(scene, 1, death), death
        end = scene.end(scene.attempt(2))
        assert is_one_of(end, known.ends, in_parts=operation.in_parts), death
        died += 1
    print(f"{operation.name}: {known.calls} calls, {died} deaths")  # noqa: T201 shown on demand
    assert died == 2 * known.calls > 0


@every_operation
def test_k2_killed_twice_and_made_a_third_time_it_ends_as_if_made_once(
    stage: Stage, so_far: State, operation: Operation
) -> None:
    scene = operation.scene(stage, so_far)
    known = ends_of(scene, last=3)
    chance = random.Random(operation.name)  # noqa: S311 a test repeats itself by its seed
    ways = list(deaths(known.calls))
    for _ in range(PAIRS_EACH):
        pair = chance.choice(ways), chance.choice(ways)
        scene.rewind()
        assert dies(scene, 1, pair[0]), pair
        dies(scene, 2, pair[1])  # what is done already takes fewer calls, and may be over before
        end = scene.end(scene.attempt(3))
        assert is_one_of(end, known.ends, in_parts=operation.in_parts), pair


@every_operation
def test_k4_without_time_it_begins_nothing_and_made_again_ends_as_if_made_once(
    stage: Stage, so_far: State, operation: Operation
) -> None:
    """Fifty milliseconds are left from the beginning, or from the answer to any call on."""
    scene = operation.scene(stage, so_far)
    known = ends_of(scene, last=2)
    for call in range(known.calls):
        scene.rewind()
        left = LeftWithout(stage.wire, after=call)
        answer = left.attempt(scene)
        assert is_postponed(answer) or answer == known.first.answer, call
        assert left.began(over_http=isinstance(operation.ask, Asked)) == [], call
        end = scene.end(scene.attempt(2))
        assert is_one_of(end, known.ends, in_parts=operation.in_parts), call
