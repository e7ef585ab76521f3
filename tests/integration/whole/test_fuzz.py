"""Whatever is sent to whatever route, an answer comes back, it is one of ours, and it is as described. A1, A2, A3.

Each route begins from a member with points, redemptions and an adjustment that waits, so that what is nearly right is
carried out. Most of what is sent is a good request in which one or two things are changed, the rest is made by
schemathesis of the document alone, right and wrong. The state is put back after some requests.
"""

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from infra.routes import ROUTES, UNKNOWN_PATHS_GO_TO, Route
from shared.runtime.surroundings import Surroundings
from tests.http_events import LambdaContext, http_event, member_claims
from tests.profile import FULL
from tests.whole.containers import Container, container
from tests.whole.described import DOCUMENT, assert_described, assert_problem
from tests.whole.operations import OPERATIONS, Operation
from tests.whole.requests import Asked, by_anyone
from tests.whole.spoiling import BODIES, HEADERS, TEXTS, Sent, sent, spoiled
from tests.whole.stage import Stage, State, id_of
from tests.whole.story import HUA, LIN, MEI

SPOILED_EACH: Final = 112 if FULL else 4
RIGHT_EACH: Final = 32 if FULL else 2
WRONG_EACH: Final = 16 if FULL else 2
ELSEWHERE_IN_ALL: Final = 1_500 if FULL else 50
BEFORE_IT_IS_PUT_BACK: Final = 28
SCHEMA: Final = schemathesis.openapi.from_dict(DOCUMENT)
MEMBERS: Final = (LIN, MEI, HUA)
every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
WITH_INPUT: Final = [
    route
    for route in ROUTES
    if {"parameters", "requestBody"} & DOCUMENT["paths"][route.path][route.method.lower()].keys()
]


def test_a1_there_are_ten_thousand_cases_in_the_full_profile() -> None:
    made = len(ROUTES) * SPOILED_EACH + len(WITH_INPUT) * (RIGHT_EACH + WRONG_EACH) + ELSEWHERE_IN_ALL
    assert made >= (10_000 if FULL else 400)


class Scenes:
    """The rows of the table that ask a route, one after the other, each before it is asked; put back now and then."""

    def __init__(self, stage: Stage, so_far: State, route: Route) -> None:
        self.stage, self._so_far = stage, so_far
        rows = [one for one in OPERATIONS if isinstance(one.ask, Asked) and one.ask.route == route]
        self._rows = itertools.cycle(rows)
        self.rows = len(rows)
        self._container: Container | None = None
        self._served = 0
        self._operation: Operation = rows[0]

    def ask(self) -> Asked:
        """Give the good request of the present row."""
        if self._served % BEFORE_IT_IS_PUT_BACK == 0:
            self._operation = next(self._rows)
            self._operation.scene(self.stage, self._so_far)
            self._container = container(self._operation.ask.function, self._around())
        self._served += 1
        asked = self._operation.ask
        assert isinstance(asked, Asked)
        return asked

    def _around(self) -> Surroundings:
        """Let time go by, so that what is asked twice is asked at two instants."""
        ticks = (self._operation.ask.at + timedelta(microseconds=tick) for tick in itertools.count())
        numbers = itertools.count()
        return Surroundings(clock=lambda: next(ticks), new_id=lambda prefix: id_of(prefix, 1, next(numbers)), pick=min)

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        assert self._container is not None
        return self._container(event, LambdaContext())

    def turn(self) -> None:
        """Go on with the next row."""
        self._served = 0


def judged(request: Sent, event: dict[str, Any], answer: dict[str, Any]) -> int:
    status: int = answer["statusCode"]
    assert status != 500
    if status >= 400:
        assert_problem(answer, event)
        told = [one for one in MEMBERS if one in answer["body"] and one not in json.dumps(event)]
        assert told == [], answer["body"]
    if request.is_routed:
        assert_described(request.asked.route.key, answer)
    return status


