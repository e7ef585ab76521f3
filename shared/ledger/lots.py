"""Lots: points that lapse on one day, and the order in which they are taken.

A lot is known by the last day on which it can be used, written YYMMDD so that text order is time order and 48 lots
fit in a kilobyte; a lot that never lapses is `~`, which sorts behind every day. Points that are not yet usable
wait in a pending lot, `YYMMDD>lot`: the day on which they become usable, and the lot that they then join.

Years are 2000 to 2099.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

Lots = Mapping[str, int]
"""Points per lot, or per pending lot; a lot with no points is not listed."""

NEVER: Final = "~"
EXTENDED_MARK: Final = "+"


class PendingLot(NamedTuple):
    activates_on: date
    lot: str


def lot_of(valid_through: date | None) -> str:
    """Give the lot that can be used through a day; None means for ever."""
    return write_day(valid_through) if valid_through else NEVER


def last_day_of(lot: str) -> date | None:
    return None if lot == NEVER else read_day(lot)


def pending_lot_of(activates_on: date, lot: str) -> str:
    return f"{write_day(activates_on)}>{lot}"


def read_pending_lot(key: str) -> PendingLot:
    activates, _, lot = key.partition(">")
    return PendingLot(read_day(activates), lot)


def extended_lot(to: date) -> str:
    """Name the lot that a lapsing lot becomes when it is given more time, which happens once: `270331+`."""
    return f"{to:%y%m%d}{EXTENDED_MARK}"


def was_extended(lot: str) -> bool:
    return lot.endswith(EXTENDED_MARK)


def moved_to_later(lots: Lots, lot: str) -> dict[str, int]:
    """Give the changes that move all points that would lapse before a lot into it."""
    sooner = {one: points for one, points in lots.items() if one < lot}
    return add(negated(sooner), {lot: sum(sooner.values())}) if sooner else {}


def split_at(lots: Lots, last: str | None) -> tuple[dict[str, int], dict[str, int]]:
    """Part lots into those whose last day is `last` (YYMMDD) or before, and those that can be used for longer."""
    sooner = {lot: points for lot, points in lots.items() if last is not None and lot[:6] <= last}
    return sooner, {lot: points for lot, points in lots.items() if lot not in sooner}


def has_lapsed(lot: str, today: date) -> bool:
    """Tell whether a lot's last day is over."""
    return lot[:6] < write_day(today)


def take_soonest(lots: Lots, points: int) -> dict[str, int]:
    """Say how many points to take from each lot, soonest to lapse first; at most what there is."""
    taken: dict[str, int] = {}
    for lot in sorted(lots):
        if points <= 0:
            break
        taken[lot] = min(points, lots[lot])
        points -= taken[lot]
    return taken


def add(left: Lots, right: Lots) -> dict[str, int]:
    """Add points lot by lot, dropping lots that end up empty."""
    summed = dict(left)
    for lot, points in right.items():
        total = summed.get(lot, 0) + points
        if total:
            summed[lot] = total
        else:
            summed.pop(lot, None)
    return summed


def negated(lots: Lots) -> dict[str, int]:
    return {lot: -points for lot, points in lots.items()}


@lru_cache(maxsize=1024)
def write_day(day: date) -> str:
    """Write a day as YYMMDD; remembered, as a sale asks for the same few days a dozen times."""
    return day.strftime("%y%m%d")


def read_day(text: str) -> date:
    """Read a day written YYMMDD."""
    return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
