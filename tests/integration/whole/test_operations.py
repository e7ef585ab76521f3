"""Every operation of the table does what its row says, and leaves the books right. S1, I6."""

import pytest

from infra.routes import ROUTES
from tests.whole.books import differences_in
from tests.whole.containers import BUILT
from tests.whole.operations import OPERATIONS, Operation
from tests.whole.requests import Asked
from tests.whole.stage import Stage, State

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)


def test_every_route_and_every_function_stands_in_the_table() -> None:
    """What is missing here is proven by none of these tests: give it a row in `tests.whole.operations`."""
    asked = {one.ask.route.key for one in OPERATIONS if isinstance(one.ask, Asked)}
    assert asked == {route.key for route in ROUTES}
    assert {one.ask.function for one in OPERATIONS} == BUILT


def test_what_changes_something_has_a_row_that_does() -> None:
    writing = {one.ask.route.key for one in OPERATIONS if isinstance(one.ask, Asked) and not one.only_reads}
    may_only_read = {"POST /v1/members/lookup", "POST /v1/sales/quote"}
    assert writing >= {route.key for route in ROUTES if route.method != "GET"} - may_only_read


def test_rows_have_names_of_their_own() -> None:
    assert len({one.name for one in OPERATIONS}) == len(OPERATIONS)


@every_operation
def test_an_operation_is_answered_and_leaves_the_books_right(stage: Stage, so_far: State, operation: Operation) -> None:
    scene = operation.scene(stage, so_far)
    answer = scene.attempt(1)
    end = scene.end(answer)
    assert answer.get("statusCode", 200) in {200, 201, 202, 404, 409}, answer
    assert not answer.get("batchItemFailures")
    assert differences_in(end.state, stage) == []
    if operation.only_reads:
        assert (answer.get("statusCode", 200), end.state, stage.wire.writes) == (200, scene.before, [])
