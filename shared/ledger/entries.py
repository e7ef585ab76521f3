"""Entries: the immutable records of what moved points, and why.

An entry's primary key is its business key (`shared.keys`), so the same event cannot be recorded twice, ever.
What the member sees of it is in the index `entries_by_member`; what rebuilds the account is its movement.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.keys import Key
from shared.ledger.account import Balance, Movement


class EntryKind(StrEnum):
    EARNED = "earned"
    REVERSED = "reversed"
    BONUS_REVERSED = "bonus_reversed"
    ACTED = "acted"
    REFERRED = "referred"
    REFERRAL_REVERSED = "referral_reversed"
    REDEEMED = "redeemed"
    RETURNED = "returned"
    ACTIVATED = "activated"
    EXPIRED = "expired"
    EXTENDED = "extended"
    REINSTATED = "reinstated"
    REVIEWED = "reviewed"
    CLAIMED = "claimed"
    ADJUSTED = "adjusted"
    TIER_SET = "tier_set"
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySummary:
    """What a member's ledger page shows of an entry. Points: usable and pending, as differences."""

    key: Key
    kind: EntryKind
    member_id: str
    posted_at: datetime
    account_version: int
    position: int
    points: int
    points_pending: int
    balance: Balance
    store_id: str | None
    occurred_at: datetime
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `occurred_at` is when it happened in the world, `posted_at` when the ledger took it in.

    `account_version` and `position` order a member's entries: the version that their transaction made, and the
    place in it. `details` holds what its kind needs to explain itself and to be answered again.
    """

    key: Key
    kind: EntryKind
    member_id: str
    posted_at: datetime
    account_version: int
    position: int
    occurred_at: datetime
    movement: Movement
    balance: Balance
    store_id: str | None = None
    label: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> EntrySummary:
        return EntrySummary(
            key=self.key,
            kind=self.kind,
            member_id=self.member_id,
            posted_at=self.posted_at,
            account_version=self.account_version,
            position=self.position,
            points=self.movement.points,
            points_pending=self.movement.points_pending,
            balance=self.balance,
            store_id=self.store_id,
            occurred_at=self.occurred_at,
            label=self.label,
        )
