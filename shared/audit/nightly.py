"""The audit of a night: a sweep that looks at whoever has moved, by the checks of `jifen audit`, and writes nothing.

What concerns no single member (INV-2, INV-7, INV-9, INV-11, closed chains of INV-10) takes the whole tables and is
left to `jifen audit`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.audit.check import check_members, invariant_of
from shared.audit.look import Looking, items_of_member, look
from shared.ledger.items import write_instant
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.sweeps.due import Due

SINCE_LAST_NIGHT: Final = timedelta(hours=26)
"""A day, and two hours for a run that is late; who is looked at twice is no worse for it."""

Tell = Callable[[str, str], None]
"""Told the member and the invariant of every difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The worker of an audit of the accounts that moved `within` so long before its instant; of all without it."""

    looking: Looking
    tell: Tell
    within: timedelta | None = SINCE_LAST_NIGHT

    def due(self, at: datetime) -> Due | None:
        """Let accounts through that moved lately, and those that do not say when."""
        if self.within is None:
            return None
        return Due("a >= :since OR attribute_not_exists(a)", {":since": write_instant(at - self.within)})

    def handle(self, item: Item, at: datetime, patience: Patience) -> int:  # noqa: ARG002 what stands now is checked
        """Check an account against its entries; tell what differs, and say how much that is.

        The first look is eventually consistent and costs half. What it finds may be its own fault, and is looked at
        again. Raises BusyError and NoProgramError.
        """
        member_id, looking = item["id"], self.looking
        items = items_of_member(member_id, looking.ledger, patience, consistent=False)
        findings = check_members([item], items, looking.programs)
        if findings.differences:
            findings = look(member_id, looking, patience)
        for difference in findings.differences:
            self.tell(member_id, invariant_of(difference))
        return len(findings.differences)
