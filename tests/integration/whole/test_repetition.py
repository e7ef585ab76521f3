"""A request that is made again is answered as the contract of repetition says, and changes nothing more. I1, I6, P5.

Every route with an Idempotency-Key keeps to it: the first answer for ever, a refusal too, to this caller and this
content alone. I6, I7, I9, I10, I11.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import pytest

from infra.routes import ROUTES
from shared.http.idempotency import REPLAYED_HEADER
from tests.http_events import LambdaContext, answered, member_claims
from tests.whole.crashes import as_repeated, ends_of, overtaken
from tests.whole.operations import CANCEL, OPERATIONS, Operation, by_catalog, on_grill, operation
from tests.whole.requests import Asked, Request, by_member
from tests.whole.stage import Stage, State
from tests.whole.story import GRILL, MEI, made_by, sale
from tools.openapi import declared_routes

A_YEAR_ON: Final = timedelta(days=400)
WRITING: Final = [one for one in OPERATIONS if not one.only_reads]
KEYED: Final = [one for one in WRITING if one.is_keyed]
NO_BODY: Final = {CANCEL}
CHANGED: Final[Mapping[str, Mapping[str, Any]]] = {
    "POST /v1/me/redemptions": {"quantity": 3},
    "POST /v1/benefits/claims": {"store_id": "SH002"},
    "POST /v1/redemptions/{id}/fulfil": {"store_id": "SH002"},
    "POST /v1/admin/redemptions/{id}/fulfil": {"store_id": "SH002"},
    "POST /v1/me/tasks/{task_id}/completions": {
        "text": "另一份报告，也有二十个字以上，说的是同一件事，可是说法不一样。"
    },
    "POST /v1/admin/members/{id}/adjustments": {"points": 7},
    "PUT /v1/admin/members/{id}/tier": {"reason": "correction"},
    "POST /v1/admin/rewards/{id}/stock": {"delta": 21},
}
"""Another content of a request with a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What is refused, and what would make it possible: something that happens, or time."""

    operation: Operation
    code: str
    then: tuple[Request, ...] = ()
    later: timedelta = timedelta(0)


def row(name: str) -> Operation:
    return next(one for one in OPERATIONS if one.name == name)


SURVEY: Final = by_member("mei", "POST /v1/me/tasks/{task_id}/completions", {}, key="fill-it-in-1", task_id="survey")
REFUSALS: Final = (
    Refusal(
        operation=row("redeeming what is gone"),
        code="out-of-stock",
        then=(
            by_catalog(
                "POST /v1/admin/rewards/{id}/stock", {"delta": 5, "reason": "delivery"}, key="five-more", id="gone"
            ),
        ),
    ),
    Refusal(
        operation=row("redeeming without points"), code="insufficient-points", then=(sale("T-rich", MEI, 6_000_000),)
    ),
    Refusal(operation=row("claiming too often"), code="limit-reached", later=timedelta(days=40)),
    Refusal(operation=row("handing over too early"), code="approval-required", then=(on_grill("approve"),)),
    Refusal(
        operation=operation("a survey too many", replace(SURVEY, headers={"idempotency-key": "fill-it-in-2"}), SURVEY),
        code="task-not-fulfilled",
        later=timedelta(days=1),
    ),
)


def of(operation: Operation) -> Asked:
    assert isinstance(operation.ask, Asked)
    return operation.ask


def answer_to(asked: Asked, stage: Stage, attempt: int) -> dict[str, Any]:
    return stage.container(asked, attempt)(asked.event(stage.find), LambdaContext())


def with_key(asked: Asked, key: str) -> Asked:
    return replace(asked, headers={**asked.headers, "idempotency-key": key})


@pytest.mark.parametrize("operation", WRITING, ids=lambda one: one.name)
def test_i6_made_again_it_is_answered_as_the_first_time_and_changes_nothing(
    stage: Stage, so_far: State, operation: Operation
) -> None:
    known = ends_of(operation.scene(stage, so_far), last=2)
    assert known.again.answer == as_repeated(known.first.answer, keyed=operation.is_keyed)
    assert operation.each_time or known.again.state == known.first.state


@pytest.mark.parametrize("operation", WRITING, ids=lambda one: one.name)
def test_c7_i8_who_asks_twice_at_once_is_answered_alike_and_it_happens_once(
    stage: Stage, so_far: State, operation: Operation
) -> None:
    scene = operation.scene(stage, so_far)
    answer, overtaker = overtaken(scene)
    if overtaker is None:
        assert stage.state() == scene.before
        return
    assert answer == as_repeated(overtaker.answer, keyed=operation.is_keyed)
    assert operation.each_time or scene.end(answer).state == overtaker.state


@pytest.mark.parametrize("operation", KEYED, ids=lambda one: one.name)
def test_i6_i2_a_key_is_answered_so_for_ever(stage: Stage, so_far: State, operation: Operation) -> None:
    scene, asked = operation.scene(stage, so_far), of(operation)
    first = scene.end(answer_to(asked, stage, 1))
    assert answer_to(replace(asked, at=asked.at + A_YEAR_ON), stage, 2) == as_repeated(first.answer, keyed=True)
    assert stage.state() == first.state


def test_every_route_with_a_key_has_rows() -> None:
    keyed = {route.key for route in declared_routes() if route.idempotent}
    assert {of(one).route.key for one in KEYED} == keyed == CHANGED.keys() | NO_BODY
    assert keyed <= {route.key for route in ROUTES}


@pytest.mark.parametrize(
    "operation", [one for one in KEYED if of(one).route.key not in NO_BODY], ids=lambda one: one.name
)
def test_i7_another_content_under_the_key_is_refused_and_changes_nothing(
    stage: Stage, so_far: State, operation: Operation
) -> None:
    scene = operation.scene(stage, so_far)
    first = scene.end(scene.attempt(1))
    other = replace(of(operation), body={**of(operation).body, **CHANGED[of(operation).route.key]})
    answer = answer_to(other, stage, 2)
    assert (answer["statusCode"], answered(answer)["code"]) == (422, "idempotency-key-reused")
    assert stage.state() == first.state


@pytest.mark.parametrize("operation", KEYED, ids=lambda one: one.name)
def test_i9_the_key_of_one_caller_is_nothing_to_another(stage: Stage, so_far: State, operation: Operation) -> None:
    scene, asked = operation.scene(stage, so_far), of(operation)
    scene.attempt(1)
    claims = asked.claims or {}
    another = member_claims("hua") if claims["sub"] == "mei" else {**claims, "sub": "somebody"}
    answer = answer_to(replace(asked, claims=another), stage, 2)
    assert REPLAYED_HEADER not in answer["headers"]
    assert answer["statusCode"] < 300 or answered(answer)["code"] != "idempotency-key-reused"


@pytest.mark.parametrize("operation", KEYED, ids=lambda one: one.name)
def test_i10_without_a_key_nothing_is_done(stage: Stage, so_far: State, operation: Operation) -> None:
    scene = operation.scene(stage, so_far)
    answer = answer_to(replace(of(operation), headers={}), stage, 1)
    assert (answer["statusCode"], answered(answer)["code"]) == (400, "idempotency-key-missing")
    assert stage.state() == scene.before


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: one.operation.name)
def test_i11_a_refusal_stands_when_it_would_be_possible_and_a_new_key_succeeds(
    stage: Stage, so_far: State, refusal: Refusal
) -> None:
    refusal.operation.scene(stage, so_far)
    asked = of(refusal.operation)
    first = answer_to(asked, stage, 1)
    assert (first["statusCode"], answered(first)["code"]) == (409, refusal.code)
    stage.play(refusal.then)
    later = replace(asked, at=asked.at + refusal.later)
    assert answer_to(later, stage, 2) == as_repeated(first, keyed=True)
    assert answer_to(with_key(later, "another-key-altogether"), stage, 3)["statusCode"] < 300


def test_i11_a_cancellation_that_was_refused_is_refused_alike_whatever_became_of_the_redemption(
    stage: Stage, so_far: State
) -> None:
    stage.rewind(so_far)
    stage.play([on_grill("approve")])
    cancels = by_member("mei", CANCEL, key="take-it-back", id=made_by(GRILL, "rdm"))
    first = answer_to(cancels, stage, 1)
    stage.play([on_grill("fulfil", {}, key="hand-it-over")])
    assert (first["statusCode"], answered(first)["code"]) == (409, "already-approved")
    assert answer_to(cancels, stage, 2) == as_repeated(first, keyed=True)
    assert answered(answer_to(with_key(cancels, "another-key"), stage, 3))["code"] == "already-used"
