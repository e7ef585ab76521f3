"""Several containers at once on one receipt, or on one member: nothing is overlooked, nothing is lost (E1, C3, C6)."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from shared.earning.events import ReturnEvent
from shared.earning.outcomes import Outcome
from shared.earning.sale import Sale
from shared.errors import BusyError
from shared.runtime.patience import Patience
from tests.builders import Till, a_program, a_refund, a_sale, a_void, months, patience, per_yuan, publish
from tests.containers import Containers
from tests.observed import conflicts, interrupted
from tests.profile import FULL

RACES = 200 if FULL else 50
WORKERS = 32
OPERATIONS_EACH = 40 if FULL else 6


def at_once(acts: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
    """Let everybody act at the same moment, each in a thread of its own."""
    gate = Barrier(len(acts))

    def act(one: Callable[[], Outcome]) -> Outcome:
        gate.wait()
        return one()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(act, acts))


def test_two_refunds_at_the_same_instant_never_overlook_each_other(till: Till, containers: Containers) -> None:
    """219.00 are worth 21, 9.00 less 21, 18.00 less 20: whoever is second takes a point, whichever it is."""
    one, other = containers(till, 2)
    for race in range(RACES):
        member, receipt = till.a_member(), f"T-{race}"
        till.sell(a_sale(21_900, receipt_id=receipt), member)
        outcomes = at_once(
            [
                lambda receipt=receipt: one.take_back(a_refund(900, refund_id="A", receipt_id=receipt)),  # type: ignore[misc]
                lambda receipt=receipt: other.take_back(a_refund(900, refund_id="B", receipt_id=receipt)),  # type: ignore[misc]
            ]
        )
        assert sorted(outcome.points for outcome in outcomes) == [-1, 0]
        assert till.balance(member) == (20, 0, 0, 0)
        assert till.audit(member) == []


PAIRS: list[tuple[str, ReturnEvent, ReturnEvent, int]] = [
    ("two refunds", a_refund(900, refund_id="A"), a_refund(900, refund_id="B"), 20),
    ("a refund and a void", a_refund(900, refund_id="A"), a_void(), 0),
    ("the same refund", a_refund(900, refund_id="A"), a_refund(900, refund_id="A"), 21),
    ("the same void", a_void(), a_void(), 0),
]


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("one", "other", "left"), [row[1:] for row in PAIRS], ids=[row[0] for row in PAIRS])
def test_a_return_between_any_two_calls_of_another_is_not_overlooked(
    till: Till,
    containers: Containers,
    one: ReturnEvent,
    other: ReturnEvent,
    left: int,
    *,
    turned: bool,
    call: int,
) -> None:
    """Before each of the first one's calls the other one is recorded whole, in both orders."""
    first, second = (other, one) if turned else (one, other)
    (second_till,) = containers(till, 1)
    member = till.a_member()
    till.sell(a_sale(21_900), member)
    with interrupted(till.ledger.client, call=call, by=lambda: second_till.take_back(second)):
        till.take_back(first)
    assert till.balance(member) == (left, 0, 0, 0)
    assert till.audit(member) == []


