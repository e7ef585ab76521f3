"""Every body of every route: what no caller writes cannot be written, and texts of any script come back or are refused.

The rule (A5): a field that is not described is refused with 422; a route that describes no body reads none. Texts are
kept in the form NFC, without outer blanks (A6).
"""

import itertools
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from tests.http_events import LambdaContext, answered
from tests.whole.described import DOCUMENT, assert_described
from tests.whole.operations import OPERATIONS, Operation
from tests.whole.requests import WEBHOOK, Asked, by_member, by_staff
from tests.whole.spoiling import NEVER_WRITABLE, Sent, places, replaced, sent
from tests.whole.stage import Scene, Stage, State
from tests.whole.story import MEI, a_phone

SHORT: Final = {
    "a smile and a tile": "😀🀄️",
    "a family": "👨‍👩‍👧",
    "from right to left": "مرحبا",
    "turned around": "\u202eabc",
    "in two parts": "Jose\u0301",
    "a zero": "a\x00b",
    "half a sign": "\ud800",
    "blanks": " \u3000 ",
    "full width": "ＡＢＣ１２３",
}
LIKE_A_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
DAYS: Final = (
    *("0001-01-01", "1582-10-15", "1899-12-31", "1999-12-31", "2000-01-01", "2026-12-16"),
    *("2099-12-31", "2100-01-01", "9999-12-31"),
)
TEXTS: Final = SHORT | {"ten thousand signs": "好" * 10_000}


def asks(operation: Operation) -> Asked:
    assert isinstance(operation.ask, Asked)
    return operation.ask


def richest_rows(*, with_body: bool) -> list[Operation]:
    """Give the row of the table that says most, for each route that changes something or takes a body."""
    rows: dict[str, Operation] = {}
    for one in sorted(OPERATIONS, key=lambda one: len(str(getattr(one.ask, "body", "")))):
        if isinstance(one.ask, Asked) and one.ask.route.method != "GET":
            route = one.ask.route
            if ("requestBody" in DOCUMENT["paths"][route.path][route.method.lower()]) == with_body:
                rows[route.key] = one
    return list(rows.values())


