"""The expiry sweep: every lot lapses once, whatever the schedule, the queue and the tills do. E9, C8, Q7."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from functions.sweep_planner.start import start
from shared.ledger.entries import EntryKind
from shared.ledger.items import account_item
from shared.ledger.posting import as_of
from shared.sweeps.tasks import Kind, RunTooEarlyError, UnreadableRunError
from tests.builders import HandClock, Till, a_program, a_sale, days, per_yuan, shanghai
from tests.containers import Containers
from tests.integration.sweeps.conftest import MakeSweeps
from tests.integration.sweeps.world import Sweeps
from tests.observed import interrupted, observed

LAST_DAY, FIRST_RUN, SECOND_RUN = "2027-01-11 23:59", "2027-01-12 00:05", "2027-01-13 00:05"


def sell(till: Till, member: str, points: int, receipt_id: str = "") -> None:
    till.sell(
        a_sale(points * 100, receipt_id=receipt_id or f"{member}-{till.clock.now:%m%d%H%M}", occurred_at=till.clock()),
        member,
    )


def lapsed(till: Till, member: str) -> list[int]:
    return [entry.movement.points for entry in till.entries(member) if entry.kind is EntryKind.EXPIRED]


class Shop:
    """Anna's 10 points lapse after 11 January, Ben's 20 after the 12th, Cleo's 30 after the 20th."""

    def __init__(self, sweeps: Sweeps) -> None:
        self.sweeps, self.till = sweeps, sweeps.till
        self.members = [
            self._buys(name, points, on) for name, points, on in (("A", 10, 1), ("B", 20, 2), ("C", 30, 10))
        ]

    def _buys(self, name: str, points: int, on: int) -> str:
        member = self.till.a_member(member_id=f"mem_{name}")
        self.till.clock.now = shanghai(f"2027-01-{on:02d} 12:00")
        sell(self.till, member, points)
        return member

    def lapsed(self) -> list[list[int]]:
        assert self.till.audit(*self.members) == []
        return [lapsed(self.till, member) for member in self.members]


def test_e9_before_the_instant_nothing_lapses(sweeps_of: MakeSweeps) -> None:
    shop = Shop(sweeps_of())
    shop.sweeps.run("expiry", LAST_DAY)
    assert shop.lapsed() == [[], [], []]


def test_s1_08_what_nobody_used_is_gone_for_every_reader_and_then_in_the_ledger(sweeps_of: MakeSweeps) -> None:
    shop = Shop(sweeps_of())
    anna, midnight = shop.members[0], shanghai("2027-01-12 00:00")
    rules = shop.till.earning.rules.at(midnight)
    assert as_of(shop.till.account(anna), midnight, rules).spendable == 0
    shop.sweeps.run("expiry", "2027-01-12 00:05")
    assert shop.till.account(anna).lots == {}
    assert shop.till.points(anna) == [10, -10]


def test_e9_at_midnight_there_one_lot_lapses_once(sweeps_of: MakeSweeps) -> None:
    shop = Shop(sweeps_of())
    shop.sweeps.run("expiry", "2027-01-12 00:00")
    shop.sweeps.run("expiry", "2027-01-12 00:00")
    assert shop.lapsed() == [[-10], [], []]
    assert shop.till.account("mem_A").lots == {}


Schedule = Callable[[Sweeps], None]


def _times(first: int, second: int) -> Schedule:
    def fire(sweeps: Sweeps) -> None:
        for _ in range(first):
            sweeps.run("expiry", FIRST_RUN)
        for _ in range(second):
            sweeps.run("expiry", SECOND_RUN)

    return fire


def _late(sweeps: Sweeps) -> None:
    for at in (FIRST_RUN, SECOND_RUN):
        sweeps.clock.now = shanghai(at) + timedelta(hours=23)
        sweeps.fire("expiry", at)
        sweeps.drain()


def _out_of_order(sweeps: Sweeps) -> None:
    sweeps.clock.now = shanghai(SECOND_RUN)
    sweeps.run("expiry", SECOND_RUN)
    sweeps.run("expiry", FIRST_RUN)


def _overlapping(sweeps: Sweeps) -> None:
    sweeps.clock.now = shanghai(SECOND_RUN)
    for at in (FIRST_RUN, SECOND_RUN, FIRST_RUN):
        sweeps.fire("expiry", at)
    sweeps.sqs.waiting.rotate(1)
    sweeps.drain(most=2)


@pytest.mark.parametrize(
    "schedule",
    [_times(1, 1), _times(2, 2), _times(3, 1), _times(0, 1), _times(0, 3), _late, _out_of_order, _overlapping],
    ids=[
        "once",
        "twice",
        "three times",
        "not once",
        "late and three times",
        "23 h late",
        "out of order",
        "overlapping",
    ],
)
def test_q7_however_often_the_schedule_fires(sweeps_of: MakeSweeps, schedule: Schedule) -> None:
    shop = Shop(sweeps_of(segments=3))
    schedule(shop.sweeps)
    assert shop.lapsed() == [[-10], [-20], []]


