"""What the activities function is built from."""

from dataclasses import dataclass, field

from shared import names
from shared.earning.assembly import Earning, earning_of
from shared.earning.claim_tries import ClaimTries
from shared.earning.completion_store import Completions
from shared.earning.hand_in import HandingIn
from shared.members.store import Members
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.gifts import Gifts
from shared.runtime.aws import client
from shared.runtime.secrets import load_keys
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    members: Members
    earning: Earning
    completions: Completions
    claim_tries: ClaimTries
    codes_key: bytes = field(repr=False)

    @property
    def handing_in(self) -> HandingIn:
        return HandingIn(earning=self.earning, completions=self.completions)


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError and DependencyUnavailableError."""
    dynamodb, names_of_tables = client("dynamodb"), tables()
    keys = load_keys(client("secretsmanager"), setting(names.KEYS_SECRET))
    catalogues = Catalogues(client=dynamodb, table=names_of_tables.ledger, clock=around.clock)
    members = Members(client=dynamodb, tables=names_of_tables, key=keys.key_for("references"))
    return Dependencies(
        members=members,
        earning=earning_of(
            dynamodb,
            names_of_tables,
            find_birthday=members.birthday,
            give_reward=Gifts(catalogues=catalogues).give,
            around=around,
        ),
        completions=Completions(client=dynamodb, table=names_of_tables.members),
        claim_tries=ClaimTries(client=dynamodb, table=names_of_tables.members),
        codes_key=keys.key_for("codes"),
    )
