"""What the function that works off sweeps is built from, and who works for which kind."""

from collections.abc import Mapping
from typing import Final

from shared import names
from shared.ledger.store import Ledger
from shared.members.profile import read_policies
from shared.messages.remind import Reminding
from shared.messages.reminders import Reminders
from shared.messages.store import Messages, Recipients
from shared.program.store import Programs
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.stock import Stock
from shared.redemption.stock_counts import StockCounts
from shared.runtime.aws import client
from shared.runtime.settings import setting, tables
from shared.runtime.surroundings import REAL, Surroundings
from shared.sweeps.due import Worker
from shared.sweeps.pace import Pace
from shared.sweeps.queue import Queue
from shared.sweeps.store import Accounts
from shared.sweeps.tasks import Kind
from shared.sweeps.touch import LOTS_DUE, TIER_DUE, Touch
from shared.sweeps.work import Sweeping
from shared.tiers.time_rules import TimeRules

PAGE_ACCOUNTS: Final = 5_000


def build(around: Surroundings = REAL) -> Sweeping:
    """Build everything once per container. Raises SettingMissingError."""
    dynamodb = client("dynamodb")
    ledger = Ledger(client=dynamodb, tables=tables())
    programs = Programs(client=dynamodb, table=ledger.tables.ledger, clock=around.clock)
    rules = TimeRules(programs=programs, ledger=ledger)
    return Sweeping(
        accounts=Accounts(client=dynamodb, table=ledger.tables.accounts, page_accounts=PAGE_ACCOUNTS),
        ledger=ledger,
        workers={**workers_of(ledger, rules), Kind.REMINDERS: reminders_of(ledger, rules, around)},
        pace=Pace(float(setting(names.SWEEP_MEMBERS_PER_SECOND))),
        send=Queue(client=client("sqs"), url=setting(names.SWEEP_QUEUE)).send,
    )


def workers_of(ledger: Ledger, rules: TimeRules) -> Mapping[Kind, Worker]:
    """Say who works for which kind of sweep."""
    return {
        Kind.EXPIRY: Touch(ledger=ledger, rules=rules, expression=LOTS_DUE),
        Kind.TIER_REVIEW: Touch(ledger=ledger, rules=rules, expression=TIER_DUE),
    }


def reminders_of(ledger: Ledger, rules: TimeRules, around: Surroundings) -> Reminders:
    """Give the worker that reminds. Raises SettingMissingError."""
    dynamodb, table = ledger.client, ledger.tables.ledger
    reminding = Reminding(
        messages=Messages(client=dynamodb, table=table),
        recipients=Recipients(client=dynamodb, table=ledger.tables.members),
        ledger=ledger,
        catalogues=Catalogues(client=dynamodb, table=table, clock=around.clock),
        counts=StockCounts(stock=Stock(ledger=ledger, pick=around.pick)),
        required=read_policies(setting(names.REQUIRED_CONSENTS)),
    )
    return Reminders(rules=rules, reminding=reminding)
