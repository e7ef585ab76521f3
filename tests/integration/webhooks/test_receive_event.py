"""POST /v1/webhooks/{subscription_id} through the function's API on the engine: W3 to W9, W13, E1, I1, I3, I13, T3."""

import json
import random
from datetime import timedelta
from typing import Any

import pytest

from shared import keys
from shared.earning.review import list_reviewed
from shared.members.references import Kind, Reference, digest_of
from shared.members.store import Members
from shared.runtime.attributes import encode
from shared.runtime.ids import MemberId
from tests.http_events import answered
from tests.integration.webhooks.conftest import AN_HOUR, KEY, NEW, OLD, OTHER, Posting
from tests.observed import observed


def everything(posting: Posting) -> dict[Any, Any]:
    return posting.till.everything()


class TestAnswer:
    def test_s2_20_an_applied_sale_is_answered_with_points_balance_and_reason(self, posting: Posting) -> None:
        member = posting.till.a_member()

        answer = posting.post(posting.sale(member))

        body = answered(answer)
        assert answer["statusCode"] == 200
        assert (body["result"], body["points"], body["points_pending"], body["tier"]) == ("applied", 10, 0, "normal")
        assert body["balance"] == {"available": 10, "pending": 0, "held": 0, "debt": 0}
        assert body["entry_id"].startswith("ent_")
        assert body["explain"]
        assert body["reason"] is None

    def test_e1_i3_redelivered_under_other_delivery_ids_it_is_the_same_body_called_a_duplicate(
        self, posting: Posting
    ) -> None:
        member = posting.till.a_member()
        first = answered(posting.post(posting.sale(member)))
        before = everything(posting)

        for delivery_id in ("msg_1", "msg_2", "msg_3"):
            again = posting.post(posting.sale(member), delivery_id=delivery_id)
            assert again["statusCode"] == 200
            assert answered(again) == first | {"result": "duplicate"}
        assert everything(posting) == before

    @pytest.mark.parametrize(("kind", "value"), [("external_id", "x" * 128), ("card", "VIP1001")])
    def test_a_member_is_named_by_whatever_leads_to_one_with_nothing_in_the_other_fields(
        self, posting: Posting, kind: Kind, value: str
    ) -> None:
        till, client, tables = posting.till, posting.till.ledger.client, posting.till.ledger.tables
        members = Members(client=client, tables=tables, key=KEY)
        members.add_reference(Reference(kind, value), MemberId(till.a_member()), till.patience())
        named = {"member_id": None, "card": None, "phone": None, "external_id": None, kind: value}
        answer = answered(posting.post(posting.sale(None, member=named)))
        assert (answer["result"], answer["points"]) == ("applied", 10)

    def test_e1_a_body_that_says_when_it_was_sent_is_the_same_sale_whenever_it_is_sent(self, posting: Posting) -> None:
        member = posting.till.a_member()
        results = [
            answered(posting.post({**posting.sale(member), "timestamp": f"2026-12-16T10:21:0{at}Z"}))["result"]
            for at in range(2)
        ]
        assert results == ["applied", "duplicate"]

    def test_e1_i2_it_is_a_duplicate_after_400_days_too(self, posting: Posting) -> None:
        member = posting.till.a_member()
        sale = posting.sale(member)
        posting.post(sale)
        posting.till.clock.now += timedelta(days=400)

        assert answered(posting.post(sale))["result"] == "duplicate"
        assert posting.till.points(member)[0] == 10

    def test_e1_i13_the_same_receipt_with_another_amount_is_a_conflict_kept_for_review(self, posting: Posting) -> None:
        member = posting.till.a_member()
        posting.post(posting.sale(member))

        answers = [posting.post(posting.sale(member, 11_000), delivery_id=f"msg_{at}") for at in (2, 3)]

        assert [(one["statusCode"], answered(one)["code"]) for one in answers] == [(409, "sale-conflict")] * 2
        assert posting.till.points(member) == [10]
        (kept,) = list_reviewed(posting.till.ledger)
        assert (kept.reason, kept.sale.total_minor) == ("sale-conflict", 11_000)
        assert posting.objects.kept == {}

    def test_i2_a_sale_told_again_when_its_card_leads_to_nobody_any_more_is_a_duplicate(self, posting: Posting) -> None:
        till, client, tables = posting.till, posting.till.ledger.client, posting.till.ledger.tables
        card, member = Reference("card", "VIP1001"), till.a_member()
        Members(client=client, tables=tables, key=KEY).add_reference(card, MemberId(member), till.patience())
        sold = posting.sale(None, member={"card": card.value})
        first = answered(posting.post(sold))
        client.delete_item(TableName=tables.members, Key=encode(keys.reference(digest_of(card, KEY))._asdict()))
        assert answered(posting.post(sold, delivery_id="msg_2")) == {**first, "result": "duplicate"}
        assert (till.points(member), list_reviewed(till.ledger)) == ([10], [])

    def test_e15_a_refund_before_its_sale_is_accepted_and_waits(self, posting: Posting) -> None:
        member = posting.till.a_member()
        refund = {
            "store_id": "SH001",
            "receipt_id": "R-1",
            "refund_id": "F-1",
            "occurred_at": posting.till.clock().isoformat(),
            "amount": 4_000,
        }
        answer = posting.post({"type": "sale.refunded", "data": refund})
        assert (answer["statusCode"], answered(answer)["result"]) == (202, "parked")

        posting.post(posting.sale(member))

        assert posting.till.available(member) == 6

    def test_a_guest_s_sale_is_recorded_and_gives_nothing(self, posting: Posting) -> None:
        answer = posting.post(posting.sale(None))
        assert answer["statusCode"] == 200
        assert (answered(answer)["result"], answered(answer)["reason"]) == ("ignored", "guest")

    def test_w9_an_unknown_type_is_ignored_and_counted_and_nothing_is_written(
        self, posting: Posting, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = everything(posting)
        answer = posting.post({"type": "customer.created", "data": {"anything": [1, 2]}})
        assert answer["statusCode"] == 200
        assert (answered(answer)["result"], answered(answer)["reason"]) == ("ignored", "unknown-type")
        assert json.loads(capsys.readouterr().err)["Ignored"] == 1
        assert (everything(posting), posting.objects.kept) == (before, {})

    def test_p1_p7_an_earn_is_two_calls_and_at_most_five_write_units(self, posting: Posting) -> None:
        member = posting.till.a_member()
        posting.post(posting.sale(member))

        with observed(posting.till.ledger.client) as traffic:
            posting.post(posting.sale(member, receipt_id="R-2"))

        assert traffic.calls == ["GetItem", "TransactWriteItems"]
        assert traffic.write_units <= 5


MALFORMED = [
    ({}, "none"),
    ({"webhook-id": "", "webhook-timestamp": "", "webhook-signature": ""}, "empty"),
    ({"webhook-signature": "v1," + "A" * 65_536}, "64 KB"),
    ({"webhook-signature": "v1,签名"}, "not ASCII"),
    ({"webhook-signature": "v1,\x00"}, "NUL"),
    ({"webhook-signature": "v1"}, "v1"),
    ({"webhook-signature": "v1,a,b"}, "v1,a,b"),
    ({"webhook-signature": "v1,AAAA  v1,BBBB"}, "double space"),
    ({"webhook-timestamp": "1797387660, 1797387660"}, "joined by a comma"),
    ({"webhook-timestamp": "1e9"}, "no integer"),
]


class TestAuthenticity:
    @pytest.mark.parametrize("headers", [headers for headers, _ in MALFORMED], ids=[name for _, name in MALFORMED])
    def test_w3_malformed_headers_are_401_and_write_nothing(self, posting: Posting, headers: dict[str, str]) -> None:
        now = str(int(posting.till.clock().timestamp()))
        whole = {"webhook-id": "msg_1", "webhook-timestamp": now, "webhook-signature": "v1,AAAA"} if headers else {}
        before = everything(posting)

        answer = posting.post(posting.sale("mem_1"), headers=whole | headers)

        assert (answer["statusCode"], answered(answer)["code"]) == (401, "signature-invalid")
        assert answer["headers"]["Content-Type"] == "application/problem+json"
        assert everything(posting) == before

    def test_w4_base64_and_plain_bodies_have_the_same_verdict_and_effect(self, posting: Posting) -> None:
        member = posting.till.a_member()
        plain = answered(posting.post(posting.sale(member)))
        assert answered(posting.post(posting.sale(member), in_base64=True)) == plain | {"result": "duplicate"}
        assert answered(posting.post(posting.sale(member, receipt_id="R-2"), in_base64=True))["points"] == 10
        forged = [posting.post(posting.sale(member), secret=OTHER, in_base64=encoded) for encoded in (False, True)]
        assert [answer["statusCode"] for answer in forged] == [401, 401]

    @pytest.mark.parametrize(("seconds", "status"), [(-300, 200), (-301, 401), (300, 200), (301, 401)])
    def test_w5_a_timestamp_may_be_300_seconds_off(self, posting: Posting, seconds: int, status: int) -> None:
        member = posting.till.a_member()
        at = posting.till.clock().replace(microsecond=0) + timedelta(seconds=seconds)
        posting.till.clock.now = posting.till.clock().replace(microsecond=0)
        assert posting.post(posting.sale(member), at=at)["statusCode"] == status

    def test_w6_two_secrets_are_good_while_one_is_rotated_and_the_retired_one_is_not(self, posting: Posting) -> None:
        sale = posting.sale(posting.till.a_member())
        assert [posting.post(sale, secret=secret)["statusCode"] for secret in (OLD, NEW)] == [200, 200]

        posting.vault.subscriptions[0]["secrets"] = [NEW]
        posting.till.clock.now += AN_HOUR

        assert [posting.post(sale, secret=secret)["statusCode"] for secret in (OLD, NEW)] == [401, 200]

    def test_w7_t3_a_body_that_claims_another_store_is_refused_and_nothing_is_written(self, posting: Posting) -> None:
        before = everything(posting)
        answer = posting.post(posting.sale(None, store_id="SH002"))
        assert (answer["statusCode"], answered(answer)["code"]) == (403, "store-not-allowed")
        assert everything(posting) == before

    def test_w7_a_secret_is_good_for_its_own_subscription_only(self, posting: Posting) -> None:
        assert posting.post(posting.sale("mem_1"), subscription="till-2")["statusCode"] == 401
        unknown = posting.post(posting.sale("mem_1"), subscription="till-3")
        assert (unknown["statusCode"], answered(unknown)["code"]) == (404, "not-found")


NOISE = random.Random(1)  # noqa: S311 the same noise every time


def posted_lines(count: int, padding: str = "") -> list[dict[str, Any]]:
    return [
        {"line_id": str(number), "sku": f"69012345{number:05d}", "name": padding, "quantity": "1.5", "net": 100}
        for number in range(count)
    ]


def a_noise() -> str:
    """Make 64 characters that compress to some 120 bytes."""
    return "".join(map(chr, NOISE.choices(range(0x4E00, 0x9FA6), k=64)))


class TestSize:
    def test_p6_a_receipt_of_500_lines_is_counted_and_fits(self, posting: Posting) -> None:
        member = posting.till.a_member()
        lines = posted_lines(500, "名" * 100)
        answer = posting.post(posting.sale(member, 50_000, lines=lines))
        assert answered(answer)["points"] == 50

    def test_w13_a_megabyte_is_counted_or_413_and_never_a_failure(self, posting: Posting) -> None:
        member = posting.till.a_member()
        lines = posted_lines(1_000, "名" * 200)
        body = json.dumps(posting.sale(member, 100_000, lines=lines), ensure_ascii=False).encode()
        assert len(body) > 600_000
        assert answered(posting.post(body))["points"] == 100
        exact = body + b" " * (1024 * 1024 - len(body))
        assert answered(posting.post(exact))["result"] == "duplicate"
        for too_large in (exact + b" ", exact * 3):
            above = posting.post(too_large)
            assert (above["statusCode"], answered(above)["code"]) == (413, "body-too-large")

    def test_w13_what_an_item_cannot_hold_is_kept_aside_and_no_failure(self, posting: Posting) -> None:
        """Noise, which does not compress: as a member's sale, as a guest's, and as a late one."""
        lines = [line | {"tags": [a_noise() for _ in range(4)]} for line in posted_lines(1_000)]
        late = (posting.till.clock() - timedelta(days=40)).isoformat()
        sales = [posting.sale(member, lines=lines) for member in (posting.till.a_member(), None)]
        for sale in [*sales, posting.sale(None, lines=lines, occurred_at=late)]:
            answer = posting.post(sale)
            told = answered(answer)
            assert (answer["statusCode"], told["reason"]) == (202, "validation-failed")
            assert [one["pointer"] for one in told["errors"]] == ["/data/lines"]

    def test_w13_returns_wait_for_their_sale_as_long_as_they_fit_in_its_place(self, posting: Posting) -> None:
        lines = [{"line_id": a_noise(), "net": 1} for _ in range(1_000)]
        refund = {"store_id": "SH001", "receipt_id": "R-1", "occurred_at": posting.till.clock().isoformat()}
        statuses = [
            posting.post({"type": "sale.refunded", "data": {**refund, "refund_id": f"F-{at}", "lines": lines}})[
                "statusCode"
            ]
            for at in range(4)
        ]
        assert sorted(set(statuses)) == [202, 409]
        assert posting.post(posting.sale(posting.till.a_member()))["statusCode"] == 200

    def test_w13_a_thousand_lines_earn_what_their_sum_does(self, posting: Posting) -> None:
        member = posting.till.a_member()
        assert answered(posting.post(posting.sale(member, 100_000, lines=posted_lines(1_000))))["points"] == 100
