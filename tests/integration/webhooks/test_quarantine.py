"""Signed events that can never be used are acknowledged, kept once and counted; others are not touched. W14."""

import copy
import hashlib
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.session import get_session
from moto import mock_aws

from shared.errors import DependencyUnavailableError, InvalidFieldError, MalformedJsonError
from shared.http.quarantine import LONGEST_ERRORS, Quarantine, kept_of
from tests.builders import patience
from tests.http_events import answered
from tests.integration.webhooks.conftest import BUCKET, OTHER, Objects, Posting, refused

SCHEMA = json.loads((Path(__file__).parents[3] / "events" / "schemas" / "quarantined.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 12, 16, 2, 21, 3, 120000, tzinfo=UTC)
MEMBER = "mem_01JF0000000000000000000000"


def logged(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(capsys.readouterr().err.splitlines()[-1])
    return line


NO_EVENTS = [
    (b"", "malformed-json"),
    (b"{", "malformed-json"),
    (b'{"type": "sale.completed", "data": {"total": NaN}}', "malformed-json"),
    (b'{"type": "sale.completed", "data": {"total": Infinity}}', "malformed-json"),
    (b"[" * 100_000, "malformed-json"),
    (b"\xff\xfe", "not-utf8"),
    (b'{"type": "\\ud800"}', "not-utf8"),
    (b"[]", "validation-failed"),
    (b"{}", "validation-failed"),
    (b'{"type": 1}', "validation-failed"),
    (b'{"type": "sale.completed"}', "validation-failed"),
]


def test_w14_a_signed_body_that_is_no_event_is_acknowledged_kept_as_it_came_and_counted(
    posting: Posting, capsys: pytest.CaptureFixture[str]
) -> None:
    before = posting.till.everything()
    for body, reason in NO_EVENTS:
        answer = posting.post(body, in_base64=True, delivery_id="msg_7")

        told, line = answered(answer), logged(capsys)
        assert (answer["statusCode"], told["result"], told["reason"]) == (202, "quarantined", reason), body
        kept = posting.objects.kept[line["kept_as"]]
        assert line["kept_as"] == f"waiting/2026-12-16/till-1/{hashlib.sha256(body).hexdigest()}"
        assert kept.body == body
        jsonschema.validate(kept.metadata, SCHEMA)
        assert (kept.metadata["subscription"], kept.metadata["delivery"]) == ("till-1", "msg_7")
        assert (kept.metadata["reason"], kept.metadata["received-at"]) == (reason, NOW.isoformat())
        assert (line["Quarantined"], line["status"]) == (1, 202)
    assert posting.till.everything() == before


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"total": -1}, "/data/total"),
    ({"total": 1.5}, "/data/total"),
    ({"lines": []}, "/data/lines"),
    ({"lines": [{"line_id": "1", "sku": "S"}]}, "/data/lines/0/net"),
    ({"currency": "yuan"}, "/data/currency"),
    ({"currency": "XAU"}, "/data/currency"),
    ({"occurred_at": "2026-12-16 10:21"}, "/data/occurred_at"),
    ({"occurred_at": "1970-01-01T00:00:00Z"}, "/data/occurred_at"),
    ({"points": 1_000}, "/data/points"),
    ({"member": {}}, "/data/member"),
    ({"member": {"card": "1", "phone": "13800000000"}}, "/data/member"),
    ({"receipt_id": "a#b"}, "/data/receipt_id"),
]


def test_w14_a_wrong_field_or_an_unknown_currency_is_pointed_at(posting: Posting) -> None:
    member = posting.till.a_member()
    for change, pointer in WRONG:
        answer = posting.post(posting.sale(member, **change))
        assert (answer["statusCode"], answered(answer)["result"]) == (202, "quarantined"), change
        assert pointer in [error["pointer"] for error in answered(answer)["errors"]]
        kept = list(posting.objects.kept.values())[-1]
        assert pointer in [place for place, _ in json.loads(kept.metadata["errors"])]
    assert (len(posting.objects.kept), posting.till.points(member)) == (len(WRONG), [])