def test_q7_a_late_run_is_posted_at_its_own_time(sweeps_of: MakeSweeps) -> None:
    shop = Shop(sweeps_of())
    _late(shop.sweeps)
    posted = [shop.till.entries(member)[-1].posted_at for member in ("mem_A", "mem_B")]
    assert posted == [shanghai(FIRST_RUN), shanghai(SECOND_RUN)]


def test_what_has_not_come_is_refused_but_where_time_travels(sweeps_of: MakeSweeps) -> None:
    shop = Shop(sweeps_of())
    with pytest.raises(RunTooEarlyError):
        shop.sweeps.fire("expiry", FIRST_RUN)
    assert not shop.sweeps.sqs.waiting
    shop.sweeps.time_travel = True
    shop.sweeps.fire("expiry", FIRST_RUN)
    shop.sweeps.drain()
    assert shop.lapsed() == [[-10], [], []]


def test_an_instant_that_nobody_put_in_is_the_present_where_time_travels(sweeps_of: MakeSweeps) -> None:
    shop = Shop(sweeps_of(time_travel=True))
    shop.sweeps.clock.now = shanghai(FIRST_RUN)
    event = {"kind": "expiry", "at": "<aws.scheduler.scheduled-time>"}
    assert start(event, shop.sweeps.planner) == {"run": "expiry@2027-01-11T16:05:00Z", "segments": 1}
    shop.sweeps.time_travel = False
    with pytest.raises(UnreadableRunError):
        start(event, shop.sweeps.planner)


def test_c8_e9_two_deliveries_of_a_run_at_once(sweeps_of: MakeSweeps, containers: Containers) -> None:
    """C8: one set of entries. Each delivery has its own planner, queue and worker; both see every member."""
    first = sweeps_of(segments=2)
    members = [first.till.a_member() for _ in range(40)]
    for at, member in enumerate(members, start=1):
        sell(first.till, member, at)
    first.clock.now = shanghai(FIRST_RUN)
    both = [Sweeps(till=till, segments=2, page_accounts=7) for till in containers(first.till, 2)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda sweeps: sweeps.run("expiry", FIRST_RUN), both))

    assert [lapsed(first.till, member) for member in members] == [[-points] for points in range(1, 41)]
    assert first.till.audit(*members) == []


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_sale_in_the_same_second_comes_to_the_same(sweeps_of: MakeSweeps, containers: Containers, call: int) -> None:
    """The sale comes in front of any call of the sweep: before it reads the program, the page, or writes."""
    shop = Shop(sweeps_of())
    clock = HandClock(shanghai(FIRST_RUN))
    (other,) = containers(Till(ledger=shop.till.ledger, clock=clock), 1)
    shop.sweeps.clock.now = clock()
    shop.sweeps.fire("expiry", FIRST_RUN)

    with interrupted(shop.till.ledger.client, call=call, by=lambda: sell(other, "mem_A", 7, "same-second")):
        shop.sweeps.drain()

    assert shop.lapsed() == [[-10], [], []]
    assert shop.till.available("mem_A") == 7


def test_a_member_who_moved_since_the_scan_is_read_again(sweeps_of: MakeSweeps) -> None:
    """The scan is eventually consistent: an old reading is refused by the account's version."""
    shop = Shop(sweeps_of())
    old = account_item(shop.till.account("mem_A"))
    shop.till.clock.now = shanghai("2027-01-11 12:00")
    sell(shop.till, "mem_A", 5)
    worker = shop.sweeps.worker.workers[Kind.EXPIRY]
    assert worker.handle(old, shanghai(FIRST_RUN), shop.till.patience())
    assert shop.lapsed() == [[-10], [], []]
    assert shop.till.available("mem_A") == 5


def test_who_is_not_due_is_neither_read_nor_written(sweeps_of: MakeSweeps) -> None:
    shop = Shop(sweeps_of())
    shop.sweeps.run("expiry", LAST_DAY)
    before = shop.till.everything()
    shop.sweeps.clock.now = shanghai(LAST_DAY)
    shop.sweeps.fire("expiry", LAST_DAY)
    with observed(shop.till.ledger.client) as traffic:
        shop.sweeps.drain()
    assert traffic.calls == ["Scan"]
    assert shop.till.everything() == before


def test_who_is_due_costs_one_transaction_and_no_read(sweeps_of: MakeSweeps) -> None:
    shop = Shop(sweeps_of())
    shop.sweeps.clock.now = shanghai(SECOND_RUN)
    shop.sweeps.fire("expiry", SECOND_RUN)
    with observed(shop.till.ledger.client) as traffic:
        shop.sweeps.drain()
    assert traffic.calls.count("TransactWriteItems") == 2
    assert traffic.calls.count("Scan") == 1
    assert traffic.write_units == 10


def test_points_become_usable_on_their_day(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of(a_program(per_yuan(), pending_days=7, expire=days(10)))
    member = sweeps.till.a_member()
    sell(sweeps.till, member, 10)
    sweeps.run("expiry", "2027-01-07 23:59")
    assert sweeps.till.balance(member) == (0, 10, 0, 0)
    sweeps.run("expiry", "2027-01-08 00:05")
    assert sweeps.till.balance(member) == (10, 0, 0, 0)
    assert [entry.kind for entry in sweeps.till.entries(member)] == ["earned", "activated"]
