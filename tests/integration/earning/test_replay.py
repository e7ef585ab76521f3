"""A sale or a return that is told again: one effect, the same answer (E1, I1, I2, P5)."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from shared.earning.events import ReturnEvent
from shared.earning.outcomes import Outcome
from shared.earning.sale import Sale
from shared.errors import SaleConflictError
from tests.builders import NOW, Till, a_line, a_program, a_refund, a_sale, a_void, publish
from tests.containers import Containers
from tests.observed import observed

NOBODYS = "nobody's"


def told(outcome: Outcome) -> tuple[str, str]:
    """Give the result, and the rest of the body as the bytes that the till gets."""
    body = dict(outcome.to_json("zh"))
    return body.pop("result"), json.dumps(body, ensure_ascii=False)


def in_parallel(tills: Sequence[Till], tell: Callable[[Till], Outcome]) -> list[Outcome]:
    with ThreadPoolExecutor(len(tills)) as threads:
        return list(threads.map(tell, tills))


def test_e1_a_sale_told_three_times_has_one_effect_and_one_answer(till: Till) -> None:
    member = till.a_member()
    answers = [told(till.sell(a_sale(), member)) for _ in range(3)]
    assert [result for result, _ in answers] == ["applied", "duplicate", "duplicate"]
    assert len({body for _, body in answers}) == 1
    assert till.points(member) == [10]


def test_e1_a_sale_told_twenty_times_in_parallel_has_one_effect(till: Till, containers: Containers) -> None:
    member = till.a_member()
    outcomes = in_parallel(containers(till, 20), lambda one: one.sell(a_sale(), member))
    answers = [told(outcome) for outcome in outcomes]
    assert sorted(result for result, _ in answers) == ["applied"] + ["duplicate"] * 19
    assert len({body for _, body in answers}) == 1
    assert till.points(member) == [10]
    assert till.audit(member) == []


def test_e1_the_same_receipt_with_another_amount_is_a_conflict_without_points(till: Till) -> None:
    member = till.a_member()
    till.sell(a_sale(10_000), member)
    with pytest.raises(SaleConflictError) as conflict:
        till.sell(a_sale(11_000), member)
    assert conflict.value.fields == {"store_id": "SH001", "receipt_id": "T-1001"}
    assert till.points(member) == [10]


def test_e1_the_same_receipt_for_another_member_is_a_conflict(till: Till) -> None:
    first, second = till.a_member(), till.a_member()
    till.sell(a_sale(), first)
    with pytest.raises(SaleConflictError):
        till.sell(a_sale(), second)
    assert till.points(second) == []


@pytest.mark.parametrize("days", [1, 8, 400])
def test_e1_i2_a_sale_told_again_after_a_long_time_has_no_second_effect(
    till: Till, containers: Containers, days: int
) -> None:
    """E1, I2: told again after a day, after 8, after 400."""
    member = till.a_member()
    first = told(till.sell(a_sale(), member))
    till.clock.forward(days=days)
    assert told(containers(till, 1)[0].sell(a_sale(), member)) == ("duplicate", first[1])
    assert till.points(member) == [10]


def test_e1_a_sale_told_again_after_its_full_refund_has_no_second_effect(till: Till) -> None:
    member = till.a_member()
    first = told(till.sell(a_sale(), member))
    till.take_back(a_refund(10_000))
    assert told(till.sell(a_sale(), member)) == ("duplicate", first[1])
    assert till.points(member) == [10, -10]


def test_a_sale_told_again_in_a_redelivery_with_other_caches_answers_the_same_bytes(
    bare_till: Till, containers: Containers
) -> None:
    """What is answered first comes from the sale, what is answered again from what the ledger keeps of it."""
    till = bare_till
    publish(till.ledger, a_program())
    member = till.a_member(points=3)
    lines = [
        a_line(12_345, "a", category="生鲜", tags=("当日鲜品",), quantity="0.738"),
        a_line(6_655, "b"),
        a_line(9_900, "c", gift_card=True),
    ]
    sale = a_sale(lines=lines, tenders={"cash": 10_000, "wechat_pay": 18_900})
    first = told(till.sell(sale, member))
    assert told(containers(till, 1)[0].sell(sale, member)) == ("duplicate", first[1])


def test_i1_a_return_told_again_has_one_effect_and_one_answer(till: Till) -> None:
    member = till.a_member()
    till.sell(a_sale(), member)
    for event in (a_refund(3_000, refund_id="R-1"), a_refund(lines={"1": 1_000}, refund_id="R-2"), a_void()):
        first, *others = [told(till.take_back(event)) for _ in range(3)]
        assert first[0] == "applied"
        assert others == [("duplicate", first[1])] * 2
    assert till.points(member) == [10, -3, -1, -6]


def test_a_return_told_again_after_later_returns_answers_what_it_answered_then(
    till: Till, containers: Containers
) -> None:
    member = till.a_member()
    till.sell(a_sale(), member)
    events = [a_refund(3_000, refund_id="R-1"), a_refund(2_000, refund_id="R-2"), a_void(), a_refund(1, refund_id="R")]
    first = [told(till.take_back(event)) for event in events]
    till.clock.forward(days=400)
    again = [told(containers(till, 1)[0].take_back(event)) for event in events]
    assert again == [("duplicate", body) for _, body in first]


def test_the_same_refund_id_with_another_amount_is_a_conflict(till: Till) -> None:
    member = till.a_member()
    till.sell(a_sale(), member)
    till.take_back(a_refund(3_000))
    with pytest.raises(SaleConflictError):
        till.take_back(a_refund(3_001))
    assert till.points(member) == [10, -3]


def test_the_same_parked_refund_id_with_another_amount_is_a_conflict(till: Till) -> None:
    till.take_back(a_refund(3_000))
    with pytest.raises(SaleConflictError):
        till.take_back(a_refund(3_001))


STORY: list[Sale | ReturnEvent] = [
    a_sale(),
    a_refund(3_000),
    a_void(),
    a_refund(100, receipt_id="early"),
    a_sale(receipt_id="early"),
    a_sale(receipt_id=NOBODYS),
    a_refund(100, receipt_id=NOBODYS),
]


def tell(till: Till, event: Sale | ReturnEvent, member: str) -> Outcome:
    return till.tell(event, None if event.receipt_id == NOBODYS else member)


@pytest.mark.parametrize("times", [1, 2, 10, 100])
def test_i1_a_story_told_any_number_of_times_serially_is_told_once(till: Till, times: int) -> None:
    member = till.a_member()
    for event in STORY:
        results = [tell(till, event, member).result for _ in range(times)]
        assert set(results) <= {"applied", "duplicate", "parked", "ignored"}
    assert till.points(member) == [10, -3, -7, 10, -1]
    assert till.audit(member) == []


def test_i1_a_story_told_fifty_times_concurrently_is_told_once(till: Till, containers: Containers) -> None:
    member = till.a_member()
    tills = containers(till, 50)
    for event in STORY:
        outcomes = in_parallel(tills, partial(tell, event=event, member=member))
        assert [outcome.result for outcome in outcomes].count("applied") <= 1
        assert len({told(outcome)[1] for outcome in outcomes}) == 1
    assert till.points(member) == [10, -3, -7, 10, -1]
    assert till.audit(member) == []


def test_p5_a_replay_changes_no_item_and_costs_no_more_than_the_first(till: Till) -> None:
    member = till.a_member()
    for event in STORY:
        with observed(till.ledger.client) as first:
            tell(till, event, member)
        before = till.everything()
        with observed(till.ledger.client) as again:
            tell(till, event, member)
        assert till.everything() == before
        assert len(again.calls) <= len(first.calls)
        assert again.write_units <= first.write_units


def test_a_known_sale_is_told_apart_from_a_late_one(till: Till) -> None:
    """A redelivery outside the claim window is a duplicate; other content outside it is a conflict, not a review."""
    member = till.a_member()
    till.sell(a_sale(), member)
    till.clock.forward(days=31)
    with pytest.raises(SaleConflictError):
        till.sell(a_sale(11_000), member)


def test_a_guests_sale_told_again_is_answered_the_same(till: Till) -> None:
    answers = [told(till.sell(a_sale(), None)) for _ in range(3)]
    assert answers == [("ignored", json.dumps({"reason": "guest"}))] * 3


@pytest.mark.parametrize("other", [{"occurred_at": NOW.replace(microsecond=121000)}, {"currency": "HKD"}])
def test_a_sale_that_differs_in_anything_is_a_conflict(till: Till, other: dict[str, Any]) -> None:
    till.sell(a_sale(), None)
    with pytest.raises(SaleConflictError):
        till.sell(a_sale(**other), None)
