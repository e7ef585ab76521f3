"""POST /v1/me: consent first, all or nothing, once. S0-18, S1, C-like races."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.members.dependencies import Dependencies
from shared.members.enrol import Enrolled, Enrolment, Opening, enrol
from shared.runtime.ids import MemberId
from shared.runtime.patience import patience_of_seconds
from shared.runtime.settings import Tables
from tests.http_events import answered, member_claims, staff_claims
from tests.integration.members.conftest import NOW, Send, everything_in

AGREED = {"consents": [{"policy": "privacy", "version": "1"}]}
PHONE = "+8613812345678"


class TestWhoMay:
    @pytest.mark.parametrize(
        ("claims", "status"), [(None, 401), (staff_claims("pos:write"), 403), (member_claims(), 201)]
    )
    def test_s1_only_a_member_enrols(self, send: Send, claims: dict[str, str] | None, status: int) -> None:
        assert send("POST /v1/me", claims=claims, body=AGREED)["statusCode"] == status


class TestConsent:
    @pytest.mark.parametrize(
        "body", [{}, {"consents": []}, {"consents": [{"policy": "news", "version": "1"}]},
                 {"consents": [{"policy": "privacy", "version": "0"}]}]
    )  # fmt: skip
    def test_s0_18_without_it_nothing_is_stored(
        self, send: Send, engine: Any, tables: Tables, body: dict[str, Any]
    ) -> None:
        answer = send("POST /v1/me", claims=member_claims(phone=PHONE), body={"name": "王明", **body})
        assert (answer["statusCode"], answered(answer)["code"]) == (422, "consent-required")
        assert answered(answer)["required"] == [{"policy": "privacy", "version": "1"}]
        assert everything_in(engine, tables.members) == []
        assert everything_in(engine, tables.accounts) == []

    def test_s0_18_its_version_and_instant_are_stored(self, send: Send, engine: Any, tables: Tables) -> None:
        send("POST /v1/me", claims=member_claims(), body=AGREED)
        (profile,) = [item for item in everything_in(engine, tables.members) if item["sk"]["S"] == "PROFILE"]
        (event,) = profile["c"]["L"]
        assert [part for value in event["L"] for part in value.values()] == [
            "privacy",
            "1",
            True,
            "2026-12-16T02:21:00.000Z",
        ]


class TestEnrolling:
    def test_gives_the_new_member(self, send: Send) -> None:
        body = {"name": "王明", "birthday": "1990-05-17", "store_id": "SH001", **AGREED}
        answer = send("POST /v1/me", claims=member_claims(phone=PHONE), body=body)
        assert answer["statusCode"] == 201
        member = answered(answer)
        assert member.pop("id").startswith("mem_")
        assert member == {
            "name": "王明",
            "phone_masked": "138****5678",
            "tier": {"id": "normal", "name": "普通会员", "valid_until": None},
            "balance": {"available": 0, "pending": 0, "held": 0, "debt": 0},
            "expiring": [],
            "enrolled_at": "2026-12-16T02:21:00Z",
        }

    def test_who_is_enrolled_already_gets_the_member(self, send: Send) -> None:
        first = send("POST /v1/me", claims=member_claims(), body={"name": "王明", **AGREED})
        again = send("POST /v1/me", claims=member_claims(), body={"name": "another", **AGREED})
        without_consent = send("POST /v1/me", claims=member_claims(), body={})
        assert [answer["statusCode"] for answer in (first, again, without_consent)] == [201, 200, 200]
        assert answered(first) == answered(again) == answered(without_consent)

    def test_the_same_subject_of_another_issuer_is_another_person(self, send: Send) -> None:
        other = {**member_claims(), "iss": "https://other.example.com"}
        first, second = (send("POST /v1/me", claims=claims, body=AGREED) for claims in (member_claims(), other))
        assert answered(first)["id"] != answered(second)["id"]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"phone": "12345", **AGREED}, "/phone"),
            ({"birthday": "2999-01-01", **AGREED}, "/birthday"),
            ({"birthday": "17.5.1990", **AGREED}, "/birthday"),
            ({"name": "a\x00b", **AGREED}, "/name"),
            ({"name": "  ", **AGREED}, "/name"),
            ({"name": "x" * 10_000, **AGREED}, "/name"),
            ({"store_id": "SH#1", **AGREED}, "/store_id"),
            ({"consents": [{"policy": "privacy"}]}, "/consents/0/version"),
            ({"balance": 500, **AGREED}, "/balance"),
        ],
    )
    def test_a6_refuses_what_is_wrong_and_points_at_it(
        self, send: Send, engine: Any, tables: Tables, body: dict[str, Any], pointer: str
    ) -> None:
        answer = send("POST /v1/me", claims=member_claims(), body=body)
        assert answer["statusCode"] == 422
        assert [error["pointer"] for error in answered(answer)["errors"]] == [pointer]
        assert everything_in(engine, tables.members) == []

    @pytest.mark.parametrize("name", ["王👩‍👩‍👧明", "مريم", "Zo\u0308e"])
    def test_a6_names_of_any_script_come_back_in_one_form(self, send: Send, name: str) -> None:
        answer = send("POST /v1/me", claims=member_claims(), body={"name": name, **AGREED})
        assert answered(answer)["name"] == {"Zo\u0308e": "Zöe"}.get(name, name)


class TestPhones:
    def test_a_proven_phone_leads_a_till_to_the_member(self, send: Send) -> None:
        member = answered(send("POST /v1/me", claims=member_claims(phone=PHONE), body=AGREED))
        found = send("POST /v1/members/lookup", claims=staff_claims("pos:write"), body={"phone": "138 1234 5678"})
        assert answered(found)["member_id"] == member["id"]

    @pytest.mark.parametrize("claims", [member_claims(), member_claims(phone=PHONE, verified=False)])
    def test_a_typed_phone_leads_nobody_anywhere(self, send: Send, claims: dict[str, str]) -> None:
        member = answered(send("POST /v1/me", claims=claims, body={"phone": "13812345678", **AGREED}))
        assert member["phone_masked"] == "138****5678"
        found = send("POST /v1/members/lookup", claims=staff_claims("pos:write"), body={"phone": "13812345678"})
        assert found["statusCode"] == 404

    def test_a_typed_phone_does_not_keep_its_owner_from_enrolling(self, send: Send) -> None:
        send("POST /v1/me", claims=member_claims("thief"), body={"phone": "13812345678", **AGREED})
        owner = send("POST /v1/me", claims=member_claims("owner", phone=PHONE), body=AGREED)
        found = send("POST /v1/members/lookup", claims=staff_claims("pos:write"), body={"phone": "13812345678"})
        assert answered(found)["member_id"] == answered(owner)["id"]

    def test_a_phone_that_is_another_members_is_refused_and_nothing_is_stored(
        self, send: Send, engine: Any, tables: Tables
    ) -> None:
        send("POST /v1/me", claims=member_claims("a", phone=PHONE), body=AGREED)
        before = len(everything_in(engine, tables.members))
        answer = send("POST /v1/me", claims=member_claims("b", phone=PHONE), body=AGREED)
        assert (answer["statusCode"], answered(answer)["code"]) == (409, "reference-taken")
        assert len(everything_in(engine, tables.members)) == before


def test_personal_data_is_in_the_members_table_alone(send: Send, engine: Any, tables: Tables) -> None:
    body = {"name": "王小明", "birthday": "1990-05-17", **AGREED}
    send("POST /v1/me", claims=member_claims("sub-of-wang", phone=PHONE), body=body)
    for table in (tables.accounts, tables.ledger):
        dump = json.dumps(everything_in(engine, table), ensure_ascii=False, default=str)
        assert not any(text in dump for text in ("王小明", "13812345678", "1990-05-17", "sub-of-wang"))


def test_references_are_stored_as_hashes(send: Send, engine: Any, tables: Tables) -> None:
    send("POST /v1/me", claims=member_claims("sub-of-wang", phone=PHONE), body=AGREED)
    references = [item for item in everything_in(engine, tables.members) if item["sk"]["S"] == "REF"]
    assert sorted(item["k"]["S"] for item in references) == ["phone", "subject"]
    assert not any(text in json.dumps(references) for text in ("138", "sub-of-wang"))


def test_s7_no_log_line_holds_personal_data(send: Send, capsys: pytest.CaptureFixture[str]) -> None:
    claims = member_claims("sub-of-wang", phone=PHONE)
    send("POST /v1/me", claims=claims, body={"name": "王小明", "birthday": "1990-05-17", **AGREED})
    send("POST /v1/members/lookup", claims=staff_claims("pos:write"), body={"phone": "13812345678"})
    send("POST /v1/members/lookup", claims=staff_claims("pos:write"), body={"card": "VIP8888"})
    send("PATCH /v1/me", claims=claims, body={"birthday": "1991-01-01"})
    lines = capsys.readouterr().err
    assert lines.count("\n") == 4
    assert not any(
        text in lines for text in ("王小明", "1381234", "1990-05-17", "1991-01-01", "sub-of-wang", "VIP8888")
    )


def test_two_enrolments_at_once_make_one_member(built: Dependencies, engine: Any, tables: Tables) -> None:
    """Two devices of one person, fifty times: one member each time, and both devices see that one.

    The use case runs in threads and not the API, which serves one request at a time.
    """
    for number in range(50):
        enrolment = Enrolment(
            identity=f"iss|{number}", proven_phone=f"+86138{number:08d}", consents=built.required_consents
        )
        with ThreadPoolExecutor(2) as devices:
            both = list(devices.map(lambda _, one=enrolment: _enrol(built, one), range(2)))
        assert sorted(enrolled.is_new for enrolled in both) == [False, True]
        assert len({enrolled.overview.profile.member_id for enrolled in both}) == 1
    profiles = [item for item in everything_in(engine, tables.members) if item["sk"]["S"] == "PROFILE"]
    assert (len(everything_in(engine, tables.accounts)), len(profiles)) == (50, 50)


def _enrol(built: Dependencies, enrolment: Enrolment) -> Enrolled:
    opening = Opening(member_id=MemberId(built.new_id("mem")), at=NOW, enrolled_on=NOW.date(), tier_id="normal")
    return enrol(
        built.members,
        built.welcome(patience_of_seconds(5)),
        enrolment,
        opening,
        required=built.required_consents,
        patience=patience_of_seconds(5),
    )
