"""Pages, continuations, crashes, poison, redrive: whatever happens to a message, a lot lapses once. Q1, Q2, Q5."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from functions.sweep_worker.records import take_batch
from shared.errors import DependencyUnavailableError
from shared.ledger.entries import EntryKind
from shared.runtime import telemetry
from shared.runtime.attributes import Item, encode
from shared.runtime.patience import Patience
from shared.sweeps.due import Due, Worker
from shared.sweeps.queue import NotSentError
from shared.sweeps.tasks import Kind, read_task
from shared.sweeps.work import MOST_LEFT, Sweeping
from tests.builders import a_sale, shanghai
from tests.integration.sweeps.conftest import MakeSweeps
from tests.integration.sweeps.world import A_MINUTE_MS, MAX_RECEIVES, Sweeps, time_for
from tests.observed import Killed, conflicts, killed

RUN_AT = "2027-01-12 00:05"
POISON = '{"kind": "expiry", "at": "2027-01-11T16:05:00Z", "segment": "poison"}'


def a_crowd(sweeps: Sweeps, members: int, *, due: int | None = None) -> list[str]:
    """Open accounts of a point each; those beyond the ones that are due buy five days later."""
    till = sweeps.till
    crowd = [till.a_member(member_id=f"mem_{at:03d}") for at in range(members)]
    for at, member in enumerate(crowd):
        if at == due:
            till.clock.now = shanghai("2027-01-06 12:00")
        till.sell(a_sale(100, receipt_id=member, occurred_at=till.clock()), member)
    till.clock.now = shanghai(RUN_AT)
    return crowd


def kinds(sweeps: Sweeps, member: str) -> list[EntryKind]:
    assert sweeps.till.audit(member) == []
    return [entry.kind for entry in sweeps.till.entries(member)]


LAPSED_ONCE = ["earned", "expired"]


def test_a_segment_is_worked_off_page_by_page(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of(page_accounts=4)
    crowd = a_crowd(sweeps, 10)
    sweeps.fire("expiry", RUN_AT)
    sweeps.drain()
    assert sweeps.deliveries == 3
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)


def test_a_page_that_is_larger_than_a_run_goes_on_by_itself(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of()
    crowd = a_crowd(sweeps, 10)
    sweeps.fire("expiry", RUN_AT)
    done = []
    while sweeps.sqs.waiting:
        assert sweeps.deliver(remaining_ms=time_for(3)) == []
        done.append(sum(kinds(sweeps, member) == LAPSED_ONCE for member in crowd))
    assert done == [3, 6, 9, 10]


def test_a_run_without_time_for_anybody_does_not_lose_its_page(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of()
    crowd = a_crowd(sweeps, 3)
    sweeps.fire("expiry", RUN_AT)
    assert len(sweeps.deliver(remaining_ms=lambda: 0)) == 1
    sweeps.drain()
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)


@pytest.mark.parametrize("answer_lost", [False, True])
def test_a_worker_that_dies_at_any_call_is_made_good(sweeps_of: MakeSweeps, answer_lost: bool) -> None:  # noqa: FBT001
    """K1 for a sweep: it dies before or after any of its calls, between pages too, and the message comes again."""
    calls = 0
    died = True
    while died:
        calls += 1
        sweeps = sweeps_of(page_accounts=2)
        crowd = a_crowd(sweeps, 5, due=3)
        sweeps.fire("expiry", RUN_AT)
        try:
            with killed(sweeps.till.ledger.client, call=calls, answer_lost=answer_lost):
                sweeps.drain()
            died = False
        except Killed:
            sweeps.drain()
        assert [kinds(sweeps, member) for member in crowd] == [LAPSED_ONCE] * 3 + [["earned"]] * 2
    assert calls > 6


def test_a_worker_that_dies_after_it_sent_what_is_left(sweeps_of: MakeSweeps) -> None:
    """The same segment then goes on twice, which costs a scan and changes nothing."""
    sweeps = sweeps_of(page_accounts=2)
    crowd = a_crowd(sweeps, 6)
    sweeps.fire("expiry", RUN_AT)
    (first,) = sweeps.sqs.take(1)
    sweeps.sqs.give_back([replace(first)])
    sweeps.deliver()
    sweeps.sqs.give_back([first])
    sweeps.drain(most=3)
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)


def test_what_the_queue_does_not_take_is_not_lost(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of(page_accounts=2)
    crowd = a_crowd(sweeps, 4)
    sweeps.fire("expiry", RUN_AT)
    sweeps.sqs.refuses = True
    assert len(sweeps.deliver()) == 1
    with pytest.raises(NotSentError):
        sweeps.fire("expiry", RUN_AT)
    sweeps.sqs.refuses = False
    sweeps.drain()
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)


def test_q1_of_ten_messages_one_is_poison(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of(segments=9)
    crowd = a_crowd(sweeps, 30)
    sweeps.fire("expiry", RUN_AT)
    sweeps.sqs.put(POISON)
    assert sweeps.deliver(10) == ["m-10"]
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)
    sweeps.drain()
    assert [(message.body, message.receives) for message in sweeps.sqs.dead] == [(POISON, MAX_RECEIVES)]
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)


def test_q2_the_handler_raises_outside_the_loop(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of(segments=3)
    crowd = a_crowd(sweeps, 12)
    sweeps.fire("expiry", RUN_AT)
    batch = sweeps.sqs.take(3)
    records: list[dict[str, Any]] = [{"messageId": one.id, "body": one.body} for one in batch]
    with pytest.raises(KeyError):
        take_batch([*records, {"body": POISON}], sweeps.worker, Patience(remaining_ms=lambda: A_MINUTE_MS))
    sweeps.sqs.give_back(batch)
    sweeps.drain(most=10)
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)


def spoil(sweeps: Sweeps, member: str) -> dict[str, Any]:
    """Make an account unreadable; give its item as it was."""
    client, table = sweeps.till.ledger.client, sweeps.till.ledger.tables.accounts
    item: dict[str, Any] = client.get_item(TableName=table, Key=encode({"id": member}))["Item"]
    client.put_item(TableName=table, Item={**item, "t": {"S": "gold"}, "a": {"S": "yesterday"}})
    return item


def test_q5_a_member_who_fails_stops_nobody_and_is_redriven(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of(page_accounts=4)
    crowd = a_crowd(sweeps, 10)
    item = spoil(sweeps, "mem_004")
    sweeps.fire("expiry", RUN_AT)
    sweeps.drain()
    assert [json.loads(message.body) for message in sweeps.sqs.dead] == [
        {"kind": "expiry", "at": "2027-01-11T16:05:00Z", "member": "mem_004"}
    ]
    others = [member for member in crowd if member != "mem_004"]
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in others)

    sweeps.till.ledger.client.put_item(TableName=sweeps.till.ledger.tables.accounts, Item=item)
    sweeps.sqs.redrive()
    sweeps.drain()

    assert not sweeps.sqs.dead
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)


def test_q5_what_was_done_meanwhile_is_redriven_without_effect(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of()
    crowd = a_crowd(sweeps, 5)
    sweeps.fire("expiry", RUN_AT)
    sweeps.sqs.dead = sweeps.sqs.take(1)
    sweeps.run("expiry", RUN_AT)
    before = sweeps.till.everything()
    sweeps.sqs.redrive()
    sweeps.drain()
    assert sweeps.till.everything() == before
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)


def test_a_member_who_is_gone_is_nobodys_task(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of()
    sweeps.sqs.put('{"kind": "expiry", "at": "2027-01-11T16:05:00Z", "member": "mem_gone"}')
    assert sweeps.deliver() == []


class Failing(Worker):
    """A worker for whom everybody fails for one reason."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def due(self, at: datetime) -> Due:  # noqa: ARG002 everybody
        return Due("x > :day", {":day": "000000"})

    def handle(self, item: Item, at: datetime, patience: Patience) -> bool:  # noqa: ARG002 everybody
        self.asked += 1
        raise self.error


