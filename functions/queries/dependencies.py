"""What the queries function is built from."""

from dataclasses import dataclass

from shared import names
from shared.earning.assembly import Earning
from shared.earning.budgets import Budgets
from shared.http.cursors import Cursors
from shared.ledger.store import Ledger
from shared.members.store import Members
from shared.messages.store import Messages
from shared.program.store import Programs
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.stock import Stock
from shared.redemption.stock_counts import StockCounts
from shared.runtime.aws import client
from shared.runtime.clock import Clock
from shared.runtime.secrets import load_keys
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings
from shared.tiers.time_rules import Moment, TimeRules
from shared.trail.store import Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    members: Members
    ledger: Ledger
    programs: Programs
    catalogues: Catalogues
    counts: StockCounts
    cursors: Cursors
    clock: Clock

    @property
    def earning(self) -> Earning:
        """What quotes are worked out with."""
        return Earning(
            ledger=self.ledger,
            programs=self.programs,
            find_member=lambda named: self.members.find(named.kind, named.value),
            find_birthday=self.members.birthday,
            budgets=Budgets(ledger=self.ledger, pick=self.counts.stock.pick),
            clock=self.clock,
        )

    @property
    def trail(self) -> Trail:
        return Trail(client=self.ledger.client, table=self.ledger.tables.ledger)

    @property
    def messages(self) -> Messages:
        return Messages(client=self.ledger.client, table=self.ledger.tables.ledger)

    def moment(self) -> Moment:
        """Give this instant, and what holds at it. Raises NoProgramError."""
        return TimeRules(programs=self.programs, ledger=self.ledger).moment(self.clock())


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError and DependencyUnavailableError."""
    dynamodb, names_of_tables = client("dynamodb"), tables()
    keys = load_keys(client("secretsmanager"), setting(names.KEYS_SECRET))
    ledger = Ledger(client=dynamodb, tables=names_of_tables)
    return Dependencies(
        members=Members(client=dynamodb, tables=names_of_tables, key=keys.key_for("references")),
        ledger=ledger,
        programs=Programs(client=dynamodb, table=names_of_tables.ledger, clock=around.clock),
        catalogues=Catalogues(client=dynamodb, table=names_of_tables.ledger, clock=around.clock),
        counts=StockCounts(stock=Stock(ledger=ledger, pick=around.pick)),
        cursors=Cursors(key=keys.key_for("cursors"), clock=around.clock),
        clock=around.clock,
    )
