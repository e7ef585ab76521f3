"""An office whose program gives a point per yuan, for a year."""

import pytest

from shared.ledger.store import Ledger
from tests.builders import Till, a_ladder, a_program, months, per_yuan, publish
from tests.integration.desk.office import Office, open_office


@pytest.fixture
def office(ledger: Ledger) -> Office:
    publish(ledger, a_program(per_yuan(), expire=months(12), tiers=a_ladder()))
    return open_office(Till(ledger=ledger))
