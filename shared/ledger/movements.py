"""The movements that the business knows, each worked out from the account as it stands. Pure.

Order of taking: soonest to lapse first, never-lapsing last. Clawing back: pending first (the sale's own, then what
activates last), then the sale's own lot, then soonest to lapse, then by the debt policy. Crediting pays debt first.
Undoing a spend returns points to the lots that they came from. Points may pay half in their last days (S3-15).
"""

from datetime import date
from typing import Literal, NamedTuple

from shared.errors import InsufficientPointsError
from shared.ledger.account import Account, Movement
from shared.ledger.lots import Lots, add, negated, pending_lot_of, split_at, take_soonest

DebtPolicy = Literal["allow_negative", "within_balance", "forgive"]


class Clawback(NamedTuple):
    """What a refund takes, and the points that it had to let go (`within_balance`, `forgive`)."""

    movement: Movement
    written_off: int


def credit(account: Account, lots: Lots) -> Movement:
    """Add points to lots; debt is paid first, with the points that would lapse soonest."""
    paid = take_soonest(lots, account.debt)
    kept = {lot: points - paid.get(lot, 0) for lot, points in lots.items() if points > paid.get(lot, 0)}
    return Movement(lots=kept, debt=-sum(paid.values()))


def credit_pending(activates_on: date, lots: Lots) -> Movement:
    """Add points that join their lots on a day."""
    return Movement(pending={pending_lot_of(activates_on, lot): points for lot, points in lots.items() if points})


def debit(account: Account, price: int, *, halved_through: str | None) -> Movement:
    """Take the points that pay a price, soonest to lapse first. Raises InsufficientPointsError.

    Points of lots that lapse on `halved_through` (YYMMDD) or before pay half: two of them make one, and an odd one
    is never taken, because it would pay nothing. None: all points pay in full.
    """
    halved, whole = split_at(account.lots, halved_through)
    paid_by_halved = min(price, sum(halved.values()) // 2)
    paid_by_whole = price - paid_by_halved
    short = paid_by_whole - sum(whole.values())
    if short > 0:
        missing = short + account.debt
        raise InsufficientPointsError(required=price, available=account.balance.available, missing=missing)
    taken = {**take_soonest(halved, 2 * paid_by_halved), **take_soonest(whole, paid_by_whole)}
    return Movement(lots=negated(taken))


def claw_back(account: Account, due: Lots, *, activates_on: date, policy: DebtPolicy) -> Clawback:
    """Take back points that a sale gave: `due` by the lots that it gave them to, which they joined on a day."""
    movement, written_off = Movement(), 0
    for lot in sorted(due):
        pending_lot = pending_lot_of(activates_on, lot)
        part = _claw_back(account.moved(movement), due[lot], pending_lot=pending_lot, lot=lot, policy=policy)
        movement = Movement(
            lots=add(movement.lots, part.movement.lots),
            pending=add(movement.pending, part.movement.pending),
            debt=movement.debt + part.movement.debt,
        )
        written_off += part.written_off
    return Clawback(movement, written_off)


def _claw_back(account: Account, points: int, *, pending_lot: str, lot: str, policy: DebtPolicy) -> Clawback:
    from_pending = _take_pending(account, points, own=pending_lot)
    points -= sum(from_pending.values())
    from_own = min(points, account.lots.get(lot, 0))
    points -= from_own
    others = {other: held for other, held in account.lots.items() if other != lot}
    from_lots = {} if policy == "forgive" else take_soonest(others, points)
    points -= sum(from_lots.values())
    if from_own:
        from_lots[lot] = from_own
    owed = points if policy == "allow_negative" else 0
    movement = Movement(lots=negated(from_lots), pending=negated(from_pending), debt=owed)
    return Clawback(movement, points - owed)


def _take_pending(account: Account, points: int, *, own: str) -> dict[str, int]:
    order = sorted(account.pending, reverse=True)
    if own in account.pending:
        order.remove(own)
        order.insert(0, own)
    taken: dict[str, int] = {}
    for pending_lot in order:
        if points <= 0:
            break
        taken[pending_lot] = min(points, account.pending[pending_lot])
        points -= taken[pending_lot]
    return taken
