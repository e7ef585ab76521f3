"""The tier review sweep: once per period's end, whichever sweep comes first; grace days cost nothing."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.ledger.entries import EntryKind
from shared.program.model import Program
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.sweeps.due import Due, Worker
from shared.sweeps.tasks import Kind
from tests.builders import GOLD, NORMAL, SILVER, a_ladder, a_program, a_sale, days, months, per_yuan, shanghai
from tests.integration.sweeps.conftest import MakeSweeps
from tests.integration.sweeps.world import Sweeps
from tests.observed import observed


def with_tiers(**others: Any) -> Program:
    ladder = a_ladder(period="calendar_year", **others)
    levels = tuple(replace(level, multiply=Decimal(1)) for level in ladder.levels)
    return a_program(per_yuan(), tiers=replace(ladder, levels=levels), expire=months(36))


def a_member_who_bought(sweeps: Sweeps, points: int) -> str:
    member = sweeps.till.a_member()
    sweeps.till.sell(a_sale(points * 100, receipt_id=member, occurred_at=sweeps.clock()), member)
    return member


def reviews(sweeps: Sweeps, member: str) -> list[str]:
    assert sweeps.till.audit(member) == []
    entries = sweeps.till.entries(member)
    return [str(entry.details["why"]) for entry in entries if entry.kind is EntryKind.REVIEWED]


@pytest.mark.parametrize("kinds", [["tier-review"], ["tier-review"] * 2, ["expiry", "tier-review", "expiry"]])
def test_s0_14_a_tier_is_lowered_once_after_its_last_day(sweeps_of: MakeSweeps, kinds: list[str]) -> None:
    sweeps = sweeps_of(with_tiers())
    gold, normal = a_member_who_bought(sweeps, 10_000), a_member_who_bought(sweeps, 1)
    sweeps.run("tier-review", "2028-12-31 23:59")
    assert sweeps.till.account(gold).tier.tier_id == GOLD
    for kind in kinds:
        sweeps.run(kind, "2029-01-01 00:20")
    assert sweeps.till.account(gold).tier.tier_id == SILVER
    assert reviews(sweeps, gold) == ["lowered"]
    assert reviews(sweeps, normal) == []


def test_s0_14_years_without_a_sweep_are_made_up_for_at_once(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of(with_tiers())
    gold = a_member_who_bought(sweeps, 10_000)
    sweeps.run("tier-review", "2031-06-01 00:20")
    assert sweeps.till.account(gold).tier.tier_id == NORMAL
    assert reviews(sweeps, gold) == ["lowered"] * 2


def test_grace_days_are_looked_at_and_not_written(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of(with_tiers(grace_days=30))
    gold = a_member_who_bought(sweeps, 10_000)
    sweeps.clock.now = shanghai("2029-01-15 00:20")
    sweeps.fire("tier-review", "2029-01-15 00:20")
    with observed(sweeps.till.ledger.client) as traffic:
        sweeps.drain()
    assert traffic.write_units == 0
    assert reviews(sweeps, gold) == []
    sweeps.run("tier-review", "2029-01-31 00:20")
    assert reviews(sweeps, gold) == ["lowered"]


class Reminders(Worker):
    """What another feature plugs in: a filter of its own, and a function that handles one account."""

    def __init__(self) -> None:
        self.handled: list[str] = []

    def due(self, at: datetime) -> Due:  # noqa: ARG002 always the same day
        return Due("x <= :day OR y <= :day", {":day": "270201"})

    def handle(self, item: Item, at: datetime, patience: Patience) -> bool:  # noqa: ARG002 it only notes
        self.handled.append(item["id"])
        return True


def test_another_kind_plugs_in_with_a_filter_and_a_function(sweeps_of: MakeSweeps) -> None:
    sweeps = sweeps_of(a_program(per_yuan(), expire=days(10)))
    soon = a_member_who_bought(sweeps, 1)
    sweeps.clock.now = shanghai("2027-01-30 12:00")
    a_member_who_bought(sweeps, 1)
    worker = Reminders()
    sweeps.fire("reminders", "2027-01-05 10:00")
    assert sweeps.deliver(built=replace(sweeps.worker, workers={Kind.REMINDERS: worker})) == []
    assert worker.handled == [soon]


def test_e12_a_rolling_window_reads_the_days_of_the_months_that_it_cuts(sweeps_of: MakeSweeps) -> None:
    """The scan knows months: a year that ended on the 14th takes one query for each month that it begins or ends in."""
    ladder = replace(a_ladder(), levels=with_tiers().tiers.levels)  # type: ignore[union-attr]
    sweeps = sweeps_of(a_program(per_yuan(), tiers=ladder, expire=months(36)))
    sweeps.clock.now = shanghai("2027-01-14 12:00")
    gold = a_member_who_bought(sweeps, 10_000)
    for at in ("2027-01-20 12:00", "2028-01-05 12:00"):
        sweeps.clock.now = shanghai(at)
        sweeps.till.sell(a_sale(100, receipt_id=at, occurred_at=sweeps.clock()), gold)
    sweeps.clock.now = shanghai("2028-01-15 00:35")
    sweeps.fire("tier-review", "2028-01-15 00:35")
    with observed(sweeps.till.ledger.client) as traffic:
        sweeps.drain()
    assert traffic.calls.count("Query") <= 2
    assert traffic.write_units == 5
    assert reviews(sweeps, gold) == ["lowered"]
