"""Claims of receipts as the app and the staff's console make them. S0-19, S1."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.activities import claim_routes
from shared.earning.claim_tries import MOST_TRIES
from shared.http.api import build_api
from shared.members.store import Members
from tests.activities import activities_of
from tests.builders import Till, a_program, a_sale, container, per_yuan, publish
from tests.http_events import MEMBER_CLIENT, LambdaContext, answered, http_event, staff_claims
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World

MINE = "POST /v1/me/receipt-claims"
RECEIPT = {"store_id": "SH001", "receipt_id": "T-1001", "total": 21_900}
Call = Callable[..., dict[str, Any]]


@pytest.fixture
def people(bare_till: Till) -> People:
    ledger = bare_till.ledger
    publish(ledger, a_program(per_yuan(1, 10)))
    bare_till.sell(a_sale(21_900), None)
    return People(World(ledger), Members(client=ledger.client, tables=ledger.tables, key=b"k" * 32))


@pytest.fixture
def call(people: People, bare_till: Till) -> Call:
    built = activities_of(people.members, container(bare_till.ledger, bare_till.clock))
    api = build_api([claim_routes.routes], built=built, member_client_id=MEMBER_CLIENT)
    return lambda route, **details: api.resolve(http_event(route, **details), LambdaContext())


def by_staff(people: People, claims: dict[str, str]) -> str:
    return f"POST /v1/admin/members/{people.id_of(claims)}/receipt-claims"


def test_a_member_claims_a_receipt_and_is_told_why_it_gave_so_much(call: Call, people: People) -> None:
    lin = people.join("lin")
    first, second = call(MINE, claims=lin, body=RECEIPT), call(MINE, claims=lin, body=RECEIPT)
    assert (first["statusCode"], second["statusCode"]) == (201, 200)
    assert answered(first) == answered(second)
    told = answered(first)
    assert (told["points"], told["points_pending"], bool(told["explain"])) == (21, 0, True)


def test_whoever_guesses_is_told_the_same_whatever_there_is_and_then_to_wait(call: Call, people: People) -> None:
    lin, zhao = people.join("lin"), people.join("zhao")
    call(MINE, claims=lin, body=RECEIPT)
    answers = [
        call(MINE, claims=zhao, body=RECEIPT | more)
        for more in ({}, {"total": 1}, {"receipt_id": "T-9"}, {"store_id": "SH9"})
    ]
    told = [{**answered(answer), "request_id": ""} for answer in answers]
    assert [(one["status"], one["code"]) for one in told] == [(404, "receipt-not-found")] * 4
    assert told == [told[0]] * 4
    for _ in range(MOST_TRIES - 4):
        call(MINE, claims=zhao, body=RECEIPT)
    limited = call(MINE, claims=zhao, body=RECEIPT)
    assert (limited["statusCode"], answered(limited)["code"]) == (429, "rate-limited")
    assert int(limited["headers"]["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("scope", "stores", "status", "code"),
    [
        ("staff:read", None, 403, "scope-missing"),
        ("staff:adjust", "SH002", 403, "store-not-allowed"),
        ("staff:adjust", "SH001", 201, None),
    ],
)
def test_staff_credit_receipts_of_their_stores(
    scope: str, stores: str | None, status: int, code: str | None, call: Call, people: People
) -> None:
    claims = staff_claims(scope) | ({"stores": stores} if stores else {})
    answer = call(by_staff(people, people.join("lin")), claims=claims, body=RECEIPT)
    assert (answer["statusCode"], answered(answer).get("code")) == (status, code)


def test_staff_do_not_credit_themselves(call: Call, people: People) -> None:
    both = staff_claims("staff:adjust")
    both["sub"] = people.join("clerk")["sub"]
    answer = call(by_staff(people, both), claims=both, body=RECEIPT)
    assert (answer["statusCode"], answered(answer)["code"]) == (403, "self-approval")


def test_nobody_unknown_is_credited(call: Call) -> None:
    route = f"POST /v1/admin/members/mem_{'0' * 26}/receipt-claims"
    answer = call(route, claims=staff_claims("staff:adjust"), body=RECEIPT)
    assert (answer["statusCode"], answered(answer)["code"]) == (404, "member-not-found")
