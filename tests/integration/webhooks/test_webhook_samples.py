"""Every sample of a till's event is answered as its name says, and as the document describes. A2."""

import json
from pathlib import Path
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]

from shared import keys
from shared.members.references import Reference, digest_of
from shared.runtime.attributes import encode
from tests.http_events import answered
from tests.integration.webhooks.conftest import KEY, Posting

ROOT: Final = Path(__file__).parents[3]
SAMPLES: Final = ROOT / "events" / "webhooks"
DOCUMENT: Final = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
MEMBER: Final = "mem_01JF0000000000000000000000"
# In the order of a day at the till; the rules of the sample shop are not in force here.
EXPECTED: Final = {
    "sale-completed": (200, "applied"),
    "sale-completed-by-phone": (200, "applied"),
    "sale-completed-gift-card": (200, "applied"),
    "sale-completed-guest": (200, "ignored"),
    "sale-refunded-lines": (200, "applied"),
    "sale-refunded-amount": (200, "applied"),
    "sale-voided": (200, "applied"),
    "action-completed": (200, "ignored"),
    "unknown-type": (200, "ignored"),
    "quarantined-unknown-currency": (202, "quarantined"),
    "quarantined-not-json": (202, "quarantined"),
}


def test_a2_every_sample_is_answered_as_it_is_called_and_described(posting: Posting) -> None:
    assert {path.stem for path in SAMPLES.iterdir()} == set(EXPECTED)
    posting.till.a_member(member_id=MEMBER)
    leads_to(posting, "+8613800138000", MEMBER)
    responses = DOCUMENT["paths"]["/v1/webhooks/{subscription_id}"]["post"]["responses"]
    for name, expected in EXPECTED.items():
        sample: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
        answer = posting.post(sample["body"].encode())
        assert (answer["statusCode"], answered(answer)["result"]) == expected, name
        schema = responses[str(answer["statusCode"])]["content"]["application/json"]["schema"]
        jsonschema.validate(answered(answer), {**schema, "components": DOCUMENT["components"]})


def leads_to(posting: Posting, phone: str, member_id: str) -> None:
    key = keys.reference(digest_of(Reference("phone", phone), KEY))
    item = {**key._asdict(), "m": member_id}
    posting.till.ledger.client.put_item(TableName=posting.till.ledger.tables.members, Item=encode(item))
