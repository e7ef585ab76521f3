"""What the function that audits at night is built from."""

from collections.abc import Mapping
from typing import Final

from functions.auditor.records import tell
from shared import names
from shared.audit.look import Looking
from shared.audit.nightly import Audit
from shared.ledger.store import Ledger
from shared.program.store import Programs
from shared.runtime.aws import client
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings
from shared.sweeps.due import Worker
from shared.sweeps.pace import Pace
from shared.sweeps.queue import Queue
from shared.sweeps.store import Accounts
from shared.sweeps.tasks import Kind
from shared.sweeps.work import Sweeping

PAGE_ACCOUNTS: Final = 5_000


def build(around: Surroundings = REAL) -> Sweeping:
    """Build everything once per container. Raises SettingMissingError."""
    dynamodb = client("dynamodb")
    ledger = Ledger(client=dynamodb, tables=tables())
    programs = Programs(client=dynamodb, table=ledger.tables.ledger, clock=around.clock)
    return Sweeping(
        accounts=Accounts(client=dynamodb, table=ledger.tables.accounts, page_accounts=PAGE_ACCOUNTS),
        ledger=ledger,
        workers=workers_of(Looking(ledger=ledger, programs=programs)),
        pace=Pace(float(setting(names.SWEEP_MEMBERS_PER_SECOND))),
        send=Queue(client=client("sqs"), url=setting(names.AUDIT_QUEUE)).send,
    )


def workers_of(looking: Looking) -> Mapping[Kind, Worker]:
    """Say who works for which kind of audit."""
    return {
        Kind.AUDIT: Audit(looking=looking, tell=tell),
        Kind.FULL_AUDIT: Audit(looking=looking, tell=tell, within=None),
    }
