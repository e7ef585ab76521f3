"""Who asks. S1: what a token lets its bearer do."""

from typing import Any

import pytest

from shared.errors import RedemptionNotFoundError, ScopeMissingError, StoreNotAllowedError, TokenMissingError
from shared.http.principals import Principal, principal_of
from tests.http_events import ISSUER, MEMBER_CLIENT, http_event, member_claims, staff_claims


def read(claims: dict[str, str] | None) -> Principal:
    return principal_of(http_event("GET /v1/me", claims=claims), MEMBER_CLIENT)


def test_reads_subject_issuer_and_scopes_without_their_prefix() -> None:
    principal = read(staff_claims("pos:write", "pos:redeem"))
    assert principal.scopes == {"pos:write", "pos:redeem"}
    assert principal.identity == f"{ISSUER}|staff-1"


@pytest.mark.parametrize("claims", [None, {}, {"sub": "a"}, {"iss": "a"}, {"sub": "", "iss": "a"}])
def test_s1_without_subject_and_issuer_there_is_no_token(claims: dict[str, str] | None) -> None:
    with pytest.raises(TokenMissingError):
        read(claims)


@pytest.mark.parametrize("authorizer", [None, {}, {"jwt": None}, {"lambda": {"sub": "a", "iss": "b"}}])
def test_s1_only_claims_of_the_jwt_authorizer_count(authorizer: Any) -> None:
    with pytest.raises(TokenMissingError):
        principal_of({"requestContext": {"authorizer": authorizer}}, MEMBER_CLIENT)


@pytest.mark.parametrize(
    ("claims", "is_member"),
    [
        ({"client_id": MEMBER_CLIENT}, True),
        ({"aud": MEMBER_CLIENT}, True),
        ({"aud": f"[{MEMBER_CLIENT} other]"}, True),
        ({"client_id": "staff-app"}, False),
        ({"aud": MEMBER_CLIENT + "x"}, False),
        ({"scope": "jifen/member"}, True),
        ({}, False),
    ],
)
def test_s1_the_member_app_speaks_for_members(claims: dict[str, str], *, is_member: bool) -> None:
    principal = read({"sub": "a", "iss": "b", **claims})
    assert ("member" in principal.scopes) is is_member


def test_s1_without_a_configured_client_nobody_is_a_member_by_client() -> None:
    principal = principal_of(http_event("GET /v1/me", claims={"sub": "a", "iss": "b", "client_id": ""}), "")
    assert principal.scopes == frozenset()


def test_s1_a_scope_that_only_looks_alike_is_another_one() -> None:
    principal = read({"sub": "a", "iss": "b", "scope": "other/ops jifen/staff:readx"})
    with pytest.raises(ScopeMissingError):
        principal.require("ops", "staff:read")


@pytest.mark.parametrize(
    ("stores", "allowed", "refused"),
    [
        (None, ["SH001", "SH002"], []),
        ("SH001", ["SH001"], ["SH002", "SH0011", ""]),
        ("SH001 SH002", ["SH001", "SH002"], ["SH003"]),
        ("SH001,SH002", ["SH001", "SH002"], ["SH003"]),
        ("[SH001 SH002]", ["SH001", "SH002"], ["SH003"]),
        ("*", ["SH001", "anything"], []),
        ("", [], ["SH001", ""]),
        ("[]", [], ["SH001"]),
    ],
)
def test_s1_the_token_limits_the_stores(stores: str | None, allowed: list[str], refused: list[str]) -> None:
    principal = read(staff_claims("pos:redeem", stores=stores))
    assert all(principal.may_use(store) for store in allowed)
    for store in refused:
        with pytest.raises(StoreNotAllowedError):
            principal.require_store(store)


def test_s1_an_object_of_another_store_is_as_if_it_were_not_there() -> None:
    with pytest.raises(RedemptionNotFoundError):
        read(staff_claims("pos:redeem", stores="SH001")).require_own("SH002", RedemptionNotFoundError)


@pytest.mark.parametrize(
    ("claims", "phone"),
    [
        (member_claims(phone="+8613812345678"), "+8613812345678"),
        (member_claims(phone="+8613812345678", verified=False), None),
        ({**member_claims(), "phone_number": "+8613812345678"}, None),
        (member_claims(), None),
    ],
)
def test_only_a_verified_phone_is_a_phone(claims: dict[str, str], phone: str | None) -> None:
    assert read(claims).phone == phone