def test_w14_a_redelivery_makes_no_second_object_and_other_events_are_not_affected(posting: Posting) -> None:
    member = posting.till.a_member()
    for number in range(5):
        assert posting.post(b"{", delivery_id=f"msg_{number}")["statusCode"] == 202
        assert answered(posting.post(posting.sale(member, receipt_id=f"R-{number}")))["points"] == 10
    ((_, kept),) = posting.objects.kept.items()
    assert kept.metadata["delivery"] == "msg_0"
    assert posting.till.available(member) == 50


def test_w14_the_corrected_event_earns_once_whatever_waits(posting: Posting) -> None:
    member = posting.till.a_member()
    posting.post(posting.sale(member, currency="XAU"))
    answers = [answered(posting.post(posting.sale(member), delivery_id=f"msg_{at}")) for at in (2, 3)]
    assert [one["result"] for one in answers] == ["applied", "duplicate"]
    assert posting.till.points(member) == [10]


def test_w14_what_cannot_be_kept_is_not_acknowledged(posting: Posting, capsys: pytest.CaptureFixture[str]) -> None:
    for failure in (EndpointConnectionError(endpoint_url="s3"), *map(refused, ("AccessDenied", "ConditionalConflict"))):
        posting.objects.failing = failure
        answer = posting.post(b"{")
        assert (answer["statusCode"], answered(answer)["code"]) == (503, "dependency-unavailable")
        assert answer["headers"]["Retry-After"] == "1"
        assert "arn:" not in answer["body"]
        assert "Quarantined" not in logged(capsys)

    posting.objects.failing = None
    assert posting.post(b"{")["statusCode"] == 202


def test_w7_what_is_not_ones_own_is_neither_kept_nor_acknowledged(posting: Posting) -> None:
    assert posting.post(b"{", secret=OTHER)["statusCode"] == 401
    assert posting.post(posting.sale(None, store_id="SH002"))["statusCode"] == 403
    assert posting.post(b" " * 1_048_577)["statusCode"] == 413
    assert posting.objects.kept == {}


def test_a3_the_answer_points_at_what_is_wrong_and_repeats_no_value_in_either_language(posting: Posting) -> None:
    secret = "13812345678"
    body = posting.sale(MEMBER, total=secret, member={"phone": secret, "card": secret})
    for language, detail in (("zh-CN", "必须是整数"), ("en", "must be an integer")):
        told = posting.post(body, language=language)["body"]
        assert secret not in told
        assert detail in [one["detail"] for one in json.loads(told)["errors"]]


