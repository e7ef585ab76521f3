"""A deed: something that a person of the staff, or an operator, did. Pure.

TRAIL-1 A deed is recorded in the transaction that does it: there is no deed without its record, and no record of
        what was not done.
TRAIL-2 A record never changes and is never deleted. It holds ids and codes and no free text: what staff write in
        their own words may be personal, and stands in the table of members.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final

_CODE: Final = re.compile(r"[a-z][a-z-]*|", re.ASCII)


class What(StrEnum):
    """Everything that is recorded."""

    ADJUSTMENT_APPLIED = "adjustment.applied"  # within the limit
    ADJUSTMENT_REQUESTED = "adjustment.requested"
    ADJUSTMENT_APPROVED = "adjustment.approved"
    ADJUSTMENT_REJECTED = "adjustment.rejected"
    TIER_SET = "tier.set"
    MEMBER_FROZEN = "member.frozen"
    MEMBER_UNFROZEN = "member.unfrozen"
    POINTS_REINSTATED = "points.reinstated"
    COMPLETION_APPROVED = "completion.approved"
    COMPLETION_REJECTED = "completion.rejected"
    RECEIPT_CLAIMED = "receipt.claimed"
    PROGRAM_PUBLISHED = "program.published"
    REWARDS_PUBLISHED = "rewards.published"
    STORES_PUBLISHED = "stores.published"
    REWARD_ADDED = "reward.added"
    REWARD_CHANGED = "reward.changed"
    REWARD_ARCHIVED = "reward.archived"
    STOCK_CHANGED = "stock.changed"
    REDEMPTION_APPROVED = "redemption.approved"
    REDEMPTION_REJECTED = "redemption.rejected"
    REDEMPTION_CANCELLED = "redemption.cancelled"
    REDEMPTION_FULFILLED = "redemption.fulfilled"
    ACCOUNT_REBUILT = "account.rebuilt"
    STOCK_REBUILT = "stock.rebuilt"
    BUDGET_REBUILT = "budget.rebuilt"
    REQUEST_REBUILT = "request.rebuilt"
    MEMBER_SEEN = "member.seen"  # name and phone in full


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What was done, when (aware), and by whom: the subject of a token, or the name of an operator.

    `about` is the id of the object that it was done to, such as an entry or a version; no two deeds of one kind and
    instant share it. `why` is the code of a reason. Empty texts: it concerns no member or no store, has no such reason.
    """

    what: What
    at: datetime
    who: str
    about: str
    member_id: str = ""
    store_id: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.why):
            raise ValueError("a reason is told by its code")

    @property
    def day(self) -> date:
        """The day in UTC, by which deeds are kept."""
        return self.at.astimezone(UTC).date()
