"""Every sample invocation is accepted, and what comes back is what the document says. A2."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.contract.conftest import Invoke

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "events"
DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
MEMBERS = ["enrol", "read", "change", "withdraw-consent", "look-up"]
PUBLIC = ["program", "rewards", "stores", "health", "openapi", "unknown-path"]


def sample(folder: str, name: str) -> Any:
    return json.loads((EVENTS / folder / f"{name}.json").read_text(encoding="utf-8"))


def check_against_the_document(event: dict[str, Any], answer: dict[str, Any]) -> None:
    method, path = event["routeKey"].lower().split(" ", 1)
    response = DOCUMENT["paths"][path][method]["responses"][str(answer["statusCode"])]
    media_type = answer["headers"]["Content-Type"]
    schema = {**response["content"][media_type]["schema"], "components": DOCUMENT["components"]}
    jsonschema.validate(json.loads(answer["body"]), schema)


def test_every_sample_is_known_here() -> None:
    assert sorted(path.stem for path in (EVENTS / "members").iterdir()) == sorted(MEMBERS)
    assert sorted(path.stem for path in (EVENTS / "public").iterdir()) == sorted(PUBLIC)


def test_a2_the_samples_of_members_are_accepted_in_the_order_of_a_members_life(invoke: Invoke) -> None:
    for name in MEMBERS:
        event = sample("members", name)
        answer = invoke(event)
        assert answer["statusCode"] in {200, 201}, answer["body"]
        check_against_the_document(event, answer)


@pytest.mark.parametrize("name", PUBLIC)
def test_a2_the_samples_of_everybody_are_accepted(invoke: Invoke, name: str) -> None:
    event = sample("public", name)
    answer = invoke(event)
    if name == "unknown-path":
        assert answer["statusCode"] == 404
    else:
        assert answer["statusCode"] == 200
        check_against_the_document(event, answer)
