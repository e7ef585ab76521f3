"""A year passes: the deployed sweeps, from planner to queue to worker. Last of all, because time only goes forward."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.connection import Connection
from cli.sweeps import Machine, RunFailedError, machine_of
from shared.sweeps.tasks import Kind
from tests.e2e.shop import Shop, an_ordinary_day


@pytest.fixture(scope="module")
def machine(connection: Connection) -> Machine:
    return machine_of(connection)


def test_q7_points_lapse_once_however_often_their_sweep_runs(shop: Shop, machine: Machine) -> None:
    wang = shop.enrolled()
    points = shop.sell(wang, paid=100_000, at=an_ordinary_day()).body["points"]
    in_two_years = datetime.now(UTC) + timedelta(days=730)

    started = datetime.now(UTC)
    planned = [machine.start(Kind.EXPIRY, in_two_years) for _ in range(3)]
    machine.wait(seconds=120)
    counts = machine.counts(planned[0]["run"], started, least_tasks=3 * planned[0]["segments"])

    assert counts.due >= counts.done >= 1
    assert counts.left == 0
    entries = shop.see(wang, "/v1/me/entries")["items"]
    assert [(one["kind"], one["points"]) for one in entries] == [("expired", -points), ("earned", points)]


def test_a_sweep_of_nothing_is_refused(machine: Machine) -> None:
    with pytest.raises(RunFailedError, match="the planner refused"):
        machine.start("draw", datetime.now(UTC))  # type: ignore[arg-type]
