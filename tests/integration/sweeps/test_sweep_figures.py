"""P8: what a sweep costs, to the unit. `make bench` counts the same over 20 000 accounts."""

import pytest

from shared.ledger.store import Ledger
from shared.runtime.settings import Tables
from shared.sweeps.tasks import Kind
from tests.builders import publish
from tests.engine import dynamodb_client
from tools.bench.sweeps import KINDS, crowd_program, put_crowd, swept


@pytest.mark.parametrize("kind", KINDS)
def test_p8_each_account_is_read_once_and_only_those_that_are_due_are_written(
    kind: Kind, engine_url: str, tables: Tables
) -> None:
    ledger = Ledger(client=dynamodb_client(engine_url), tables=tables)
    publish(ledger, crowd_program())
    crowd = put_crowd(ledger, accounts=500, due=25)

    cost = swept(kind, ledger, segments=1)

    assert (cost.scanned, cost.due, cost.done) == (500, 25, 25)
    assert cost.write_units == 5 * 25
    assert cost.read_units <= 1.02 * crowd.bytes / 4096 * 0.5
    assert cost.calls == {"Scan": cost.calls["Scan"], "TransactWriteItems": 25}
    again = swept(kind, ledger, segments=1)
    assert (again.due, again.write_units) == (0, 0)


def test_p8_who_need_not_be_reminded_costs_the_scan_alone(engine_url: str, tables: Tables) -> None:
    ledger = Ledger(client=dynamodb_client(engine_url), tables=tables)
    publish(ledger, crowd_program())
    crowd = put_crowd(ledger, accounts=500, due=0)

    cost = swept(Kind.REMINDERS, ledger, segments=1)

    assert (cost.scanned, cost.due, cost.write_units) == (500, 0, 0)
    assert set(cost.calls) == {"Scan"}
    assert cost.read_units <= 1.02 * crowd.bytes / 4096 * 0.5
