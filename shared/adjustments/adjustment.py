"""An adjustment: points that staff give or take by hand, with a reason. Pure. F29, T11.

ADJ-1 Nobody adjusts their own membership: neither who asks for it nor who approves it is the member.
ADJ-2 Above the limit of its store it waits for a second person, who is not the first; within it, it is done at once.
ADJ-3 On one day of the chain nobody asks for more points, given and taken together, than the chain allows, whatever
      becomes of what they ask for.
ADJ-4 It is decided once, and as it was asked for: member, store, points and reason never change.
ADJ-5 Points that are taken are there: no adjustment makes a debt. Points that are given pay a debt first, lapse as
      others do or through a day of their own, and count for no tier.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from shared.errors import InvalidFieldError
from shared.ledger.account import Account, Movement
from shared.ledger.lots import lot_of
from shared.ledger.movements import credit, debit
from shared.program.calendar import valid_through
from shared.program.expiry import ExpirePolicy


class Reason(StrEnum):
    """Why points are adjusted; the member sees it."""

    MISSING_POINTS = "missing-points"
    CORRECTION = "correction"
    COMPENSATION = "compensation"
    GOODWILL = "goodwill"
    CAMPAIGN = "campaign"
    ABUSE = "abuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What is asked for. `digest` stands for the content of the request; `needs_approval` as its limit was then."""

    id: str
    digest: str
    member_id: str
    store_id: str
    points: int
    reason: Reason
    author: str
    requested_at: datetime
    valid_through: date | None
    needs_approval: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What staff wrote in their own words: for the member, for each other, and why it was rejected."""

    customer: str = ""
    internal: str = ""
    rejection: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of an adjustment. `approver` is None where it was within the limit."""

    status: Literal["applied", "rejected"]
    at: datetime
    approver: str | None


class Known(NamedTuple):
    """An adjustment and the decision on it; None as long as it waits."""

    adjustment: Adjustment
    decision: Decision | None


def movement_of(adjustment: Adjustment, account: Account, today: date, policy: ExpirePolicy) -> Movement:
    """Work out what an adjustment moves (ADJ-5).

    Raises InsufficientPointsError, and InvalidFieldError for a last day that is over, or is named for points taken.
    """
    last_day = adjustment.valid_through
    if adjustment.points < 0:
        if last_day:
            raise InvalidFieldError(errors=[{"pointer": "/valid_through", "code": "only-for-credits"}])
        return debit(account, -adjustment.points, halved_through=None)
    if last_day and last_day < today:
        raise InvalidFieldError(errors=[{"pointer": "/valid_through", "code": "already-over"}])
    return credit(account, {lot_of(last_day or valid_through(today, policy)): adjustment.points})
