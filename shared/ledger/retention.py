"""What an account forgets: months too old to count for a tier, and counters whose period is over.

The entries keep everything; the account keeps only what a decision can still need, and stays within a kilobyte.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from shared.ledger.account import Qualifying
from shared.ledger.lots import has_lapsed

MONTHS_KEPT: Final = 15
"""A window of twelve months, the month that it begins in, and two for what is still decided a month after its end."""


def oldest_month(today: date) -> str:
    months = today.year * 12 + today.month - MONTHS_KEPT
    return f"{months // 12 % 100:02d}{months % 12 + 1:02d}"


def recent_months(qualifying: Mapping[str, Qualifying], today: date) -> Mapping[str, Qualifying]:
    oldest = oldest_month(today)
    if all(month >= oldest for month in qualifying):
        return qualifying
    return {month: counted for month, counted in qualifying.items() if month >= oldest}


def counter_of(subject: str, last_day: str) -> str:
    """Name the counter of something limited; `last_day` of its period is written as a lot is (`~`: for ever)."""
    return f"{subject}:{last_day}"


def open_counters(counters: Mapping[str, int], today: date) -> Mapping[str, int]:
    over = [name for name in counters if has_lapsed(name.rpartition(":")[2], today)]
    return {name: n for name, n in counters.items() if name not in over} if over else counters
