"""What the publisher is built from."""

from dataclasses import dataclass

from functions.publisher.aside import Aside
from functions.publisher.bus import Bus
from shared import names
from shared.ledger.store import Ledger
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.low_stock import Watch
from shared.redemption.stock import Stock
from shared.runtime.aws import client
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    watch: Watch
    bus: Bus
    aside: Aside


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError."""
    dynamodb = client("dynamodb")
    ledger = Ledger(client=dynamodb, tables=tables())
    return Dependencies(
        watch=Watch(
            ledger=ledger,
            catalogues=Catalogues(client=dynamodb, table=ledger.tables.ledger, clock=around.clock),
            stock=Stock(ledger=ledger, pick=around.pick),
            clock=around.clock,
        ),
        bus=Bus(client=client("events"), name=setting(names.EVENT_BUS)),
        aside=Aside(client=client("sqs"), url=setting(names.PUT_ASIDE_QUEUE)),
    )
