"""What the catalog function is built from."""

from dataclasses import dataclass

from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.stock import Stock
from shared.runtime.aws import client
from shared.runtime.clock import Clock
from shared.runtime.settings import tables
from shared.runtime.surroundings import REAL, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    programs: Programs
    catalogues: Catalogues
    stock: Stock
    clock: Clock


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError."""
    dynamodb, names_of_tables = client("dynamodb"), tables()
    return Dependencies(
        programs=Programs(client=dynamodb, table=names_of_tables.ledger, clock=around.clock),
        catalogues=Catalogues(client=dynamodb, table=names_of_tables.ledger, clock=around.clock),
        stock=Stock(ledger=Ledger(client=dynamodb, tables=names_of_tables), pick=around.pick),
        clock=around.clock,
    )
