"""Every sample of the stream is taken by the publisher, and what it tells is as the schema says. A2."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.integration.events.shop import Shop
from tests.integration.redemption.world import a_reward

EVENTS = Path(__file__).parents[3] / "events"
TOLD = {
    "a-piece-is-taken": [],
    "a-reward-runs-low": ["reward.stock_low"],
    "a-sale-lifts-a-tier": ["points.earned", "tier.changed"],
}


def read(folder: str, name: str) -> Any:
    return json.loads((EVENTS / folder / f"{name}.json").read_text(encoding="utf-8"))


def test_every_sample_is_known_here() -> None:
    assert sorted(path.stem for path in (EVENTS / "publisher").iterdir()) == sorted(TOLD)


@pytest.mark.parametrize("name", TOLD)
def test_a2_samples_of_the_stream_are_taken(shop: Shop, name: str) -> None:
    shop.world.offer(a_reward(stock=19, low_stock=20, shards=1))

    assert shop.take(read("publisher", name)["Records"]) == []

    assert shop.aside.bodies == []
    assert shop.bus.types == TOLD[name]
    for event_type, detail in zip(shop.bus.types, shop.bus.details, strict=True):
        sample = read("bus", event_type)["detail"]
        assert detail == sample
        schema = "points" if event_type.startswith("points.") else event_type
        jsonschema.validate(detail, read("schemas", schema))
