"""What may be asked for and decided, by whom, and where its words stand (S1, S2, A5, T25)."""

import json
from typing import Any

import pytest

from shared import keys
from shared.runtime.attributes import decode, encode
from tests.http_events import answered, member_claims, staff_claims
from tests.integration.desk.office import CLERK, MANAGER, Office, code_of

NOBODY = "mem_00000000000000000000000000"


class TestWhatIsAsked:
    @pytest.mark.parametrize(
        ("points", "body", "pointer"),
        [
            (0, {}, "/points"),
            (2**53 + 1, {}, "/points"),
            ("10", {}, "/points"),
            (1.5, {}, "/points"),
            (10, {"reason_code": "王女士投诉"}, "/reason_code"),
            (10, {"store_id": "XX001"}, "/store_id"),
            (10, {"internal_note": " "}, "/internal_note"),
            (10, {"valid_through": "2026-12-15"}, "/valid_through"),
            (10, {"valid_through": "2100-01-01"}, "/valid_through"),
            (-10, {"valid_through": "2027-12-31"}, "/valid_through"),
            (10, {"author": "zhou"}, "/author"),
        ],
    )
    def test_a5_what_cannot_be_is_refused_and_nothing_is_written(
        self, office: Office, points: object, body: dict[str, Any], pointer: str
    ) -> None:
        refused = office.asks(points, CLERK, **body)
        assert (refused["statusCode"], answered(refused)["errors"][0]["pointer"]) == (422, pointer)
        assert (office.entries(), office.told()) == ([], [])

    def test_t25_what_staff_write_in_their_own_words_stands_in_no_item_of_the_ledger(self, office: Office) -> None:
        words = ("打电话的是张阿姨", "抱歉张阿姨", "张阿姨没有小票")
        adjustment = office.waiting(2_000, internal_note=words[0], customer_note=words[1])
        office.decides("reject", adjustment, reason=words[2])
        office.asks(10, CLERK, internal_note=words[0], customer_note=words[1])
        kept = json.dumps([str(item) for item in office.till.everything().values()], ensure_ascii=False)
        assert [word for word in words if word in kept] == []
        notes = keys.adjustment_notes(office.member, adjustment)
        answer = office.till.ledger.client.get_item(
            TableName=office.till.ledger.tables.members, Key=encode(notes._asdict())
        )
        assert (decode(answer["Item"])["in"], decode(answer["Item"])["cn"]) == words[:2]


class TestWhoMay:
    @pytest.mark.parametrize(
        ("claims", "status"),
        [(None, 401), (member_claims(), 403), (staff_claims("staff:read", "ops", "pos:write"), 403)],
    )
    def test_s1_others_may_nothing(self, office: Office, claims: dict[str, str] | None, status: int) -> None:
        adjustment = office.waiting(2_000)
        answers = [
            office.asks(10, claims),
            office.decides("approve", adjustment, claims),
            office.decides("reject", adjustment, claims),
            office.call("GET /v1/admin/adjustments", claims),
            office.call(f"GET /v1/admin/adjustments/{adjustment}", claims),
        ]
        assert [answer["statusCode"] for answer in answers] == [status] * 5
        assert office.points == 0

    def test_s1_who_asks_does_not_approve_by_that_right_nor_the_reverse(self, office: Office) -> None:
        adjustment = office.waiting(2_000)
        another = staff_claims("staff:adjust", subject="wang")
        assert code_of(office.decides("approve", adjustment, another)) == (403, "scope-missing")
        assert code_of(office.asks(10, MANAGER)) == (403, "scope-missing")

    @pytest.mark.parametrize("member", [NOBODY, "mem_1", "x" * 3000])
    def test_s1_who_is_no_member_is_not_found(self, office: Office, member: str) -> None:
        assert code_of(office.asks(10, CLERK, member=member)) == (404, "member-not-found")

    @pytest.mark.parametrize("adjustment", ["adj_00000000000000000000000000", "adj_1", "x" * 3000, NOBODY])
    def test_s1_what_nobody_asked_for_is_not_found(self, office: Office, adjustment: str) -> None:
        for verb in ("approve", "reject"):
            assert code_of(office.decides(verb, adjustment)) == (404, "not-found")
        assert code_of(office.call(f"GET /v1/admin/adjustments/{adjustment}", CLERK)) == (404, "not-found")

    def test_a_refused_one_is_not_found_either(self, office: Office) -> None:
        office.asks(-10, key="key-of-a-debit")
        (refused,) = [item for key, item in office.till.everything().items() if key[-1] == keys.REQUESTED]
        assert code_of(office.decides("approve", refused["pk"].removeprefix("ADJUSTMENT#"))) == (404, "not-found")

    def test_a_token_of_some_stores_acts_for_them_alone(self, office: Office) -> None:
        clerk = staff_claims("staff:adjust", subject="li", stores="SH001")
        assert code_of(office.asks(10, clerk, store_id="BJ001")) == (403, "store-not-allowed")
        ours, theirs = office.waiting(2_000), office.waiting(2_000, store_id="BJ001")
        manager = staff_claims("staff:approve", subject="zhou", stores="SH001")
        assert office.listed(manager) == [ours]
        for verb in ("approve", "reject"):
            assert code_of(office.decides(verb, theirs, manager)) == (404, "not-found")
        assert code_of(office.call(f"GET /v1/admin/adjustments/{theirs}", manager)) == (404, "not-found")
        assert answered(office.decides("approve", ours, manager))["status"] == "applied"
