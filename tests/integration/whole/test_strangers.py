"""Who may not: every route of the table, without a token and with one that lacks the right. S1."""

from dataclasses import replace
from typing import Any

import pytest

from infra.routes import ROUTES, Route
from tests.http_events import LambdaContext, answered, staff_claims
from tests.whole.operations import OPERATIONS
from tests.whole.requests import Asked
from tests.whole.stage import Stage, State

EXAMPLES = {one.ask.route.key: one.ask for one in OPERATIONS if isinstance(one.ask, Asked)}
WITH_TOKEN = [route for route in ROUTES if route.caller == "token"]
with_token = pytest.mark.parametrize("route", WITH_TOKEN, ids=lambda route: route.key)


def refused(stage: Stage, route: Route, claims: dict[str, str] | None) -> dict[str, Any]:
    asked = replace(EXAMPLES[route.key], claims=claims)
    return stage.container(asked, 1)(asked.event(stage.find), LambdaContext())


@with_token
def test_s1_nobody_without_a_token_or_without_the_right_is_let_in(stage: Stage, so_far: State, route: Route) -> None:
    for claims, status, code in ((None, 401, "token-missing"), (staff_claims("none"), 403, "scope-missing")):
        answer = refused(stage, route, claims)
        assert (answer["statusCode"], answered(answer)["code"]) == (status, code)
        assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert stage.state() == so_far
