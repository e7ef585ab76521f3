"""POST /v1/members/lookup, and members of an older system. S1, T23."""

import json
from typing import Any

import pytest

from functions.members.dependencies import Dependencies
from shared.errors import ConsentRequiredError, MemberNotFoundError, ReferenceTakenError
from shared.members.enrol import Opening
from shared.members.import_member import Imported, OldMember, import_member
from shared.members.profile import Policy
from shared.runtime.ids import MemberId, new_id
from shared.runtime.patience import patience_of_seconds
from shared.runtime.settings import Tables
from tests.http_events import answered, member_claims, staff_claims
from tests.integration.members.conftest import NOW, Send, everything_in

AGREED = {"consents": [{"policy": "privacy", "version": "1"}]}
TILL = staff_claims("pos:redeem")
PHONE = "+8613812345678"


def bring(built: Dependencies, **fields: Any) -> Imported:
    """Import a row of an older system."""
    row = {"consent": Policy(policy="privacy", version="1"), "consented_at": NOW, **fields}
    opening = Opening(member_id=MemberId(new_id("mem")), at=NOW, enrolled_on=NOW.date(), tier_id="normal")
    return import_member(
        built.members, built.earning.ledger, OldMember(**row), opening, patience=patience_of_seconds(5)
    )


class TestLookup:
    @pytest.mark.parametrize(
        ("claims", "status"),
        [
            (None, 401),
            (member_claims(), 403),
            (staff_claims("staff:catalog"), 403),
            (staff_claims("pos:write"), 200),
            (staff_claims("pos:redeem"), 200),
            (staff_claims("staff:read"), 200),
        ],
    )
    def test_s1_tills_and_staff_look_members_up(
        self, send: Send, built: Dependencies, claims: dict[str, str] | None, status: int
    ) -> None:
        bring(built, card="VIP8888")
        assert send("POST /v1/members/lookup", claims=claims, body={"card": "VIP8888"})["statusCode"] == status

    @pytest.mark.parametrize("body", [{"phone": "138 1234 5678"}, {"card": "vip-8888"}, {"external_id": "old-1"}])
    def test_finds_by_each_kind_and_shows_just_enough(
        self, send: Send, built: Dependencies, body: dict[str, str]
    ) -> None:
        member_id = bring(built, phone=PHONE, card="VIP8888", external_id="old-1", name="王小明").member_id
        assert answered(send("POST /v1/members/lookup", claims=TILL, body=body)) == {
            "member_id": member_id,
            "name_masked": "王*明",
            "tier": {"id": "normal", "name": "普通会员", "valid_until": None},
            "available": 0,
            "usable_coupons": [],
        }

    def test_t23_nobody_found_is_one_answer(self, send: Send) -> None:
        bodies = [{"phone": "13900000000"}, {"card": "13900000000"}, {"external_id": "13900000000"}]
        problems = [answered(send("POST /v1/members/lookup", claims=TILL, body=body)) for body in bodies]
        assert [problem["code"] for problem in problems] == ["member-not-found"] * 3
        assert len({json.dumps(problem) for problem in problems}) == 1

    @pytest.mark.parametrize(
        ("body", "pointer", "code"),
        [
            ({}, "", "exactly_one"),
            ({"phone": PHONE, "card": "VIP8888"}, "", "exactly_one"),
            ({"phone": "99999"}, "/phone", "phone_invalid"),
            ({"member_id": "mem_1"}, "/member_id", "extra_forbidden"),
        ],
    )
    def test_takes_exactly_one_reference(self, send: Send, body: dict[str, str], pointer: str, code: str) -> None:
        answer = send("POST /v1/members/lookup", claims=TILL, body=body)
        (error,) = answered(answer)["errors"]
        assert (answer["statusCode"], error["pointer"], error["code"]) == (422, pointer, code)


class TestImport:
    def test_the_same_row_again_is_the_same_member(self, built: Dependencies, engine: Any, tables: Tables) -> None:
        first, again = (bring(built, external_id="old-1", card="VIP8888", phone=PHONE) for _ in range(2))
        assert (first.is_new, again.is_new) == (True, False)
        assert first.member_id == again.member_id
        assert len(everything_in(engine, tables.accounts)) == 1

    def test_a_row_that_knows_more_adds_the_reference(self, send: Send, built: Dependencies) -> None:
        bring(built, external_id="old-1")
        member_id = bring(built, external_id="old-1", card="VIP8888").member_id
        found = send("POST /v1/members/lookup", claims=TILL, body={"card": "VIP8888"})
        assert answered(found)["member_id"] == member_id

    def test_a_row_of_two_members_is_refused(self, built: Dependencies) -> None:
        bring(built, external_id="old-1")
        bring(built, card="VIP8888")
        with pytest.raises(ReferenceTakenError):
            bring(built, external_id="old-1", card="VIP8888")

    def test_s0_18_a_row_without_consent_is_refused(self, built: Dependencies, engine: Any, tables: Tables) -> None:
        with pytest.raises(ConsentRequiredError):
            bring(built, card="VIP8888", consent=Policy(policy="privacy", version=""))
        assert everything_in(engine, tables.members) == []

    def test_a_row_without_reference_is_refused(self, built: Dependencies) -> None:
        with pytest.raises(MemberNotFoundError):
            bring(built, name="王小明")

    def test_the_token_that_proves_the_phone_is_linked_to_the_member(self, send: Send, built: Dependencies) -> None:
        member_id = bring(built, phone=PHONE, card="VIP8888", name="王小明").member_id
        body = {"name": "other", **AGREED}
        linked = send("POST /v1/me", claims=member_claims(phone=PHONE), body=body)
        assert (linked["statusCode"], answered(linked)["id"], answered(linked)["name"]) == (200, member_id, "王小明")
        assert answered(send("GET /v1/me", claims=member_claims()))["id"] == member_id

    def test_a_member_is_linked_once(self, send: Send, built: Dependencies) -> None:
        bring(built, phone=PHONE)
        send("POST /v1/me", claims=member_claims("first", phone=PHONE), body=AGREED)
        second = send("POST /v1/me", claims=member_claims("second", phone=PHONE), body=AGREED)
        assert (second["statusCode"], answered(second)["code"]) == (409, "reference-taken")

    def test_a_typed_phone_links_nobody(self, send: Send, built: Dependencies) -> None:
        member_id = bring(built, phone=PHONE).member_id
        answer = send("POST /v1/me", claims=member_claims(), body={"phone": PHONE, **AGREED})
        assert answer["statusCode"] == 201
        assert answered(answer)["id"] != member_id
