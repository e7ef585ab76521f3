"""Expired points are given back: within the program's window, once, with a reason, an author and an approver. F22.

What lapsed stays lapsed: the points come as a new entry, to a lot that lives as long as the program gives it and is
not extended again. The entry's key follows from the one that says they expired, so that no points come back twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from shared import keys
from shared.errors import EntryNotFoundError, InvalidFieldError
from shared.keys import Key
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.entry_ids import entry_id
from shared.ledger.items import entry_of
from shared.ledger.lots import Lots, extended_lot, last_day_of, negated
from shared.ledger.movements import credit
from shared.ledger.once import Answered, Once, decide_once, key_free
from shared.ledger.posting import begin
from shared.ledger.store import HistoryFilters, Ledger
from shared.program.expiry import Reinstate
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience
from shared.tiers.time_rules import Moment, TimeRules
from shared.trail.deeds import Deed, What
from shared.trail.store import recording

MOST_LISTED: Final = 100
_ALWAYS_THE_SAME: Final = ""
"""The digest: whoever asks again for the same points is asking for what was done already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstatement:
    """Which expired points come back (by their entry's key), why, and by whom it was asked for and approved."""

    expired: Key
    reason: str
    author: str
    approver: str


class Reinstatable(NamedTuple):
    """Points that expired, as their entry says, and those of them that can come back."""

    entry: Entry
    points: int


def reinstate_points(
    reinstatement: Reinstatement, rules: TimeRules, ledger: Ledger, patience: Patience, *, clock: Clock
) -> Answered:
    """Give expired points back, or tell that they were given back already.

    Raises EntryNotFoundError where no such points expired, InvalidFieldError where the program does not give them
    back (any more), or author and approver are one, and BusyError.
    """
    if reinstatement.author == reinstatement.approver:
        raise _refusal("/approver", "approver-is-author", "somebody else approves")
    key = keys.reinstated(reinstatement.expired)
    return decide_once(
        Once(key=key, digest=_ALWAYS_THE_SAME),
        lambda: _reinstate(reinstatement, key, rules.moment(clock()), ledger, patience),
        ledger,
        patience,
        clock=clock,
    )


def reinstatable(member_id: str, moment: Moment, ledger: Ledger) -> Iterator[Reinstatable]:
    """List what expired lately and can come back, newest first."""
    policy = moment.program.points.expire.reinstate
    if policy is None:
        return
    filters = HistoryFilters(kind=EntryKind.EXPIRED, since=_oldest(policy, moment.now))
    for summary in ledger.history(member_id, limit=MOST_LISTED, filters=filters).entries:
        entry = _expired_entry(summary.key, ledger)
        points = sum(_lots_within(entry, policy, moment.today).values())
        if points and ledger.item(keys.reinstated(summary.key)) is None:
            yield Reinstatable(entry, points)


def _oldest(policy: Reinstate, now: datetime) -> datetime:
    """Give an instant before which nothing was posted that can come back: lots lapse before their entries say so."""
    return now - timedelta(days=policy.within_days + 2)


def _reinstate(reinstatement: Reinstatement, key: Key, moment: Moment, ledger: Ledger, patience: Patience) -> Entry:
    policy = moment.program.points.expire.reinstate
    if policy is None:
        raise _refusal("/entry_id", "not-offered", "points.expire.reinstate is not in the program in force")
    expired = _expired_entry(reinstatement.expired, ledger)
    posting = begin(ledger.account(expired.member_id), moment.now, moment.rules)
    points = sum(_lots_within(expired, policy, posting.today).values())
    if not points:
        raise _refusal("/entry_id", "too-late", f"points come back within {policy.within_days} days")
    lot = extended_lot(posting.today + timedelta(days=policy.valid_days))
    posting = posting.add(
        EntryKind.REINSTATED,
        key,
        credit(posting.account, {lot: points}),
        details={
            "g": _ALWAYS_THE_SAME,
            "why": reinstatement.reason,
            "by": reinstatement.author,
            "ok": reinstatement.approver,
        },
    )
    deed = Deed(
        what=What.POINTS_REINSTATED,
        at=moment.now,
        who=reinstatement.author,
        about=entry_id(key),
        member_id=expired.member_id,
    )
    ledger.commit(posting, patience, guards={key: key_free()}, beside=[recording(deed, table=ledger.tables.ledger)])
    return posting.entry_at(key)


def _expired_entry(key: Key, ledger: Ledger) -> Entry:
    item = ledger.item(key)
    if item is None or item["k"] != EntryKind.EXPIRED:
        raise EntryNotFoundError
    return entry_of(item)


def _lots_within(expired: Entry, policy: Reinstate, today: date) -> Lots:
    """Give the lots, and their points, that lapsed no longer ago than the program allows."""
    return {
        lot: points
        for lot, points in negated(expired.movement.lots).items()
        if (last_day := last_day_of(lot)) and today <= last_day + timedelta(days=policy.within_days)
    }


def _refusal(pointer: str, code: str, detail: str) -> InvalidFieldError:
    return InvalidFieldError(errors=[{"pointer": pointer, "code": code, "detail": detail}])
