"""The sweep of reminders: whom it looks at, whatever it is fired with. S1-10, Q5, P8."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.ledger.account import TierState
from shared.messages.message import Kind
from shared.messages.reminders import Reminders
from shared.program.model import Program
from shared.sweeps import tasks
from shared.tiers.time_rules import TimeRules
from tests.builders import Till, a_ladder, a_program, months, publish, shanghai
from tests.integration.messages.people import Messenger, Shop, reminding_policy
from tests.integration.sweeps.world import Sweeps

SILVER = TierState(tier_id="silver", since=date(2026, 1, 5), valid_until=date(2027, 1, 4))


class Reminded(Sweeps):
    """Sweeps that remind the members of a shop."""

    shop: Shop

    @property
    def worker(self) -> Any:
        rules = TimeRules(programs=self.shop.programs, ledger=self.shop.ledger)
        mine = Reminders(rules=rules, reminding=self.shop.reminding)
        return replace(super().worker, workers={tasks.Kind.REMINDERS: mine})


@pytest.fixture
def sweeping(shop: Shop) -> Callable[..., Sweeps]:
    def making(program: Program, **others: Any) -> Sweeps:
        publish(shop.ledger, program)
        sweeps = Reminded(till=Till(ledger=shop.ledger, clock=shop.clock), **others)
        sweeps.shop = shop
        return sweeps

    return making


def test_s1_10_every_member_is_reminded_once_however_often_it_fires(
    shop: Shop, sweeping: Callable[..., Sweeps], messenger: Messenger
) -> None:
    sweeps = sweeping(a_program(expire=reminding_policy()), segments=3, page_accounts=2)
    members = [shop.member() for _ in range(12)]
    for member in members[:7]:
        shop.buy(member, 100)

    for day in ("2026-12-02", "2026-12-02", "2026-12-03", "2026-12-26", "2026-12-31", "2026-12-31", "2027-01-01"):
        sweeps.run("reminders", f"{day} 10:00")

    offsets = [[offset for _kind, _lot, offset, _channel in shop.summary(member)] for member in members]
    assert offsets == [[30, 7, 1]] * 7 + [[]] * 5
    messenger.run()
    assert len(messenger.post.heard()) == 21


def test_a_run_that_is_done_a_day_late_reminds_as_of_its_own_day(shop: Shop, sweeping: Callable[..., Sweeps]) -> None:
    sweeps = sweeping(a_program(expire=reminding_policy()))
    member = shop.member()
    shop.buy(member, 100)
    shop.at("2026-12-26 08:00")
    sweeps.fire("reminders", "2026-12-25 10:00")
    sweeps.fire("reminders", "2026-12-25 10:00")
    sweeps.drain()

    assert shop.summary(member) == [("points-expiring", "270101", 7, "app")]


def test_p8_the_scan_lets_through_whose_lots_or_tier_end_soon(shop: Shop, sweeping: Callable[..., Sweeps]) -> None:
    sweeps = sweeping(a_program(expire=reminding_policy(number=2), tiers=a_ladder()))
    soon, later, tiered = shop.member(), shop.member(), shop.member(tier=SILVER)
    shop.buy(soon, 100)  # through 1 February
    shop.at("2026-12-15 12:00")
    shop.buy(later, 100)  # through 15 February
    shop.at("2027-01-02 10:00")

    segment = tasks.Segment(run=tasks.Run(kind=tasks.Kind.REMINDERS, at=shop.clock()), number=0, of=1)
    due = sweeps.worker.workers[tasks.Kind.REMINDERS].due(shop.clock())
    page = sweeps.worker.accounts.page(segment, due)

    assert {item["id"] for item in page.due} == {soon, tiered}
    assert page.scanned == 3


@pytest.mark.parametrize("program", [a_program(), a_program(expire=months(1))])
def test_a_program_that_reminds_of_nothing_looks_at_nobody(
    shop: Shop, sweeping: Callable[..., Sweeps], program: Program
) -> None:
    sweeps = sweeping(program)
    member = shop.member()
    shop.buy(member, 100)
    sweeps.run("reminders", "2026-12-31 10:00")

    assert shop.told(member) == []


def test_a_tier_is_warned_of_through_its_days_of_grace(shop: Shop, sweeping: Callable[..., Sweeps]) -> None:
    sweeps = sweeping(a_program(expire=months(24), tiers=a_ladder(grace_days=10)))
    member = shop.member(tier=SILVER)
    for day in ("2026-12-10", "2026-12-15", "2027-01-06", "2027-01-07", "2027-01-14", "2027-01-15"):
        sweeps.run("reminders", f"{day} 10:00")

    assert [(kind, offset) for kind, _subject, offset, _channel in shop.summary(member)] == [
        (Kind.TIER_WARNING.value, 30),
        (Kind.TIER_WARNING.value, 7),
    ]
    assert shop.told(member)[0].made_at == shanghai("2026-12-15 10:00")