@every_route
def test_a1_a2_what_is_spoiled_is_refused_and_what_is_not_is_answered_as_described(
    stage: Stage, so_far: State, route: Route
) -> None:
    scenes, statuses = Scenes(stage, so_far, route), Counter[int]()
    chance = random.Random(route.key)  # noqa: S311 a test repeats itself by its seed
    for _ in range(scenes.rows):
        good = sent(scenes.ask())
        event = good.event()
        statuses[judged(good, event, scenes.answer(event))] += 1
        scenes.turn()
    assert any(200 <= status < 300 for status in statuses), statuses
    for _ in range(SPOILED_EACH):
        request = spoiled(scenes.ask(), chance)
        event = request.event()
        statuses[judged(request, event, scenes.answer(event))] += 1
    print(f"{route.key}: {dict(sorted(statuses.items()))}")  # noqa: T201 shown on demand


@pytest.mark.parametrize("route", WITH_INPUT, ids=lambda route: route.key)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_a1_a2_what_is_made_of_the_document_alone_is_answered_as_described(
    stage: Stage, so_far: State, route: Route, mode: GenerationMode
) -> None:
    scenes, statuses = Scenes(stage, so_far, route), Counter[int]()
    operation, turns = SCHEMA[route.path][route.method], itertools.cycle((False, True))

    @seed(1)
    @settings(
        max_examples=RIGHT_EACH if mode is GenerationMode.POSITIVE else WRONG_EACH,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        request = of_case(case, scenes.ask(), of_what_there_is=next(turns))
        event = request.event()
        statuses[judged(request, event, scenes.answer(event))] += 1

    run()
    print(f"{route.key}: {dict(sorted(statuses.items()))}")  # noqa: T201 shown on demand


def of_case(case: Any, asked: Asked, *, of_what_there_is: bool) -> Sent:
    """Send what schemathesis made with the token of a good request, about its objects or about others."""
    request = sent(asked)
    if not of_what_there_is:
        request.parameters = {name: unquote(str(value)) for name, value in dict(case.path_parameters or {}).items()}
    request.query = {name: str(value) for name, value in dict(case.query or {}).items()}
    operation = DOCUMENT["paths"][asked.route.path][asked.route.method.lower()]
    described = {one["name"].lower() for one in operation.get("parameters", ()) if one["in"] == "header"}
    kept = {name: value for name, value in request.headers.items() if name not in described}
    request.headers = kept | {name.lower(): str(value) for name, value in dict(case.headers or {}).items()}
    if isinstance(case.body, bytes):
        request.raw = case.body
    elif isinstance(case.body, dict | list | str | int | float | None):
        request.body = case.body
    return request


def elsewhere(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Give requests to paths that there are not, or not with that method."""
    paths = [route.path.replace("{", "").replace("}", "") for route in ROUTES] + ["/", "/v1", "/v1/x", "/v2/me"]
    deployed = {route.key for route in ROUTES}
    while True:
        method = chance.choice(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"))
        path = chance.choice((chance.choice(paths), f"/{chance.choice(TEXTS)}"))
        if f"{method} {path}" in deployed:
            continue
        name = chance.choice(sorted(HEADERS))
        yield http_event(
            f"{method} {path}",
            claims=chance.choice((None, member_claims("mei"))),
            body=chance.choice((None, *BODIES)),
            headers={name: chance.choice(HEADERS[name])},
            in_base64=True,
        )


def test_a1_what_there_is_not_is_404_or_405(stage: Stage, so_far: State) -> None:
    stage.rewind(so_far)
    public = stage.container(by_anyone("GET /v1/health"), 1)
    assert by_anyone("GET /v1/health").function == UNKNOWN_PATHS_GO_TO
    chance, statuses = random.Random(1), Counter[int]()  # noqa: S311 a test repeats itself by its seed
    for event in itertools.islice(elsewhere(chance), ELSEWHERE_IN_ALL):
        answer = public(event, LambdaContext())
        assert_problem(answer, event)
        statuses[answer["statusCode"]] += 1
    assert set(statuses) == {404, 405}
    assert stage.state() == so_far