class TestKeep:
    """The fake and moto's S3 keep alike."""

    @pytest.fixture(params=["fake", "moto"])
    def objects(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        if request.param == "fake":
            yield Objects()
            return
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        with mock_aws():
            client = get_session().create_client("s3", region_name="us-east-1")
            client.create_bucket(Bucket=BUCKET)
            yield client

    def test_the_same_body_is_kept_once_a_day(self, objects: Any) -> None:
        now = [NOW]
        quarantine = Quarantine(connect=lambda: objects, bucket=BUCKET, clock=lambda: now[0])
        keys = []
        for days in (0, 0, 1):
            now[0] = NOW + timedelta(days=days)
            kept = quarantine.keep(b"{", MalformedJsonError(), patience(), subscription_id="till-1", delivery_id="m")
            keys.append(kept.key)
        assert keys[0] == keys[1] != keys[2]

    def test_a_thousand_findings_in_any_script_fit_and_are_read_back(self, objects: Any) -> None:
        errors = [{"pointer": f"/数据/{'签' * 80}{at}", "code": "extra_forbidden"} for at in range(1_000)]
        quarantine = Quarantine(connect=lambda: objects, bucket=BUCKET, clock=lambda: NOW)
        kept = quarantine.keep(
            b"{}", InvalidFieldError(errors=errors), patience(), subscription_id="till-1", delivery_id="m" * 256
        )
        assert 1 <= len(kept.errors) <= 20
        assert len(json.dumps(kept.errors)) <= LONGEST_ERRORS
        if not isinstance(objects, Objects):
            told = objects.head_object(Bucket=BUCKET, Key=kept.key)
            assert kept_of(kept.key, told["Metadata"], told["ContentLength"]) == kept

    def test_a_bucket_that_is_not_there_is_a_failure(self, objects: Any) -> None:
        quarantine = Quarantine(connect=lambda: objects, bucket="elsewhere", clock=lambda: NOW)
        with pytest.raises(DependencyUnavailableError):
            quarantine.keep(b"{", MalformedJsonError(), patience(), subscription_id="till-1", delivery_id="m")


MUTATIONS = 1_000
ODD: list[Any] = [
    None, True, -1, 0, 1.5, 1e308, 10**40, "", " ", "#", "a#b", "\x00", "\ud83d\ude00", "é" * 65, "1e2", "NaN",
    "9" * 40, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-12-16T10:21:00", [], {}, [[]], {"": {}},
]  # fmt: skip


def mutated(event: Any, chance: random.Random) -> bytes:
    """Break a valid body: a value, a name, a part that is missing, doubled or foreign, or a byte."""
    body = copy.deepcopy(event)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        places = list(every_place(body))
        (holder, name), odd = chance.choice(places), copy.deepcopy(chance.choice(ODD))
        match chance.randrange(5):
            case 0:
                del holder[name]
            case 1 if isinstance(holder, dict):
                holder[chance.choice(["x", "member", "lines", "amount", "类型", "total"])] = odd
            case 2 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[name]))
            case 3:
                holder[name] = copy.deepcopy(chance.choice(places)[0])
            case _:
                holder[name] = odd
        if not body:
            break
    raw = bytearray(json.dumps(body, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass"))
    if chance.random() < 0.2 and raw:
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw[: chance.randrange(len(raw))] if chance.random() < 0.05 else raw)


def every_place(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every holder and name of a value inside, however deep."""
    names = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in names:
        yield value, name
        yield from every_place(value[name])


def test_w2_w14_of_a_thousand_broken_bodies_signed_rightly_none_is_answered_by_a_failure(posting: Posting) -> None:
    member = posting.till.a_member()
    at = posting.till.clock().isoformat()
    posting.post(posting.sale(member))
    whom = {"member_id": member}
    returned = {"store_id": "SH001", "receipt_id": "R-1", "occurred_at": at}
    valid = [
        posting.sale(member),
        posting.sale(None, receipt_id="R-2", tenders=[{"type": "cash", "amount": 10_000}]),
        {"type": "sale.refunded", "data": {**returned, "refund_id": "F", "lines": [{"line_id": "1", "net": 10}]}},
        {"type": "sale.refunded", "data": {**returned, "receipt_id": "R-9", "refund_id": "F", "amount": 10}},
        {"type": "sale.voided", "data": {**returned, "receipt_id": "R-3", "reason": "wrong"}},
        {"type": "action.completed", "data": {"action": "share", "event_id": "1", "occurred_at": at, "member": whom}},
    ]
    for seed in range(MUTATIONS):
        chance = random.Random(seed)  # noqa: S311 a test repeats itself by its seed
        body = mutated(chance.choice(valid), chance)
        answer = posting.post(body, in_base64=True)
        assert answer["statusCode"] in {200, 202, 403, 409}, (seed, body, answer["body"])
    found = {code for kept in posting.objects.kept.values() for _, code in json.loads(kept.metadata["errors"])}
    assert len(found) > 10, "the mutations reach many kinds of mistakes"
    assert posting.till.audit(member) == []
