"""A process dies at any of its calls, before or after it is sent; the same request again ends as if it had not (K1)."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.earning.events import ReturnEvent
from shared.earning.sale import Sale
from shared.ledger.store import Ledger
from tests.builders import LONG_AGO, NOW, STORE, Till, a_program, a_refund, a_sale, a_void, publish
from tests.observed import Killed, killed

MOST_CALLS = 4

STORIES: list[tuple[str, list[Sale | ReturnEvent], Sale | ReturnEvent]] = [
    ("a sale", [], a_sale()),
    ("a sale over parked returns", [a_refund(3_000), a_refund(500, refund_id="R-2")], a_sale()),
    ("a refund", [a_sale()], a_refund(3_000)),
    ("a void after a refund", [a_sale(), a_refund(3_000)], a_void()),
    ("a parked refund", [], a_refund(3_000)),
    ("a second parked refund", [a_refund(3_000)], a_refund(500, refund_id="R-2")),
]


def outcome_of(till: Till, event: Sale | ReturnEvent, member: str) -> dict[str, Any]:
    answer = dict(till.tell(event, member).to_json("zh"))
    answer["result"] = {"duplicate": "applied"}.get(answer["result"], answer["result"])
    return answer


def fresh(till: Till, place: int, before: list[Sale | ReturnEvent]) -> tuple[str, Callable[[Any], Any]]:
    """Open a member, and move the story to receipts of its own in a store of its own."""
    member = till.a_member()

    def placed(event: Any) -> Any:
        changed = {name: getattr(event, name) for name in event.__dataclass_fields__}
        return type(event)(**(changed | {"store_id": f"{STORE}-{place}"}))

    for event in before:
        till.tell(placed(event), member)
    return member, placed


@pytest.mark.parametrize("answer_lost", [False, True], ids=["never sent", "answer lost"])
@pytest.mark.parametrize(("before", "event"), [row[1:] for row in STORIES], ids=[row[0] for row in STORIES])
def test_k1_killed_at_any_call_and_told_again_the_end_is_the_same(
    till: Till, before: list[Sale | ReturnEvent], event: Sale | ReturnEvent, *, answer_lost: bool
) -> None:
    till.sell(a_sale(receipt_id="warm", store_id="SH000"), till.a_member())
    member, placed = fresh(till, 0, before)
    expected = outcome_of(till, placed(event), member), till.points(member), till.balance(member)
    died = 0
    for call in range(1, MOST_CALLS + 1):
        member, placed = fresh(till, call, before)
        try:
            with killed(till.ledger.client, call=call, answer_lost=answer_lost):
                till.tell(placed(event), member)
        except Killed:
            died += 1
        answer = outcome_of(till, placed(event), member)
        assert _anywhere(answer) == _anywhere(expected[0])
        assert (till.points(member), till.balance(member)) == expected[1:]
        assert till.audit(member) == []
    assert died >= 2


def _anywhere(answer: dict[str, Any]) -> dict[str, Any]:
    """Leave out the entry's id, which names the story's own store."""
    return {name: value for name, value in answer.items() if name != "entry_id"}


def test_k2_killed_twice_and_told_a_third_time_the_end_is_the_same(till: Till) -> None:
    till.sell(a_sale(receipt_id="warm", store_id="SH000"), till.a_member())
    member = till.a_member()
    for _ in range(2):
        with pytest.raises(Killed), killed(till.ledger.client, call=2, answer_lost=True):
            till.sell(a_sale(), member)
    assert till.sell(a_sale(), member).result == "duplicate"
    assert till.points(member) == [10]


def test_nothing_is_written_by_a_process_that_died_before_its_commit(client: Any, ledger: Ledger) -> None:
    till = Till(ledger=Ledger(client=client, tables=ledger.tables))
    publish(ledger, (LONG_AGO, a_program()))
    member = till.a_member()
    till.sell(a_sale(receipt_id="warm", occurred_at=NOW), member)
    before = till.everything()
    with pytest.raises(Killed), killed(client, call=2, answer_lost=False):
        till.sell(a_sale(), member)
    assert till.everything() == before
