"""A tier set by hand, and accounts that are frozen, at the desk (F20, F29, T11, S1)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.ledger.account import TierState
from shared.ledger.entries import EntryKind
from tests.builders import a_sale
from tests.http_events import answered, member_claims, staff_claims
from tests.integration.desk.office import CLERK, MANAGER, Office

GOLD = {"tier_id": "gold", "valid_until": "2027-06-30", "reason": "agreement"}
NOBODY = "mem_00000000000000000000000000"


def sets(office: Office, claims: dict[str, str] | None = MANAGER, member: str = "", **body: Any) -> dict[str, Any]:
    key = body.pop("key", "")
    route = f"PUT /v1/admin/members/{member or office.member}/tier"
    return office.call(route, claims, key=key, body=GOLD | body)


def turns(office: Office, what: str, reason: str, claims: dict[str, str] | None = MANAGER, **body: Any) -> Any:
    member = body.pop("member", office.member)
    return office.call(f"POST /v1/admin/members/{member}/{what}", claims, body={"reason": reason, **body})


class TestTier:
    def test_it_is_set_with_reason_and_author_and_recorded(self, office: Office) -> None:
        answer = sets(office, store_id="SH001")
        assert (answer["statusCode"], answered(answer)["name"]) == (200, "金卡会员")
        (entry,) = office.entries()
        assert (entry.kind, entry.store_id) == (EntryKind.TIER_SET, "SH001")
        assert (entry.details["why"], entry.details["by"]) == ("agreement", "zhou")
        assert office.told() == [("tier.set", "zhou", office.member)]
        assert office.audit() == []

    def test_i6_the_same_key_is_answered_as_the_first_time(self, office: Office) -> None:
        first, again = (sets(office, key="key-of-the-tier") for _ in range(2))
        assert first["body"] == again["body"]
        assert again["headers"]["Idempotency-Replayed"] == "true"
        assert len(office.entries()) == 1

    def test_i6_it_is_answered_so_for_ever(self, office: Office) -> None:
        first = sets(office, key="key-of-the-tier")
        office.till.clock.forward(days=400)
        again = sets(office, key="key-of-the-tier")
        assert (again["statusCode"], again["body"]) == (200, first["body"])
        assert again["headers"]["Idempotency-Replayed"] == "true"

    def test_a_new_key_sets_it_again_after_it_was_changed(self, office: Office) -> None:
        sets(office)
        sets(office, tier_id="silver")
        sets(office)
        assert office.till.account(office.member).tier.tier_id == "gold"

    def test_i7_another_request_with_the_same_key_is_refused(self, office: Office) -> None:
        sets(office, key="key-of-the-tier")
        other = office.till.a_member()
        for changed in ({"tier_id": "silver"}, {"member": other}):
            refused = sets(office, MANAGER, key="key-of-the-tier", **changed)
            assert answered(refused)["code"] == "idempotency-key-reused"

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"tier_id": "platinum"}, "/tier_id"),
            ({"valid_until": None}, "/valid_until"),
            ({"valid_until": "2026-12-15"}, "/valid_until"),
            ({"tier_id": "normal"}, "/valid_until"),
            ({"reason": "because"}, "/reason"),
        ],
    )
    def test_what_cannot_be_is_refused(self, office: Office, body: dict[str, Any], pointer: str) -> None:
        refused = sets(office, **body)
        assert (refused["statusCode"], answered(refused)["errors"][0]["pointer"]) == (422, pointer)
        assert (office.entries(), office.told()) == ([], [])


class TestFreezing:
    def test_entries_of_their_own_move_the_flag_and_sales_still_earn(self, office: Office) -> None:
        assert answered(turns(office, "freeze", "fraud-suspected")) == {"member_id": office.member, "frozen": True}
        assert office.till.sell(a_sale(10_000, occurred_at=office.till.clock()), office.member).points == 100
        assert office.till.account(office.member).frozen
        assert answered(turns(office, "unfreeze", "cleared")) == {"member_id": office.member, "frozen": False}
        assert not office.till.account(office.member).frozen
        assert [entry.kind for entry in office.entries()] == ["frozen", "earned", "unfrozen"]
        assert office.told() == [(f"member.{what}", "zhou", office.member) for what in ("frozen", "unfrozen")]
        assert office.audit() == []

    def test_inv_5_a_flag_that_no_entry_set_is_found(self, office: Office) -> None:
        turns(office, "freeze", "abuse")
        office.till.ledger.client.update_item(
            TableName=office.till.ledger.tables.accounts,
            Key={"id": {"S": office.member}},
            UpdateExpression="REMOVE f",
        )
        assert office.audit() == ["INV-5 frozen is False, its entries make it True"]

    def test_whoever_repeats_it_is_answered_alike_and_nothing_more_is_written(self, office: Office) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: turns(office, "freeze", "abuse"), range(8)))
        assert {answer["statusCode"] for answer in answers} == {200}
        assert len(office.entries()) == len(office.told()) == 1
        assert office.audit() == []

    def test_it_may_happen_any_number_of_times(self, office: Office) -> None:
        for _ in range(2):
            turns(office, "freeze", "lost-device")
            turns(office, "unfreeze", "member-request")
        assert len(office.entries()) == 4
        assert office.audit() == []

    @pytest.mark.parametrize(("what", "reason"), [("freeze", "cleared"), ("unfreeze", "abuse"), ("freeze", "王女士")])
    def test_a_reason_is_one_of_a_list(self, office: Office, what: str, reason: str) -> None:
        assert turns(office, what, reason)["statusCode"] == 422


class TestWhoMay:
    @pytest.mark.parametrize(
        ("claims", "status"),
        [(None, 401), (member_claims(), 403), (CLERK, 403), (staff_claims("ops"), 403), (MANAGER, 200)],
    )
    def test_s1_who_may(self, office: Office, claims: dict[str, str] | None, status: int) -> None:
        assert sets(office, claims)["statusCode"] == status
        assert turns(office, "freeze", "abuse", claims)["statusCode"] == status
        assert turns(office, "unfreeze", "mistake", claims)["statusCode"] == status

    @pytest.mark.parametrize("member", [NOBODY, "mem_1", "x" * 3000, "rdm_00000000000000000000000000"])
    def test_s1_who_is_no_member_is_not_found(self, office: Office, member: str) -> None:
        for answer in (sets(office, member=member), turns(office, "freeze", "abuse", member=member)):
            assert (answer["statusCode"], answered(answer)["code"]) == (404, "member-not-found")

    def test_t11_nobody_does_it_for_themselves(self, office: Office) -> None:
        own = office.people.id_of(office.people.join("zhou"))
        for answer in (
            sets(office, member=own),
            turns(office, "freeze", "abuse", member=own),
            turns(office, "unfreeze", "mistake", member=own),
        ):
            assert (answer["statusCode"], answered(answer)["code"]) == (403, "self-approval")
        assert office.till.account(own).tier == TierState(tier_id="normal")

    def test_a_token_of_some_stores_names_one_of_them(self, office: Office) -> None:
        of_a_store = staff_claims("staff:approve", stores="SH001")
        for body in ({}, {"store_id": "BJ001"}):
            assert answered(sets(office, of_a_store, **body))["code"] == "store-not-allowed"
            assert answered(turns(office, "freeze", "abuse", of_a_store, **body))["code"] == "store-not-allowed"
        assert sets(office, of_a_store, store_id="SH001")["statusCode"] == 200
