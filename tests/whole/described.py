"""Answers as docs/openapi.json describes them: each by its route and status."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]

from shared.http.texts import PROBLEMS

DOCUMENT: Final[Any] = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
PROBLEM: Final = "application/problem+json"
INTERNAL: Final = re.compile(
    r"Traceback|arn:aws|dynamodb|botocore|pydantic|\.py\b|(accounts|members|ledger)-|HANDEDIN|REF#|MEMBER#",
    re.IGNORECASE,
)
"""What no caller has to know: places in the code, names of tables, keys."""


def assert_described(route_key: str, answer: Mapping[str, Any]) -> None:
    """Compare an answer with what the document says of the route: status, media type, code, every field of it."""
    status = str(answer["statusCode"])
    assert status != "500", answer["body"]
    method, path = route_key.split(" ")
    responses = DOCUMENT["paths"][path][method.lower()]["responses"]
    assert status in responses, f"{route_key} answers {status}: {answer['body']}"
    if "content" not in responses[status]:
        assert answer["body"] == ""
        return
    ((media, _),) = responses[status]["content"].items()
    assert answer["headers"]["Content-Type"] == media
    body = json.loads(answer["body"])
    _validator(route_key, status, media).validate(body)
    if media == PROBLEM:
        assert f"`{body['code']}`" in responses[status]["description"], f"{route_key} answers {body['code']}"


def assert_problem(answer: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    """Check that what is refused is refused by a problem of ours, which gives nothing away but what was sent."""
    assert answer["headers"]["Content-Type"] == PROBLEM
    problem = json.loads(answer["body"])
    assert problem.keys() >= {"type", "title", "status", "detail", "instance", "code", "request_id"}
    assert problem["code"] in PROBLEMS
    assert problem["status"] == answer["statusCode"]
    told = json.dumps(problem | {"instance": ""}, ensure_ascii=False)
    assert not INTERNAL.search(told.replace(json.dumps(event["rawPath"], ensure_ascii=False)[1:-1], "")), told


@cache
def _validator(route_key: str, status: str, media: str) -> Any:
    method, path = route_key.split(" ")
    schema = DOCUMENT["paths"][path][method.lower()]["responses"][status]["content"][media]["schema"]
    return jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]})
