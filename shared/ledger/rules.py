"""What time does to an account besides activating and lapsing: the program decides, the ledger asks. Pure.

The ledger knows no program: whoever begins a posting hands in the rules. `shared.tiers.time_rules` makes them.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from shared.ledger.account import Account, Qualifying, TierState


class Review(NamedTuple):
    """A decision on a tier: what it is from then on, what its entry is called, and the entry's details."""

    tier: TierState
    label: str
    details: Mapping[str, Any]


class Rules:
    """Rules under which days pass, and nothing else happens: no tiers, no extensions. `zone` says when a day ends."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone

    def day_of(self, instant: datetime) -> date:
        """Say on which business day an instant lies."""
        return instant.astimezone(self.zone).date()

    def review(self, account: Account, today: date) -> Review | None:  # noqa: ARG002 of those with tiers
        """Give the next decision that is due on a tier by a day; None where none is."""
        return None

    def undone(self, account: Account, fresh: Mapping[str, Qualifying], today: date) -> TierState | None:  # noqa: ARG002
        """Give the tier that stands after a return which undoes an upgrade; None where it undoes none.

        The account has the return counted; `fresh` is what the posting's own entries count, by day.
        """
        return None

    def granted(self, account: Account, tier_id: str, today: date) -> TierState | None:  # noqa: ARG002
        """Give the state of a tier that is bought; None where the member stands as high, or there is no such tier."""
        return None

    def extended(self, account: Account, lot: str) -> str | None:  # noqa: ARG002
        """Give the lot that a lapsing lot becomes instead; None where it lapses."""
        return None

    def halved_through(self, today: date) -> str | None:  # noqa: ARG002
        """Give the last day (YYMMDD) of the lots whose points pay half on a day; None where all pay in full."""
        return None

    def days(self, member_id: str, month: str) -> Mapping[str, Qualifying]:  # noqa: ARG002
        """Read what counted for a tier on the days (YYMMDD) of a month (YYMM), as far as it is recorded."""
        return {}
