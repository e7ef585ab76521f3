"""What the messenger is built from."""

from dataclasses import dataclass

from shared import names
from shared.ledger.store import Ledger
from shared.members.profile import read_policies
from shared.messages.announce import Announcing
from shared.messages.deliver import Delivering
from shared.messages.outbox import Outbox, Texting
from shared.messages.store import Messages, Recipients
from shared.program.store import Programs
from shared.runtime.aws import client
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    delivering: Delivering
    announcing: Announcing


def build(around: Surroundings = REAL) -> Dependencies:
    """Build everything once per container. Raises SettingMissingError."""
    dynamodb, names_of_tables = client("dynamodb"), tables()
    messages = Messages(client=dynamodb, table=names_of_tables.ledger)
    recipients = Recipients(client=dynamodb, table=names_of_tables.members)
    ledger = Ledger(client=dynamodb, tables=names_of_tables)
    programs = Programs(client=dynamodb, table=names_of_tables.ledger, clock=around.clock)
    required = read_policies(setting(names.REQUIRED_CONSENTS))
    outbox = Outbox(
        sns=client("sns"),
        sqs=client("sqs"),
        topic_arn=setting(names.MESSAGE_TOPIC),
        later_queue=setting(names.MESSAGES_LATER_QUEUE),
        texting=Texting(per_month=int(setting(names.SMS_PER_MONTH)), max_price_usd=setting(names.SMS_MAX_PRICE_USD)),
    )
    return Dependencies(
        delivering=Delivering(
            messages=messages,
            recipients=recipients,
            ledger=ledger,
            programs=programs,
            outbox=outbox,
            required=required,
            clock=around.clock,
        ),
        announcing=Announcing(
            messages=messages,
            recipients=recipients,
            ledger=ledger,
            programs=programs,
            required=required,
            clock=around.clock,
        ),
    )
