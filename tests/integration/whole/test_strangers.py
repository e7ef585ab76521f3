"""Who may not, on every route of the API: strangers, members, staff without the right, and what is another's. S1."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.routes import ROUTES
from tests.http_events import LambdaContext, answered, member_claims, staff_claims
from tests.whole.requests import Asked
from tests.whole.stage import Stage, State
from tests.whole.strangers import (
    BEFORE,
    ELSEWHERE,
    EVERY_RIGHT,
    EXAMPLES,
    FOR_STORES,
    HERE,
    LISTED,
    OF_MEMBERS,
    OF_ONESELF,
    OF_STORES,
    OF_THE_CHAIN,
    SCOPES,
    callers,
    without_ids,
)

DOCUMENT = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text(encoding="utf-8"))
CALLER = {route.key: route.caller for route in ROUTES}


def routes_of(caller: str) -> pytest.MarkDecorator:
    """Parametrize by the routes of the document that know their caller in some way."""
    described = [f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods]
    return pytest.mark.parametrize("route", [route for route in described if CALLER[route] == caller])


@pytest.fixture(scope="module")
def elsewhere(stage: Stage, so_far: State) -> State:
    """Give what there is where the other store has something too."""
    stage.rewind(so_far)
    stage.play(BEFORE)
    return stage.state()


def answer_to(asked: Asked, stage: Stage) -> dict[str, Any]:
    return stage.container(asked, 1)(asked.event(stage.find), LambdaContext())


def assert_problem(answer: Mapping[str, Any], status: int, code: str) -> None:
    assert (answer["statusCode"], answered(dict(answer))["code"]) == (status, code)
    assert answer["headers"]["Content-Type"] == "application/problem+json"


class TestCallers:
    @routes_of("token")
    def test_s1_nobody_is_let_in_whose_token_does_not_say_so(self, stage: Stage, so_far: State, route: str) -> None:
        stage.rewind(so_far)
        for claims, status, code in callers(route).values():
            assert_problem(answer_to(replace(EXAMPLES[route], claims=claims), stage), status, code)
        assert stage.state() == so_far

    @routes_of("signature")
    def test_s1_a_token_stands_for_no_signature(self, stage: Stage, so_far: State, route: str) -> None:
        stage.rewind(so_far)
        signed = EXAMPLES[route]
        forged = signed.headers | {"webhook-signature": f"v1,{'A' * 43}="}
        for claims in (None, staff_claims(*sorted(EVERY_RIGHT))):
            for headers in ({}, forged):
                answer = answer_to(replace(signed, claims=claims, headers=headers), stage)
                assert_problem(answer, 401, "signature-invalid")
        assert stage.state() == so_far

    @routes_of("anyone")
    def test_s1_what_anybody_may_see_is_the_same_for_all(self, stage: Stage, so_far: State, route: str) -> None:
        stage.rewind(so_far)
        seen = [
            answer_to(replace(EXAMPLES[route], claims=claims), stage)
            for claims in (None, member_claims("mei"), staff_claims(*sorted(EVERY_RIGHT)))
        ]
        assert seen == [seen[0]] * 3
        assert seen[0]["statusCode"] == 200


class TestWhatIsWhose:
    def test_every_route_that_takes_a_token_has_a_row(self) -> None:
        """Say of a new route what on it may be another's, in `tests.whole.strangers`."""
        tables = (OF_MEMBERS, OF_STORES, FOR_STORES, LISTED, OF_THE_CHAIN, OF_ONESELF)
        rows = [route for table in tables for route in table]
        assert sorted(rows) == sorted(key for key, caller in CALLER.items() if caller == "token")
        members = {*OF_MEMBERS, *OF_ONESELF}
        assert members == {route for route in rows if "member" in SCOPES[route]}

    @pytest.mark.parametrize("route", [*OF_MEMBERS, *OF_STORES])
    def test_s1_what_is_anothers_is_as_if_it_were_not_there(self, stage: Stage, elsewhere: State, route: str) -> None:
        stage.rewind(elsewhere)
        pair = {**OF_MEMBERS, **OF_STORES}[route]
        others, missing = (without_ids(answer_to(one, stage), pair.told) for one in (pair.others, pair.missing))
        assert others == missing
        assert others[0] == 404
        allowed = staff_claims(*sorted(SCOPES[route]), subject="qian")
        if route in OF_STORES:  # a token of no store in particular finds it
            assert answer_to(replace(pair.others, claims=allowed), stage)["statusCode"] != 404

    @pytest.mark.parametrize("route", FOR_STORES)
    def test_s1_nobody_acts_for_a_store_that_is_not_theirs(self, stage: Stage, so_far: State, route: str) -> None:
        stage.rewind(so_far)
        assert_problem(answer_to(FOR_STORES[route], stage), 403, "store-not-allowed")
        assert stage.state() == so_far

    @pytest.mark.parametrize("route", LISTED)
    def test_s1_a_list_has_nothing_of_another_store(self, stage: Stage, elsewhere: State, route: str) -> None:
        stage.rewind(elsewhere)
        here, there, everywhere = (
            answer_to(replace(EXAMPLES[route], claims=staff_claims(*LISTED[route], stores=stores)), stage)
            for stores in (HERE, ELSEWHERE, None)
        )
        assert {here["statusCode"], there["statusCode"], everywhere["statusCode"]} == {200}
        assert ELSEWHERE not in here["body"]
        assert HERE not in there["body"]
        assert HERE in everywhere["body"] or ELSEWHERE in everywhere["body"]

    @pytest.mark.parametrize("route", sorted(OF_THE_CHAIN))
    def test_s1_what_is_the_chains_is_the_same_for_all_its_stores(
        self, stage: Stage, so_far: State, route: str
    ) -> None:
        answers = []
        for stores in (None, HERE, ELSEWHERE):
            stage.rewind(so_far)
            stage.forget_ids()
            claims = staff_claims(*sorted(SCOPES[route]), subject="zhou", stores=stores)
            answers.append(answer_to(replace(EXAMPLES[route], claims=claims), stage))
        assert answers == [answers[0]] * 3
        assert answers[0]["statusCode"] in {200, 201}


def test_s1_what_a_member_sees_of_a_task_is_their_own(stage: Stage, so_far: State) -> None:
    stage.rewind(so_far)
    asked = EXAMPLES["GET /v1/me/tasks/{task_id}/completions"]
    mine, hers = (answered(answer_to(replace(asked, claims=member_claims(who)), stage)) for who in ("mei", "hua"))
    assert (len(mine["items"]), hers["items"]) == (1, [])


def test_every_route_is_asked_as_its_scopes_say() -> None:
    """An example whose own token lacks the right would prove nothing."""
    for route in (one for one in ROUTES if one.caller == "token"):
        claims = EXAMPLES[route.key].claims or {}
        scopes = {scope.removeprefix("jifen/") for scope in claims["scope"].split()}
        assert SCOPES[route.key] & (scopes | ({"member"} if "openid" in scopes else set())), route.key
