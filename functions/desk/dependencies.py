"""What the desk function is built from."""

from dataclasses import dataclass

from shared import names
from shared.adjustments.adjustment_store import Adjustments
from shared.adjustments.request_adjustment import Adjusting
from shared.http.cursors import Cursors
from shared.ledger.store import Ledger
from shared.members.store import Members
from shared.program.store import Programs
from shared.runtime.aws import client
from shared.runtime.clock import Clock
from shared.runtime.secrets import load_keys
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings
from shared.tiers.time_rules import TimeRules
from shared.trail.store import Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    members: Members
    ledger: Ledger
    programs: Programs
    cursors: Cursors
    clock: Clock

    @property
    def rules(self) -> TimeRules:
        return TimeRules(programs=self.programs, ledger=self.ledger)

    @property
    def adjusting(self) -> Adjusting:
        return Adjusting(adjustments=Adjustments(ledger=self.ledger), rules=self.rules, clock=self.clock)

    @property
    def trail(self) -> Trail:
        return Trail(client=self.ledger.client, table=self.ledger.tables.ledger)


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError and DependencyUnavailableError."""
    dynamodb, names_of_tables = client("dynamodb"), tables()
    keys = load_keys(client("secretsmanager"), setting(names.KEYS_SECRET))
    return Dependencies(
        members=Members(client=dynamodb, tables=names_of_tables, key=keys.key_for("references")),
        ledger=Ledger(client=dynamodb, tables=names_of_tables),
        programs=Programs(client=dynamodb, table=names_of_tables.ledger, clock=around.clock),
        cursors=Cursors(key=keys.key_for("cursors"), clock=around.clock),
        clock=around.clock,
    )
