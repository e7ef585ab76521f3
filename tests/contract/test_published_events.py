"""What is published is as its schema says: the samples, and what the publisher makes of every kind of entry."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Final, cast

import jsonschema  # type: ignore[import-untyped]
import pytest

from cli.endpoints import EVENTS, TEST, a_test
from functions.publisher.aside import Aside
from functions.publisher.bus import Bus
from functions.publisher.dependencies import Dependencies
from functions.publisher.records import take_batch
from functions.webhook_sender.queue import Delivery, read_message
from shared import keys
from shared.http.outgoing import Webhook
from shared.keys import Key
from shared.ledger.account import Balance, Movement, TierState
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_item
from shared.redemption.low_stock import STOCK_LOW, Watch
from shared.runtime.attributes import encode
from tests.builders import NOW, patience
from tests.event_bus import EventBridge, Queue

ROOT: Final = Path(__file__).parents[2] / "events"
MEMBER: Final = "mem_01JF3Z8Q4X9V6T2N5R7W1Y0K8B"
FRIEND: Final = "mem_01JF3Z8Q4X9V6T2N5R7W1Y0K8D"
EXPIRED: Final = keys.expired(MEMBER, "261231", "3.0")
GIVEN: Final = keys.referral(FRIEND, keys.ENROLLED, "referrer")
SILVER: Final = TierState(tier_id="silver", since=date(2026, 12, 16), valid_until=date(2027, 12, 16))
# Kind → a key of it, and what the event says that it is about.
ABOUT: Final[dict[EntryKind, tuple[Key, tuple[str, str] | None]]] = {
    EntryKind.EARNED: (keys.sale("SH001", "T-1"), ("sale", "T-1")),
    EntryKind.REVERSED: (keys.sale_return("SH001", "T-1", 2), ("return", "T-1")),
    EntryKind.BONUS_REVERSED: (keys.bonus_undone("SH001", "T-1", "tenth"), ("sale", "T-1")),
    EntryKind.ACTED: (keys.action(MEMBER, "check_in", "E-261216"), ("action", "check_in")),
    EntryKind.REFERRED: (GIVEN, ("referral", FRIEND)),
    EntryKind.REFERRAL_REVERSED: (keys.referral_undone(GIVEN), ("referral", FRIEND)),
    EntryKind.REDEEMED: (keys.redemption("rdm_1"), ("redemption", "rdm_1")),
    EntryKind.RETURNED: (keys.outcome("rdm_1"), ("redemption", "rdm_1")),
    EntryKind.ACTIVATED: (keys.activated(MEMBER, "261216>~", "3.0"), None),
    EntryKind.EXPIRED: (EXPIRED, None),
    EntryKind.EXTENDED: (keys.extended(MEMBER, "261231", "3.0"), None),
    EntryKind.REINSTATED: (keys.reinstated(EXPIRED), None),
    EntryKind.REVIEWED: (keys.reviewed(MEMBER, "261216", "3.0"), None),
    EntryKind.CLAIMED: (keys.claim("clm_1"), ("claim", "clm_1")),
    EntryKind.ADJUSTED: (keys.adjustment_decided("adj_1"), ("adjustment", "adj_1")),
    EntryKind.FROZEN: (keys.frozen(MEMBER, 4), None),
    EntryKind.UNFROZEN: (keys.unfrozen(MEMBER, 5), None),
    EntryKind.TIER_SET: (keys.tier_setting("tsr_1"), ("tier_setting", "tsr_1")),
}


def schema(name: str) -> Any:
    return json.loads((ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))


def schema_of(event_type: str) -> Any:
    return schema("points" if event_type.startswith("points.") else event_type)


def samples() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "bus").iterdir())}


def published(entry: Entry) -> list[tuple[str, Any]]:
    """Let the publisher read a new entry from the stream; give the types and details of what it tells."""
    bridge = EventBridge()
    built = Dependencies(
        watch=cast("Watch", None), bus=Bus(client=bridge, name="jifen"), aside=Aside(client=Queue(), url="aside")
    )
    image = {"NewImage": encode(entry_item(entry)), "SequenceNumber": "1"}
    take_batch([{"eventName": "INSERT", "dynamodb": image}], built, patience())
    return list(zip(bridge.types, bridge.details, strict=True))


def an_entry(kind: EntryKind, **others: Any) -> Entry:
    return Entry(
        key=ABOUT[kind][0],
        kind=kind,
        member_id=MEMBER,
        posted_at=NOW,
        account_version=3,
        position=0,
        occurred_at=NOW,
        movement=others.pop("movement", Movement(lots={"271231": 5}, pending={"261223>~": 2})),
        balance=Balance(5, 2, 0, 0),
        **others,
    )


@pytest.mark.parametrize("kind", EntryKind)
def test_what_the_publisher_makes_of_every_kind_of_entry_is_as_its_schema_says(kind: EntryKind) -> None:
    movement = Movement(lots={"271231": 5}, tier=SILVER)
    store = "SH001" if kind is EntryKind.EARNED else None

    told = published(an_entry(kind, movement=movement, store_id=store, label="满百加赠"))

    assert [event_type for event_type, _ in told] == [f"points.{kind}", "tier.changed"]
    for event_type, detail in told:
        assert event_type in EVENTS
        jsonschema.validate(detail, schema_of(event_type))
        assert set(detail) == set(schema_of(event_type)["properties"])  # and nothing of the entry besides
    source = told[0][1]["source"]
    assert (source and (source["type"], source["id"])) == ABOUT[kind][1]


def test_the_schemas_name_every_kind_and_no_other() -> None:
    for name in ("points", "tier.changed"):
        assert schema(name)["properties"]["kind"]["enum"] == [kind.value for kind in EntryKind]


def test_every_type_of_event_has_a_schema_and_every_schema_of_the_bus_a_sample() -> None:
    assert {event_type for event_type in EVENTS if schema_of(event_type)} == EVENTS
    families = {"points" if name.startswith("points.") else name for name in samples()}
    assert families == {"points", "tier.changed", STOCK_LOW}


@pytest.mark.parametrize("name", samples())
def test_every_sample_of_the_bus_is_as_its_schema_says(name: str) -> None:
    event = samples()[name]
    assert (event["detail-type"], event["source"]) == (name, "jifen")
    assert name in EVENTS
    jsonschema.validate(event["detail"], schema_of(name))
    webhook = read_message(json.dumps(event))
    assert isinstance(webhook, Webhook)
    jsonschema.validate(json.loads(webhook.body), schema("webhook"))


def test_a_test_of_an_endpoint_is_a_webhook_like_any_other() -> None:
    test = a_test(NOW)
    assert test.type == TEST
    assert TEST not in EVENTS
    jsonschema.validate(json.loads(test.body), schema("webhook"))


def test_a_tier_that_a_review_kept_is_not_told() -> None:
    kept = an_entry(EntryKind.REVIEWED, movement=Movement(tier=SILVER), details={"from": "silver"})
    lowered = an_entry(EntryKind.REVIEWED, movement=Movement(tier=SILVER), details={"from": "gold"})
    assert [event_type for event_type, _ in published(kept)] == ["points.reviewed"]
    assert [event_type for event_type, _ in published(lowered)] == ["points.reviewed", "tier.changed"]


def test_samples_of_the_sender_are_read() -> None:
    names = {path.stem for path in (ROOT / "webhook_sender").iterdir()}
    assert names == {"something-happened", "an-endpoint-is-told"}
    read = {}
    for name in names:
        (record,) = json.loads((ROOT / "webhook_sender" / f"{name}.json").read_text(encoding="utf-8"))["Records"]
        read[name] = read_message(record["body"])
    delivery = read["an-endpoint-is-told"]
    assert isinstance(delivery, Delivery)
    assert delivery.webhook == read["something-happened"]
