"""Benefits of a tier: what a member may claim now, and how often still. Pure.

BEN-1 A benefit belongs to the levels that list it; a member has those of the present level.
BEN-2 Those with a quota count per calendar period of the program's zone; a new period begins at its midnight.
BEN-3 A benefit for the birthday is closed at all other times, and to whoever has told none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from shared.ledger.account import Account
from shared.ledger.lots import lot_of
from shared.ledger.retention import counter_of
from shared.program.calendar import is_birthday
from shared.program.limits import Every, last_day_of_period
from shared.program.model import Benefit, Tiers
from shared.tiers.ladder import place


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """A benefit as one member has it: `left` claims in this period, None where nothing is counted.

    `is_open` says that today is a day for it.
    """

    benefit: Benefit
    left: int | None
    is_open: bool


FindBirthday = Callable[[str], date | None]
"""Reads a member's birthday, by id: only where a benefit asks for it."""


def entitlements(account: Account, tiers: Tiers, today: date, find_birthday: FindBirthday) -> Iterator[Entitlement]:
    """Give what a member may claim, in the order of the program."""
    benefits = tiers.levels[place(account.tier.tier_id, tiers)].benefits
    birthday = find_birthday(account.member_id) if any(one.birthday for one in benefits) else None
    for benefit in benefits:
        is_open = not benefit.birthday or (birthday is not None and is_birthday(birthday, today, benefit.birthday))
        yield Entitlement(benefit=benefit, left=_left(benefit, account, today), is_open=is_open)


def levels_with(benefit_id: str, tiers: Tiers) -> list[str]:
    """Name the tiers that have a benefit."""
    return [level.id for level in tiers.levels if any(one.id == benefit_id for one in level.benefits)]


def counter_of_benefit(benefit: Benefit, today: date) -> str | None:
    """Name the account's counter that a claim raises; None where nothing is counted."""
    if benefit.id is None or benefit.every is None:
        return None
    return counter_of(f"b:{benefit.id}", lot_of(last_day_of_period(Every(benefit.every), today)))


def _left(benefit: Benefit, account: Account, today: date) -> int | None:
    counter = counter_of_benefit(benefit, today)
    return None if counter is None else max(0, benefit.times - account.counters.get(counter, 0))
