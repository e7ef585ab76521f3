"""TIME-3 on the engine: a container's cached timeline is never stale for a sale after a version's effective instant."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.ledger.store import Ledger
from shared.program.timeline import Timeline
from tests.builders import HandClock, Till, a_sale
from tests.integration.program.rules_desk import CHANGED, FILE, Desk
from tests.observed import interrupted

INSTANT = timedelta(microseconds=1)


def begins(timeline: Timeline) -> datetime:
    return timeline.refs[-1].schedule.effective


@pytest.mark.parametrize("fast_by_seconds", [-3_600, -60, 0, 3])
def test_a_container_that_read_before_the_publication_knows_the_version_when_it_begins(
    desk: Desk, fast_by_seconds: int
) -> None:
    """Its clock may be slow by any time, and fast by what is left of the margin."""
    desk.publish(FILE)
    now = datetime.now(UTC)
    function = desk.a_function(HandClock(now=now + timedelta(seconds=fast_by_seconds)))
    assert function.in_force(now, "SH001").version == 1

    desk.publish(CHANGED, "--effective", "now")

    effective = begins(desk.timeline)
    assert function.in_force(effective - INSTANT, "SH001").version == 1
    assert function.in_force(effective, "SH001").version == 2


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_container_that_reads_during_the_publication_knows_it_too(desk: Desk, call: int) -> None:
    desk.publish(FILE)
    function = desk.a_function()

    def read() -> None:
        function.clock = HandClock(now=datetime.now(UTC))
        assert function.in_force(datetime.now(UTC), "SH001").version == 1

    with interrupted(desk.connection.dynamodb, call=call, by=read):
        desk.publish(CHANGED, "--effective", "now")

    effective = begins(desk.timeline)
    assert [function.in_force(at, "SH001").version for at in (effective - INSTANT, effective)] == [1, 2]


def test_a_pilot_begins_in_its_stores_alone_s3_23(desk: Desk) -> None:
    rollout = "rollout: {pilot_stores: [SH001], all_stores_from: 2099-01-08 00:00}\n"
    desk.publish(FILE)
    function = desk.a_function()
    function.in_force(datetime.now(UTC), "SH002")

    desk.publish(CHANGED + rollout, "--effective", "2099-01-01 00:00")

    pilot, everywhere = datetime(2098, 12, 31, 16, tzinfo=UTC), datetime(2099, 1, 7, 16, tzinfo=UTC)
    assert [
        (function.in_force(at, "SH001").version, function.in_force(at, "SH002").version)
        for at in (pilot - INSTANT, pilot, everywhere - INSTANT, everywhere)
    ] == [(1, 1), (2, 1), (2, 1), (2, 2)]


def test_sales_earn_by_the_rules_of_their_own_instant_however_late_they_come_e15(desk: Desk, ledger: Ledger) -> None:
    desk.publish(FILE)
    clock = HandClock(now=datetime.now(UTC))
    till = Till(ledger=ledger, clock=clock)
    member = till.a_member()
    till.sell(a_sale(10_000, receipt_id="before", occurred_at=clock()), member)
    desk.publish(CHANGED, "--effective", "now")
    effective = begins(desk.timeline)

    clock.now = effective
    till.sell(a_sale(10_000, receipt_id="at", occurred_at=effective), member)
    clock.now = effective + timedelta(hours=1)
    till.sell(a_sale(10_000, receipt_id="late", occurred_at=effective - INSTANT), member)

    assert till.points(member) == [10, 20, 10]
