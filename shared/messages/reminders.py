"""The sweep of reminders: which accounts it looks at, and what it does for one of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.ledger.items import account_of
from shared.ledger.lots import lot_of
from shared.messages.due import WARN_DAYS_BEFORE
from shared.messages.remind import Reminding, remind
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.sweeps.due import Due
from shared.tiers.time_rules import TimeRules

NO_DAY: Final = ""
"""Stands before every day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """The worker of the sweep. An account's `x` and `y` are the days after the last day of a lot and of the tier."""

    rules: TimeRules
    reminding: Reminding

    def due(self, at: datetime) -> Due:
        """Let accounts through whose next lot or tier ends within the earliest offset. Raises NoProgramError.

        A pending lot's day may stand in `x` too: those members are looked at in vain, at no cost but time.
        """
        moment = self.rules.moment(at)
        remind_policy, tiers = moment.program.points.expire.remind, moment.program.tiers
        lots, tier = NO_DAY, NO_DAY
        if remind_policy:
            lots = lot_of(moment.today + timedelta(days=max(remind_policy.days_before) + 1))
        if tiers:
            tier = lot_of(moment.today + timedelta(days=max(WARN_DAYS_BEFORE) + 1 - tiers.grace_days))
        return Due("x <= :lots OR y <= :tier", {":lots": lots, ":tier": tier})

    def handle(self, item: Item, at: datetime, patience: Patience) -> bool:
        """Make the messages that are due; say whether there were any. Raises what `remind` raises, NoProgramError."""
        return remind(account_of(item), self.rules.moment(at), self.reminding, patience) > 0
