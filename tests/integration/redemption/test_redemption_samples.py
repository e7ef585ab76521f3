"""Every sample invocation of these functions is accepted, and what comes back is what the document says. A2."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]

from tests.integration.redemption.conftest import Invoke
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World, a_reward

EVENTS = Path(__file__).parents[3] / "events"
DOCUMENT = json.loads((EVENTS.parent / "docs" / "openapi.json").read_text(encoding="utf-8"))
# In the order in which a member would send them.
SAMPLES = [
    ("queries", "rewards", 200),
    ("redemptions", "redeem", 201),
    ("redemptions", "redeem-again", 201),
    ("queries", "entries", 200),
    ("queries", "entries-of-a-month", 200),
    ("queries", "entry", 200),
    ("queries", "redemptions", 200),
    ("queries", "redemption", 200),
    ("redemptions", "cancel", 200),
    ("queries", "tier", 200),
    ("queries", "search-members", 200),
    ("queries", "quote", 200),
]


def sample(folder: str, name: str) -> Any:
    return json.loads((EVENTS / folder / f"{name}.json").read_text(encoding="utf-8"))


def test_every_sample_is_known_here() -> None:
    folders = {"queries", "redemptions"}
    stored = {(path.parent.name, path.stem) for folder in folders for path in (EVENTS / folder).iterdir()}

    assert stored == {(folder, name) for folder, name, _ in SAMPLES}


def test_a2_samples_are_accepted_and_answered_as_documented(invoke: Invoke, people: People, world: World) -> None:
    world.offer(a_reward(stock=200, low_stock=20))
    people.join("5f0d2c3e-wang", 1000)
    people.enrol(name="王小明", phone="+8613812345678")
    for folder, name, status in SAMPLES:
        event = sample(folder, name)

        answer = invoke(event)

        assert answer["statusCode"] == status, (name, answer["body"])
        method, path = event["routeKey"].lower().split(" ", 1)
        response = DOCUMENT["paths"][path][method]["responses"][str(status)]
        schema = {**response["content"]["application/json"]["schema"], "components": DOCUMENT["components"]}
        jsonschema.validate(json.loads(answer["body"]), schema)