EVENTS: list[tuple[str, Sale | ReturnEvent]] = [
    ("the same sale", a_sale(21_900)),
    ("another sale", a_sale(5_000, receipt_id="T-2")),
    ("its refund", a_refund(900)),
    ("its void", a_void()),
]


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("parked", [False, True], ids=["", "with a parked return"])
@pytest.mark.parametrize("event", [row[1] for row in EVENTS], ids=[row[0] for row in EVENTS])
def test_an_event_between_any_two_calls_of_a_sale_is_not_overlooked(
    till: Till, containers: Containers, event: Sale | ReturnEvent, *, parked: bool, call: int
) -> None:
    (second_till,) = containers(till, 1)
    member = till.a_member()
    if parked:
        till.take_back(a_refund(900, refund_id="early"))
    with interrupted(till.ledger.client, call=call, by=lambda: second_till.tell(event, member)):
        till.sell(a_sale(21_900), member)
    second_till.tell(event, member)
    worth = 0 if event == a_void() else 20 if parked and event == a_refund(900) else 21
    more = 5 if event.receipt_id == "T-2" else 0
    assert till.balance(member) == (worth + more, 0, 0, 0)
    assert till.audit(member) == []


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("event", [row[1] for row in EVENTS], ids=[row[0] for row in EVENTS])
def test_an_event_between_any_two_calls_of_a_guests_sale_is_not_overlooked(
    till: Till, containers: Containers, event: Sale | ReturnEvent, call: int
) -> None:
    (second_till,) = containers(till, 1)
    with interrupted(till.ledger.client, call=call, by=lambda: second_till.tell(event, None)):
        assert till.sell(a_sale(21_900), None).result == "ignored"
    assert second_till.tell(event, None).result == "ignored"


def test_c3_earning_and_refunding_on_one_member_loses_nothing(bare_till: Till, containers: Containers) -> None:
    """C3: 32 workers on one member, each with its own container; afterwards the account equals its entries."""
    till = bare_till
    publish(till.ledger, a_program(per_yuan(), expire=months(12)))
    member = till.a_member()

    def work(worker: Till, number: int) -> int:
        worker.patience = partial(patience, 150)  # nobody gives up, however often the other 31 are first
        chance = random.Random(number)  # noqa: S311 a test repeats itself by its seed
        points = 0
        for operation in range(OPERATIONS_EACH):
            receipt = f"T-{number}-{operation}"
            yuan = chance.randrange(1, 200)
            points += worker.sell(a_sale(yuan * 100, receipt_id=receipt), member).points
            if chance.random() < 0.4:
                back = chance.randrange(1, yuan + 1)
                points += worker.take_back(a_refund(back * 100, receipt_id=receipt)).points
        return points

    with ThreadPoolExecutor(WORKERS) as threads:
        told = sum(threads.map(work, containers(till, WORKERS), range(WORKERS)))
    assert till.available(member) == told
    assert till.audit(member) == []


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_c6_conflicts_on_a_third_of_all_transactions_change_nothing(till: Till, code: str) -> None:
    member = till.a_member()
    with conflicts(till.ledger.client, share=0.3, code=code) as happened:
        for number in range(40):
            till.sell(a_sale(receipt_id=f"T-{number}"), member)
            till.take_back(a_refund(3_000, receipt_id=f"T-{number}"))
    assert len(happened) > 10
    assert till.balance(member) == (280, 0, 0, 0)
    assert till.audit(member) == []


def test_c6_conflicts_without_end_are_answered_busy_in_time_and_change_nothing(till: Till) -> None:
    member = till.a_member()
    before = till.everything()
    remaining = iter(range(5_000, 0, -100))
    till.patience = lambda: Patience(remaining_ms=lambda: next(remaining), sleep=lambda _seconds: None)
    with conflicts(till.ledger.client, share=1), pytest.raises(BusyError):
        till.sell(a_sale(), member)
    assert next(remaining) >= 200
    assert till.everything() == before


def test_c6_a_failed_condition_is_never_tried_again_blindly(till: Till, containers: Containers) -> None:
    """The account moved once: the sale is decided a second time, with two calls, and not a third time."""
    (other,) = containers(till, 1)
    member = till.a_member()
    calls: list[str] = []
    till.ledger.client.meta.events.register("before-call.dynamodb", lambda model, **_others: calls.append(model.name))
    with interrupted(till.ledger.client, call=4, by=lambda: other.sell(a_sale(receipt_id="T-2"), member)):
        till.sell(a_sale(receipt_id="warm"), member)
        calls.clear()
        till.sell(a_sale(), member)
    assert calls.count("TransactWriteItems") <= 2
    assert till.available(member) == 30
