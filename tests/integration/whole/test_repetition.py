"""A request that is made again is answered as the contract of repetition says, and changes nothing more. I1, I6, P5."""

import pytest

from tests.whole.crashes import as_repeated, ends_of
from tests.whole.operations import OPERATIONS, Operation
from tests.whole.stage import Stage, State

WRITING = [one for one in OPERATIONS if not one.only_reads]


@pytest.mark.parametrize("operation", WRITING, ids=lambda one: one.name)
def test_i6_made_again_it_is_answered_as_the_first_time_and_changes_nothing(
    stage: Stage, so_far: State, operation: Operation
) -> None:
    known = ends_of(operation.scene(stage, so_far), last=2)
    assert known.again.answer == as_repeated(known.first.answer, keyed=operation.is_keyed)
    assert operation.each_time or known.again.state == known.first.state
