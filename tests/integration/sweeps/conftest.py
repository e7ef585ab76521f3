from collections.abc import Callable
from typing import Any

import pytest

from shared.ledger.store import Ledger
from tests.builders import Till, a_program, days, per_yuan, publish, shanghai
from tests.engine import create_tables
from tests.integration.sweeps.world import Sweeps

MakeSweeps = Callable[..., Sweeps]


@pytest.fixture
def sweeps_of(client: Any, engine: Any, request: pytest.FixtureRequest) -> MakeSweeps:
    """Give what makes a shop with sweeps in tables of its own: a yuan is a point, ten days; 1 January 2027, noon."""
    made: list[str] = []

    def make(*programs: Any, **others: Any) -> Sweeps:
        made.append("-")
        tables = create_tables(engine, f"-{abs(hash(request.node.nodeid)):x}-{len(made)}")
        till = Till(ledger=Ledger(client=client, tables=tables))
        till.clock.now = shanghai("2027-01-01 12:00")
        publish(till.ledger, *(programs or (a_program(per_yuan(), expire=days(10)),)))
        return Sweeps(till=till, **others)

    return make