def by_route(rows: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", rows, ids=lambda one: asks(one).route.key)


def objects(body: Any) -> Iterator[tuple[str | int, ...]]:
    """Give the ways to all objects inside a body, and to itself."""
    for way in ((), *places(body)):
        if isinstance(inside(body, way), dict):
            yield way


def inside(body: Any, way: tuple[str | int, ...]) -> Any:
    for name in way:
        body = body[name]
    return body


def serving(scene: Scene) -> Callable[[Sent], dict[str, Any]]:
    """Let one container answer what is sent instead of the scene's own request."""
    container = scene.stage.container(scene.request, 1)
    return lambda request: container(request.event(), LambdaContext())


def with_body(operation: Operation, body: Any) -> Sent:
    return replace(sent(asks(operation)), body=body)


def pointer_of(way: tuple[str | int, ...]) -> str:
    return "".join(f"/{name}" for name in way)


@by_route(richest_rows(with_body=True))
def test_a5_what_no_caller_writes_is_refused_wherever_it_stands(
    stage: Stage, so_far: State, operation: Operation
) -> None:
    scene, good = operation.scene(stage, so_far), sent(asks(operation)).body
    answer_to, refused = serving(scene), 0
    for way in objects(good):
        known = inside(good, way)
        for field in NEVER_WRITABLE:
            if field in known or (way, field) in {((), "member_id"), (("consents", 0), "version")}:
                continue
            answer = answer_to(with_body(operation, replaced(good, (*way, field), 1)))
            found = answered(answer)["errors"]
            assert answer["statusCode"] == (202 if asks(operation).route.key == WEBHOOK else 422)
            assert {"pointer": pointer_of((*way, field)), "code": "extra_forbidden"}.items() <= found[0].items()
            refused += 1
    assert refused >= len(NEVER_WRITABLE) - 1
    assert stage.state() == scene.before


@by_route(richest_rows(with_body=False))
def test_a5_a_route_that_describes_no_body_reads_none(stage: Stage, so_far: State, operation: Operation) -> None:
    scene = operation.scene(stage, so_far)
    answer_to, plain = serving(scene), scene.end(scene.attempt(1))
    for raw in (json.dumps(dict.fromkeys(NEVER_WRITABLE, 1)).encode(), b"{", b"\xff", b"x" * 100_000):
        scene.rewind()
        request = replace(sent(asks(operation)), raw=raw)
        assert (answer_to(request), stage.state()) == (plain.answer, plain.state)


@by_route(richest_rows(with_body=True))
def test_a6_a_text_of_any_script_is_taken_or_refused(stage: Stage, so_far: State, operation: Operation) -> None:
    scene, good = operation.scene(stage, so_far), sent(asks(operation)).body
    answer_to, tried = serving(scene), 0
    for way in places(good):
        if not isinstance(inside(good, way), str):
            continue
        for what, text in TEXTS.items():
            answer = answer_to(with_body(operation, replaced(good, way, text)))
            assert answer["statusCode"] < 500, (way, what, answer["body"])
            if what in {"a zero", "half a sign", "blanks", "ten thousand signs"} and answer["statusCode"] < 300:
                assert answered(answer)["result"] in {"quarantined", "ignored"}, (way, what, answer["body"])
            tried += 1
        scene.rewind()
    assert tried or not any(isinstance(value, str) for value in good.values())


@pytest.mark.parametrize("text", ["😀🀄️", "👨‍👩‍👧", "مرحبا", "Jose\u0301", "ＡＢＣ１２３"])
def test_a6_a_name_comes_back_as_it_was_in_one_form_and_is_found_in_every(
    stage: Stage, so_far: State, text: str
) -> None:
    stage.rewind(so_far)
    normal, attempts = unicodedata.normalize("NFC", text), itertools.count(1)

    def ask(asked: Asked) -> Any:
        answer = stage.container(asked, next(attempts))(asked.event(stage.find), LambdaContext())
        assert answer["statusCode"] == 200, answer
        return answered(answer)

    assert ask(by_member("mei", "PATCH /v1/me", {"name": f" {text} "}))["name"] == normal
    assert ask(by_member("mei", "GET /v1/me"))["name"] == normal
    for form in (normal, unicodedata.normalize("NFD", text)):
        (found,) = ask(by_staff("staff:read staff:pii", "POST /v1/admin/members/search", {"name": form}))["items"]
        assert (found["id"], found["name"]) == (MEI, normal)
    assert found["phone"] == a_phone(2)


def with_span() -> list[str]:
    """Name the routes that list what was from one day to another."""
    return [
        f"{method.upper()} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if {"from", "to"} <= {one["name"] for one in operation.get("parameters", ())}
    ]


@pytest.mark.parametrize("route", with_span())
def test_a1_no_span_of_days_is_too_strange(stage: Stage, so_far: State, route: str) -> None:
    stage.rewind(so_far)
    (asked,) = (one.ask for one in OPERATIONS if isinstance(one.ask, Asked) and one.ask.route.key == route)
    container, statuses = stage.container(asked, 1), set[int]()
    for first, last in itertools.product(DAYS, repeat=2):
        answer = container(replace(asked, query={"from": first, "to": last}).event(stage.find), LambdaContext())
        assert_described(route, answer)
        statuses.add(answer["statusCode"])
    assert statuses == {200, 422}


@by_route(richest_rows(with_body=True))
def test_a1_no_day_of_a_body_is_too_strange(stage: Stage, so_far: State, operation: Operation) -> None:
    scene, good = operation.scene(stage, so_far), sent(asks(operation)).body
    answer_to = serving(scene)
    with_days: set[tuple[str | int, ...]] = {("valid_until",), ("birthday",), ("valid_through",)}
    with_days |= {way for way in places(good) if LIKE_A_DAY.match(str(inside(good, way)))}
    for way, day in itertools.product(sorted(with_days), DAYS):
        for written in (day, f"{day}T00:00:00+14:00", f"{day}T23:59:59.999999-12:00"):
            answer = answer_to(with_body(operation, replaced(good, way, written)))
            assert_described(asks(operation).route.key, answer)
