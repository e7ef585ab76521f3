"""What the members function is built from."""

from dataclasses import dataclass

from shared import names
from shared.earning.assembly import Earning, earning_of
from shared.earning.welcome import Welcome
from shared.members.profile import Policy, read_policies
from shared.members.store import Members
from shared.messages.store import Recipients
from shared.runtime.aws import client
from shared.runtime.clock import Clock
from shared.runtime.ids import IdSource
from shared.runtime.patience import Patience
from shared.runtime.secrets import load_keys
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings
from shared.tiers.time_rules import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    members: Members
    earning: Earning
    required_consents: tuple[Policy, ...]
    clock: Clock
    new_id: IdSource

    @property
    def recipients(self) -> Recipients:
        return Recipients(client=self.members.client, table=self.members.tables.members)

    def welcome(self, patience: Patience) -> Welcome:
        return Welcome(earning=self.earning, patience=patience)

    def moment(self) -> Moment:
        """Give this instant, and what holds at it. Raises NoProgramError."""
        return self.earning.rules.moment(self.clock())


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError and DependencyUnavailableError."""
    dynamodb, names_of_tables = client("dynamodb"), tables()
    keys = load_keys(client("secretsmanager"), setting(names.KEYS_SECRET))
    members = Members(client=dynamodb, tables=names_of_tables, key=keys.key_for("references"))
    return Dependencies(
        members=members,
        earning=earning_of(dynamodb, names_of_tables, find_birthday=members.birthday, around=around),
        required_consents=read_policies(setting(names.REQUIRED_CONSENTS)),
        clock=around.clock,
        new_id=around.new_id,
    )
