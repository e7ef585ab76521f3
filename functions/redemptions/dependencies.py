"""What the redemptions function is built from."""

from dataclasses import dataclass

from shared import names
from shared.http.cursors import Cursors
from shared.ledger.store import Ledger
from shared.members.store import Members
from shared.program.store import Programs
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.redeem_reward import Redeeming
from shared.redemption.stock import Stock
from shared.runtime.aws import client
from shared.runtime.secrets import load_keys
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings
from shared.tiers.claim_benefit import Claiming
from shared.tiers.time_rules import TimeRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    members: Members
    redeeming: Redeeming
    claiming: Claiming
    cursors: Cursors


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError and DependencyUnavailableError."""
    dynamodb, names_of_tables = client("dynamodb"), tables()
    keys = load_keys(client("secretsmanager"), setting(names.KEYS_SECRET))
    ledger = Ledger(client=dynamodb, tables=names_of_tables)
    programs = Programs(client=dynamodb, table=names_of_tables.ledger, clock=around.clock)
    rules = TimeRules(programs=programs, ledger=ledger)
    members = Members(client=dynamodb, tables=names_of_tables, key=keys.key_for("references"))
    return Dependencies(
        members=members,
        redeeming=Redeeming(
            ledger=ledger,
            catalogues=Catalogues(client=dynamodb, table=names_of_tables.ledger, clock=around.clock),
            stock=Stock(ledger=ledger, pick=around.pick),
            rules_at=rules.at,
            clock=around.clock,
        ),
        claiming=Claiming(ledger=ledger, rules=rules, find_birthday=members.birthday, clock=around.clock),
        cursors=Cursors(key=keys.key_for("cursors"), clock=around.clock),
    )
