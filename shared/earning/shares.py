"""Whose points are whose: the points of a sale by how long they live, where rules say so of their own. Pure.

A base rate that names an expiry names it for all that its lines earn, multipliers included; a fixed bonus for its
own points. The one rounding of a sale, and a cap, are shared out to the nearest point: to each what is whole, the
points that are left over to the largest fractions, of equals to the program's own before its rules' by their ids.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from shared.earning.explain import BonusLine, ItemsLine, TotalLine
from shared.ledger.lots import Lots, add, lot_of
from shared.program.calendar import valid_through
from shared.program.expiry import ExpirePolicy
from shared.program.model import Program

_NOTHING = Fraction(0)


class Share(NamedTuple):
    """Points that live by a policy; None: by the program's."""

    expire: ExpirePolicy | None
    points: int


def shares_of(
    items: Sequence[ItemsLine], total: TotalLine, bonuses: Sequence[BonusLine], points: int, program: Program
) -> tuple[Share, ...]:
    """Share out `points`: what the items earned together, rounded, and the bonuses, less what a cap took off.

    What a budget took off the items is taken from each in proportion.
    """
    lifetimes = {rule.id: rule.expire for rule in program.earn if rule.expire}
    if not lifetimes:
        return (Share(None, points),)
    order = [None, *dict.fromkeys(lifetimes[rule_id] for rule_id in sorted(lifetimes))]
    exact = _summed(((lifetimes.get(row.rule_id), row.points) for row in items), order)
    all_exact = sum(exact, _NOTHING)
    if total.exact != all_exact:
        exact = [part * total.exact / all_exact for part in exact]
    whole = _apportioned(total.points, exact, exact)
    given = _summed(((lifetimes.get(bonus.rule_id), Fraction(bonus.points)) for bonus in bonuses), order)
    shares = [base + bonus for base, bonus in zip(whole, given, strict=True)]
    uncut = sum(shares)
    if points < uncut:
        shares = [Fraction(one) for one in _apportioned(points, [share * points / uncut for share in shares], shares)]
    return tuple(Share(policy, int(share)) for policy, share in zip(order, shares, strict=True) if share)


def lots_of(shares: Iterable[Share], activation: date, program: Program) -> Lots:
    """Give the lots that shares go to, once they are usable from a day on."""
    lots: Lots = {}
    for share in shares:
        lot = lot_of(valid_through(activation, share.expire or program.points.expire))
        lots = add(lots, {lot: share.points})
    return lots


def _summed(
    parts: Iterable[tuple[ExpirePolicy | None, Fraction]], order: Sequence[ExpirePolicy | None]
) -> list[Fraction]:
    sums = dict.fromkeys(order, _NOTHING)
    for policy, points in parts:
        sums[policy] += points
    return list(sums.values())


def _apportioned(points: int, exact: Sequence[Fraction], eligible: Sequence[Fraction]) -> list[int]:
    """Round parts so that they add up to `points`; what is eligible for nothing gets nothing."""
    whole = [int(part) for part in exact]
    by_fraction = sorted(range(len(exact)), key=lambda at: whole[at] - exact[at])
    for at in [at for at in by_fraction if eligible[at]][: points - sum(whole)]:
        whole[at] += 1
    return whole
