"""A process dies at any call of what the staff does; told again, all is as if it had not, once (K1, C6)."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from shared import keys
from shared.runtime.attributes import decode, encode
from tests.builders import Till, a_ladder, a_program, publish
from tests.http_events import answered
from tests.integration.desk.office import CLERK, MANAGER, Office, open_office
from tests.observed import Killed, conflicts, killed

Act = Callable[[], dict[str, Any]]
ADJUSTED_BY_LI = "what li adjusted today"


def within(office: Office, call: int) -> Act:
    return lambda: office.asks(300, CLERK, key=f"key-within-{call}")


def above(office: Office, call: int) -> Act:
    return lambda: office.asks(2_000, CLERK, key=f"key-above-{call}")


def approval(office: Office, _: int) -> Act:
    adjustment = office.waiting(2_000)
    return lambda: office.decides("approve", adjustment)


def rejection(office: Office, _: int) -> Act:
    adjustment = office.waiting(2_000)
    return lambda: office.decides("reject", adjustment)


def refusal(office: Office, call: int) -> Act:
    return lambda: office.asks(-10, CLERK, key=f"key-refused-{call}")


def tier(office: Office, call: int) -> Act:
    body = {"tier_id": "gold", "valid_until": "2027-06-30", "reason": "goodwill"}
    route = f"PUT /v1/admin/members/{office.member}/tier"
    return lambda: office.call(route, MANAGER, key=f"key-tier-{call}", body=body)


def freezing(office: Office, _: int) -> Act:
    route = f"POST /v1/admin/members/{office.member}/freeze"
    return lambda: office.call(route, MANAGER, body={"reason": "abuse"})


STEPS = {
    "within the limit": within,
    "above the limit": above,
    "approval": approval,
    "rejection": rejection,
    "refusal": refusal,
    "tier": tier,
    "freezing": freezing,
}


def end_of(office: Office, answer: dict[str, Any]) -> dict[str, Any]:
    """Give what was answered and what then stands, without what names this member or this request."""
    body, ledger = answered(answer), office.till.ledger
    listed = (one["adjustment"] for one in office.waiting_list())
    key = keys.adjusted_by("li", office.till.clock().date())
    count = ledger.client.get_item(TableName=ledger.tables.members, Key=encode(key._asdict())).get("Item")
    return {
        "answer": (answer["statusCode"], body.get("status"), body.get("decided_by"), body.get("code")),
        "account": (office.points, office.till.account(office.member).frozen),
        "entries": [(entry.kind, entry.details) for entry in office.entries() if entry.kind != "tier_set"],
        "deeds": sorted(what for what, _, _ in office.told()),
        "listed": [one["points"] for one in listed if one["member_id"] == office.member],
        ADJUSTED_BY_LI: decode(count)["p"] if count else 0,
    }


@pytest.fixture
def opened(bare_till: Till) -> Callable[[], Office]:
    """Open offices with nothing done in them, one a day, so that each has a trail and counts of its own."""
    publish(bare_till.ledger, a_program(tiers=a_ladder()))
    first = open_office(bare_till)
    # What is read once per container is read before anybody dies.
    first.asks(1)

    def another() -> Office:
        bare_till.clock.forward(days=1)
        return Office(bare_till, first.people, first.api, bare_till.a_member())

    return another


@pytest.mark.parametrize("answer_lost", [False, True], ids=["never sent", "answer lost"])
@pytest.mark.parametrize("step", STEPS)
def test_k1_killed_at_any_call_and_told_again_the_end_is_the_same(
    opened: Callable[[], Office], step: str, *, answer_lost: bool
) -> None:
    office = opened()
    expected = end_of(office, STEPS[step](office, 0)())
    for call in itertools.count(1):
        office = opened()
        act = STEPS[step](office, call)
        try:
            with killed(office.till.ledger.client, call=call, answer_lost=answer_lost):
                act()
        except Killed:
            assert end_of(office, act()) == expected, call
            assert office.audit() == []
        else:
            break
    assert call > 3


def test_c6_a_third_of_conflicts_changes_nothing(opened: Callable[[], Office]) -> None:
    office = opened()
    with conflicts(office.till.ledger.client, share=0.3) as met:
        for number in range(8):
            office.asks(100, CLERK, key=f"key-{number:08d}")
        office.decides("approve", office.waiting(1_001))
    assert met
    assert office.points == 1_801
    assert office.audit() == []
