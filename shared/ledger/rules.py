"""What time does to an account besides activating and lapsing: the program decides, the ledger asks. Pure.

The ledger knows no program: whoever begins a posting hands in the rules, made by `shared.tiers.time_rules`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shared.ledger.account import Account, Qualifying, TierState

Days = Callable[[str, str], Mapping[str, Qualifying]]
"""Reads what counted for a member's tier on the days (YYMMDD) of one month (YYMM), as far as it is recorded."""


class Review(NamedTuple):
    """A decision on a tier: what it is from then on, what its entry is called, and the entry's details."""

    tier: TierState
    label: str
    details: Mapping[str, Any]


def no_days(_member_id: str, _month: str) -> Mapping[str, Qualifying]:
    return {}


def no_review(_account: Account, _today: date) -> Review | None:
    return None


def no_extension(_account: Account, _lot: str) -> str | None:
    return None


def nothing_undone(_account: Account, _fresh: Mapping[str, Qualifying], _today: date) -> TierState | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`zone` says when a day ends.

    `review` gives the next decision that is due on a tier by a day, None where none is. `undone` gives the tier that
    stands after a return, where it undoes an upgrade: it is asked with the account that has the return counted, and
    with what the posting's own entries count by day. `extend` gives the lot that a lapsing lot becomes instead.
    """

    zone: ZoneInfo
    review: Callable[[Account, date], Review | None] = no_review
    undone: Callable[[Account, Mapping[str, Qualifying], date], TierState | None] = nothing_undone
    extend: Callable[[Account, str], str | None] = no_extension
    days: Days = no_days
