"""Everything about a referral happens at once, fifty times, and counts once. C7, T7, L12."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.builders import Till, a_sale
from tests.http_events import answered
from tests.integration.earning.club import AGREED, EXTRA, INVITE, JOIN, Club, a_phone, open_club

TAPS = 50


@pytest.fixture
def club(bare_till: Till) -> Club:
    return open_club(bare_till, JOIN, INVITE, EXTRA)


def enrol(club: Club, name: str, code: str) -> dict[str, Any]:
    """Enrol as somebody whose phone is Mei's."""
    return club.tell(club.members, "POST /v1/me", name, AGREED | {"referral_code": code}, phone=a_phone(2))


def test_c7_fifty_taps_on_enrolling_are_one_referral(club: Club) -> None:
    lin = club.joins("lin", 1)
    code = club.code("lin")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: enrol(club, "mei", code), range(TAPS)))
    assert Counter(one["statusCode"] for one in answers) == {201: 1, 200: TAPS - 1}
    (mei,) = {answered(one)["id"] for one in answers}
    assert (club.till.points(lin), sum(club.till.points(mei))) == ([50, 100], 150)
    assert answered(club.tell(club.activities, "GET /v1/me/referral", "lin"))["friends"] == 1
    assert club.audit() == []


def test_c7_t7_fifty_logins_with_one_phone_are_one_friend(club: Club) -> None:
    lin = club.joins("lin", 1)
    code = club.code("lin")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda number: enrol(club, f"mei-{number}", code), range(TAPS)))
    assert Counter(one["statusCode"] for one in answers) == {201: 1, 409: TAPS - 1}
    assert {answered(one).get("code", "") for one in answers} == {"", "reference-taken"}
    assert club.till.points(lin) == [50, 100]
    assert club.audit() == []


def test_c7_of_fifty_orders_at_once_one_is_the_first(club: Club) -> None:
    lin, mei = club.invited()
    tills = [Till(ledger=club.till.ledger, clock=club.till.clock) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: tills[at % 8].sell(a_sale(10_00, receipt_id=f"T-{at}"), mei), range(TAPS)))
    assert club.till.points(lin) == [50, 100, 50]
    assert club.till.available(mei) == 150 + TAPS * 10
    assert club.audit() == []
