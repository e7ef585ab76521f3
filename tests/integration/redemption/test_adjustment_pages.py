"""What a member sees of an adjustment: the reason, and what staff wrote for the member (F29, S2-20)."""

import pytest

from functions.queries.dependencies import Dependencies
from shared.adjustments.adjustment import Notes, Reason
from shared.adjustments.adjustment_store import Adjustments
from shared.adjustments.request_adjustment import Adjusting, Wanted, request_adjustment
from shared.program.store import write_chain
from shared.program.stores import Chain, Store
from shared.tiers.time_rules import TimeRules
from shared.trail.actor import Actor
from tests.http_events import staff_claims
from tests.integration.redemption.conftest import Get
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World

ADJUSTMENT = "adj_00000000000000000000000001"
CLERK = Actor(by="li")
ENTRIES, ENTRY = "GET /v1/me/entries", "GET /v1/me/entries/{id}"


def adjust(world: World, queries: Dependencies, member_id: str, **notes: str) -> None:
    client, table = world.ledger.client, world.ledger.tables.ledger
    write_chain(Chain(stores=(Store(id="SH001", name="上海人民广场店"),)), client=client, table=table)
    rules = TimeRules(programs=queries.programs, ledger=world.ledger)
    adjusting = Adjusting(adjustments=Adjustments(ledger=world.ledger), rules=rules, clock=world.clock)
    wanted = Wanted(
        adjustment_id=ADJUSTMENT,
        digest="",
        member_id=member_id,
        store_id="SH001",
        points=-20,
        reason=Reason.CORRECTION,
        notes=Notes(internal="counted twice", **notes),
        valid_through=None,
    )
    request_adjustment(wanted, CLERK, adjusting, world.patience)


@pytest.mark.parametrize(
    ("language", "text"), [("zh-CN", "积分调整：更正差错"), ("en", "Points adjusted: a mistake put right")]
)
def test_a_line_says_why_and_the_entry_what_was_written_for_the_member(
    get: Get, people: People, world: World, queries: Dependencies, language: str, text: str
) -> None:
    ann, headers = people.join("ann", 100), {"accept-language": language}
    adjust(world, queries, people.id_of(ann), customer="小票重复入账，已更正")

    line, _ = get(ENTRIES, ann, headers=headers)["items"]
    detail = get(ENTRY, ann, id=line["id"], headers=headers)

    assert (line["kind"], line["points"], line["text"]) == ("adjusted", -20, text)
    assert line["source"] == {"type": "adjustment", "id": ADJUSTMENT}
    assert detail["explain"] == [{"kind": "note", "text": "小票重复入账，已更正"}]
    assert "counted twice" not in str((line, detail))


def test_without_such_a_note_the_reason_is_all_there_is(
    get: Get, people: People, world: World, queries: Dependencies
) -> None:
    ann = people.join("ann", 100)
    adjust(world, queries, people.id_of(ann))
    line, _ = get(ENTRIES, ann)["items"]
    assert get(ENTRY, ann, id=line["id"])["explain"] == []


def test_staff_sees_who_answers_for_it(get: Get, people: People, world: World, queries: Dependencies) -> None:
    member_id = people.id_of(people.join("ann", 100))
    adjust(world, queries, member_id)
    line, _ = get("GET /v1/admin/members/{id}/entries", staff_claims("staff:read"), id=member_id)["items"]
    assert (line["author"], line["approver"], line["reason"]) == ("li", None, "correction")
