"""Touch an account: write what time has done to it. All that expiry and tier review are.

What is due is decided by `posting.begin`, as for every command and query; here it is only made visible in the ledger.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.errors import MemberNotFoundError
from shared.ledger.account import Account
from shared.ledger.items import account_of
from shared.ledger.posting import begin
from shared.ledger.store import Ledger, StaleReadError, settled
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.sweeps.due import Due
from shared.tiers.time_rules import TimeRules

LOTS_DUE = "x <= :day"
TIER_DUE = "y <= :day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """The worker of a sweep that touches. `expression` is one of the above."""

    ledger: Ledger
    rules: TimeRules
    expression: str

    def due(self, at: datetime) -> Due:
        return Due(self.expression, {":day": f"{self.rules.moment(at).today:%y%m%d}"})

    def handle(self, item: Item, at: datetime, patience: Patience) -> bool:
        """Write what is due; say whether there was anything. One transaction, and no read where nobody came before.

        Raises BusyError, DependencyUnavailableError and NoProgramError.
        """
        account = account_of(item)
        try:
            return self._write_due(account, at, patience)
        except StaleReadError:
            return settled(lambda: self._touch_again(account.member_id, at, patience), patience)

    def _touch_again(self, member_id: str, at: datetime, patience: Patience) -> bool:
        try:
            account = self.ledger.account(member_id)
        except MemberNotFoundError:
            return False
        return self._write_due(account, at, patience)

    def _write_due(self, account: Account, at: datetime, patience: Patience) -> bool:
        posting = begin(account, at, self.rules.at(at))
        if not posting.entries:
            return False
        self.ledger.commit(posting, patience, guards={})
        return True
