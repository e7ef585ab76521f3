"""`jifen smoke` sees what is wrong with a stage, and changes nothing there."""

from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from cli.api import Api, Reply
from cli.smoke import PROBLEM, Target, steps_of, taken

Answers = Mapping[tuple[str, str], Reply]


def a_problem(status: int) -> Reply:
    return Reply(status, {"content-type": PROBLEM}, {"type": "x", "title": "x", "status": status, "code": "x"})


HEALTHY: Answers = {
    ("GET", "/v1/health"): Reply(200, {}, {"status": "ok"}),
    ("GET", "/v1/program"): Reply(200, {}, {"name": "门店会员积分"}),
    ("GET", "/v1/openapi.json"): Reply(200, {}, {"openapi": "3.1.0"}),
    ("GET", "/v1/smoke"): a_problem(404),
    ("DELETE", "/v1/health"): a_problem(405),
    ("GET", "/v1/me"): Reply(401, {}, {"message": "Unauthorized"}),
    ("POST", "forged"): a_problem(401),
    ("POST", "signed"): Reply(200, {}, {"result": "ignored"}),
}


class Deployed(Api):
    """A stage that knows its answers, and one till's secret."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(url="https://api.example")
        object.__setattr__(self, "answers", answers)

    __slots__ = ("answers",)
    answers: Answers

    def call(self, method: str, path: str, body: object = None, **_others: Any) -> Reply:
        assert body is None
        return self.answers[method, path]

    def post_signed(self, subscription_id: str, secret: str, body: bytes, **_others: Any) -> Reply:
        assert b'"data": {}' in body
        return self.answers["POST", "signed" if (subscription_id, secret) == ("till", "whsec_right") else "forged"]


def visited(answers: Answers, *, till: tuple[str, str] = ("till", "whsec_right")) -> list[bool]:
    return [taken(step, Console(quiet=True)) for step in steps_of(Target(Deployed(answers), *till))]


def test_every_step_of_a_healthy_stage_is_right() -> None:
    assert visited(HEALTHY) == [True] * 8


def test_without_a_till_nothing_is_signed() -> None:
    assert visited(HEALTHY, till=("", "")) == [True] * 7


WRONG: list[tuple[tuple[str, str], Reply]] = [
    (("GET", "/v1/health"), Reply(503, {}, None)),
    (("GET", "/v1/program"), a_problem(503)),
    (("GET", "/v1/openapi.json"), Reply(200, {}, None)),
    (("GET", "/v1/smoke"), Reply(404, {"content-type": "application/json"}, {"message": "Not Found"})),
    (("DELETE", "/v1/health"), Reply(404, {"content-type": PROBLEM}, {"status": 404})),
    (("GET", "/v1/me"), Reply(200, {}, {})),
    (("POST", "forged"), Reply(200, {}, {"result": "applied"})),
    (("POST", "signed"), Reply(200, {}, {"result": "applied"})),
]


@pytest.mark.parametrize(("at", "reply"), WRONG)
def test_what_a_stage_should_not_answer_is_seen_at_its_step(at: tuple[str, str], reply: Reply) -> None:
    assert visited({**HEALTHY, at: reply}) == [key != at for key in HEALTHY]
