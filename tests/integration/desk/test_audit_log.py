"""`GET /v1/admin/audit-log`: what the staff did, as ops and approvers read it (T11, T25, S1, A4)."""

from datetime import timedelta
from typing import Any

import pytest

from shared.ledger.store import Ledger
from shared.runtime.transactions import commit
from shared.trail.deeds import Deed, What
from shared.trail.store import Trail, recording
from tests.builders import NOW, HandClock, patience
from tests.http_events import LambdaContext, answered, http_event, member_claims, staff_claims
from tests.integration.desk.office import desk_api

ROUTE = "GET /v1/admin/audit-log"
DAY = NOW.date().isoformat()
ANNA, BEN = "mem_00000000000000000000000001", "mem_00000000000000000000000002"
OPS = staff_claims("ops")


class Log:
    def __init__(self, ledger: Ledger) -> None:
        self.trail = Trail(client=ledger.client, table=ledger.tables.ledger)
        self._api = desk_api(ledger, HandClock())

    def record(self, number: int, member_id: str = "", store_id: str = "") -> None:
        deed = Deed(
            what=What.TIER_SET,
            at=NOW + timedelta(seconds=number),
            who="zhou",
            about=f"tsr_{number}",
            member_id=member_id,
            store_id=store_id,
        )
        commit(self.trail.client, [recording(deed, table=self.trail.table)], patience())

    def ask(self, claims: dict[str, str] | None = OPS, **query: str) -> dict[str, Any]:
        return self._api.resolve(http_event(ROUTE, claims=claims, query={"day": DAY, **query}), LambdaContext())

    def read(self, claims: dict[str, str] = OPS, **query: str) -> list[str]:
        return [one["about"] for one in answered(self.ask(claims, **query))["items"]]


@pytest.fixture
def log(ledger: Ledger) -> Log:
    log = Log(ledger)
    for number in range(7):
        log.record(number, member_id=(ANNA, BEN)[number % 2], store_id=("", "SH001", "BJ001")[number % 3])
    return log


def test_each_line_says_when_what_who_and_about_whom(log: Log) -> None:
    answer = log.ask(limit="1")
    assert answer["statusCode"] == 200
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert answered(answer)["items"] == [
        {
            "at": "2026-12-16T02:21:09.120000Z",
            "what": "tier.set",
            "who": "zhou",
            "about": "tsr_6",
            "member_id": ANNA,
            "store_id": None,
            "why": None,
        }
    ]


def test_the_deeds_of_a_day_newest_first_and_those_of_one_member(log: Log) -> None:
    assert log.read() == [f"tsr_{number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert log.read(member_id=BEN) == ["tsr_5", "tsr_3", "tsr_1"]
    assert log.read(day="2026-12-15") == []


def test_a_token_of_some_stores_sees_what_was_done_for_them_alone(log: Log) -> None:
    assert log.read(staff_claims("staff:approve", stores="SH001")) == ["tsr_4", "tsr_1"]
    assert log.read(staff_claims("staff:approve", stores="*")) == log.read()


def test_a4_pages_follow_one_another_while_more_is_done(log: Log) -> None:
    read: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = answered(log.ask(OPS, limit="2", member_id=ANNA, **cursor))
        read += [one["about"] for one in page["items"]]
        log.record(100 + len(read), member_id=ANNA)
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert read == ["tsr_6", "tsr_4", "tsr_2", "tsr_0"]


def test_a4_a_cursor_serves_only_whom_and_what_it_was_given_for(log: Log) -> None:
    cursor = answered(log.ask(limit="2"))["next_cursor"]
    for claims, query in (
        (staff_claims("ops", subject="another"), {}),
        (OPS, {"member_id": ANNA}),
        (OPS, {"day": "2026-12-15"}),
    ):
        refused = log.ask(claims, limit="2", cursor=cursor, **query)
        assert (refused["statusCode"], answered(refused)["code"]) == (400, "bad-cursor")


@pytest.mark.parametrize("query", [{"day": ""}, {"day": "yesterday"}, {"day": "1999-12-31"}, {"member_id": "x#y"}])
def test_what_can_be_no_day_or_member_is_refused(log: Log, query: dict[str, str]) -> None:
    assert log.ask(OPS, **query)["statusCode"] == 422


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        (None, 401),
        (member_claims(), 403),
        (staff_claims("staff:read"), 403),
        (staff_claims("staff:adjust"), 403),
        (staff_claims("pos:write"), 403),
        (staff_claims("staff:approve"), 200),
        (OPS, 200),
    ],
)
def test_s1_who_may_read_it(log: Log, claims: dict[str, str] | None, status: int) -> None:
    assert log.ask(claims)["statusCode"] == status