def with_worker(sweeps: Sweeps, worker: Worker) -> Sweeping:
    return replace(sweeps.worker, workers={Kind.EXPIRY: worker})


def test_what_can_do_nothing_now_asks_once_and_comes_again(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of()
    a_crowd(sweeps, 5)
    sweeps.fire("expiry", RUN_AT)
    worker = Failing(DependencyUnavailableError())
    assert len(sweeps.deliver(built=with_worker(sweeps, worker))) == 1
    assert worker.asked == 1


def test_failures_of_all_are_nobodys_own(sweeps_of: MakeSweeps) -> None:
    """Where everybody fails the page comes again: thousands of messages about members would say nothing."""
    sweeps = sweeps_of()
    a_crowd(sweeps, MOST_LEFT + 2)
    sweeps.fire("expiry", RUN_AT)
    worker = Failing(RuntimeError())
    assert len(sweeps.deliver(built=with_worker(sweeps, worker))) == 1
    assert worker.asked == MOST_LEFT + 1
    assert [read_task(message.body) for message in sweeps.sqs.waiting] == [
        read_task('{"kind": "expiry", "at": "2027-01-11T16:05:00Z", "segment": 0, "of": 1, "page": 1}')
    ]


def test_a_kind_that_nobody_works_for_is_put_aside(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of()
    a_crowd(sweeps, 1)
    sweeps.fire("expiry", RUN_AT)
    assert len(sweeps.deliver(built=replace(sweeps.worker, workers={}))) == 1


def test_c6_conflicts_are_tried_again(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of()
    crowd = a_crowd(sweeps, 30)
    sweeps.fire("expiry", RUN_AT)
    with conflicts(sweeps.till.ledger.client, share=0.3) as happened:
        sweeps.drain()
    assert happened
    assert not sweeps.sqs.dead
    assert all(kinds(sweeps, member) == LAPSED_ONCE for member in crowd)


def test_counts_say_what_was_due_done_and_left(sweeps_of: MakeSweeps, capsys: pytest.CaptureFixture[str]) -> None:
    sweeps = sweeps_of()
    a_crowd(sweeps, 6, due=4)
    spoil(sweeps, "mem_002")
    telemetry.forget()
    capsys.readouterr()
    sweeps.fire("expiry", RUN_AT)
    sweeps.deliver()
    planned, left, done = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (planned["message"], planned["ExpiryPlanned"], planned["run"]) == (
        "run planned",
        1,
        "expiry@2027-01-11T16:05:00Z",
    )
    assert (left["message"], left["member_id"]) == ("member left over", "mem_002")
    told = {name: done[name] for name in ("message", "run", "segment", "page", "items")}
    assert told == {"message": "task done", "run": planned["run"], "segment": 0, "page": 1, "items": 6}
    assert {name: done[name] for name in ("SweepDue", "SweepDone", "SweepLeft")} == {
        "SweepDue": 4,
        "SweepDone": 3,
        "SweepLeft": 1,
    }
