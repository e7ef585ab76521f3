"""Every sample event of the messenger is taken, and what it publishes is as the schema says. A2."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]

from functions.messenger.records import take_batch
from shared.ledger.items import account_item
from shared.members.profile import Profile
from shared.messages.message import Channel, Kind
from shared.runtime.attributes import decode, encode
from shared.runtime.ids import MemberId
from tests.builders import LONG_AGO, a_ladder, a_program, an_account, patience, publish
from tests.integration.messages.people import Messenger, Post, Shop, reminding_policy

EVENTS = Path(__file__).parents[3] / "events"
MEMBER = MemberId("mem_01JF3Z8Q4X9V6T2N5R7W1Y0K8B")
SAMPLES = ["a-message-comes-again", "a-message-is-made", "a-tier-is-reached", "points-lapse"]


def sample(folder: str, name: str) -> Any:
    return json.loads((EVENTS / folder / f"{name}.json").read_text(encoding="utf-8"))


def test_every_sample_is_known_here() -> None:
    assert sorted(path.stem for path in (EVENTS / "messenger").iterdir()) == SAMPLES


def test_a2_the_samples_are_taken(shop: Shop, post: Post, messenger: Messenger) -> None:
    publish(shop.ledger, a_program(expire=reminding_policy(), tiers=a_ladder()))
    made = decode(sample("messenger", "a-message-is-made")["Records"][0]["dynamodb"]["NewImage"])
    account = an_account(MEMBER, lots={"270101": 2_000})
    client, tables = shop.ledger.client, shop.ledger.tables
    client.put_item(TableName=tables.accounts, Item=encode(account_item(account)))
    client.put_item(TableName=tables.ledger, Item=encode(made))
    shop.store(Profile(member_id=MEMBER, enrolled_at=LONG_AGO))
    shop.at("2026-12-25 12:00")

    for name in SAMPLES:
        assert take_batch(sample("messenger", name)["Records"], messenger.built, patience()) == {
            "batchItemFailures": []
        }, name

    (heard,) = post.heard()
    jsonschema.validate(heard, sample("schemas", "message"))


def test_the_schema_names_every_kind_and_channel() -> None:
    properties = sample("schemas", "message")["properties"]

    assert properties["kind"]["enum"] == list(Kind)
    assert properties["channel"]["enum"] == list(Channel)
