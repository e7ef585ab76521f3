"""What the webhooks function is built from."""

from dataclasses import dataclass

from shared import names
from shared.earning.assembly import Earning, earning_of
from shared.http.quarantine import Quarantine
from shared.http.subscriptions import SubscriptionBook
from shared.members.store import Members
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.gifts import Gifts
from shared.runtime import aws
from shared.runtime.clock import Clock
from shared.runtime.secrets import load_keys
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    subscriptions: SubscriptionBook
    earning: Earning
    quarantine: Quarantine
    clock: Clock


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError."""
    secrets = aws.client("secretsmanager")
    dynamodb = aws.client("dynamodb")
    members = Members(
        client=dynamodb, tables=tables(), key=load_keys(secrets, setting(names.KEYS_SECRET)).key_for("references")
    )
    catalogues = Catalogues(client=dynamodb, table=tables().ledger, clock=around.clock)
    earning = earning_of(
        dynamodb,
        tables(),
        find_birthday=members.birthday,
        find_member=lambda reference: members.find(reference.kind, reference.value),
        give_reward=Gifts(catalogues=catalogues).give,
        around=around,
    )
    subscriptions = SubscriptionBook(client=secrets, secret_id=setting(names.SUBSCRIPTIONS_SECRET), clock=around.clock)
    # S3's client takes a quarter of a second to build, and all but the few containers that meet a broken event do
    # without it.
    bucket = setting(names.QUARANTINE_BUCKET)
    quarantine = Quarantine(connect=lambda: aws.client("s3"), bucket=bucket, clock=around.clock)
    return Dependencies(subscriptions=subscriptions, earning=earning, quarantine=quarantine, clock=around.clock)
