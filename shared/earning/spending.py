"""What budgets allow: the points that a campaign adds, cut to what is left for it. Pure.

A bonus adds its points. A multiplier adds what is above the tier's factor: where several count on a line, each by its
share of the bonuses. Budgets are counted in thousandths of a point, rounded up, so that a budget is never exceeded.

BUD-1 What a rule adds after the cut is never more than its room; less of a sale never adds more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from shared.earning.explain import BonusLine, BudgetLine, Factor, ItemsLine
from shared.earning.stacking import exact
from shared.ledger.lots import add, take_soonest
from shared.program.model import Program

MILLI = 1000

Taken = Mapping[str, Mapping[str, int]]
"""Thousandths of points by rule and shard of its budget."""

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What rules with a budget add, in thousandths; and what their rooms cut off, as lines to be told."""

    spent: Mapping[str, int]
    cut_items: Fraction
    cut_bonuses: Mapping[str, int]
    lines: tuple[BudgetLine, ...]


def spending(
    items: Sequence[ItemsLine], bonuses: Sequence[BonusLine], program: Program, rooms: Mapping[str, int]
) -> Spending:
    """Cut what rules add to their rooms (thousandths of points); a rule without a room has enough."""
    budgeted = {rule.id: rule for rule in program.earn if rule.budget}
    if not budgeted:
        return Spending(spent={}, cut_items=_NOTHING, cut_bonuses={}, lines=())
    added: dict[str, Fraction] = {}
    for row in items:
        for factor in row.campaigns:
            if factor.id in budgeted:
                added[factor.id] = added.get(factor.id, _NOTHING) + added_by(factor, row)
    cuts = {
        rule_id: points - min(points, Fraction(rooms[rule_id], MILLI))
        for rule_id, points in added.items()
        if rule_id in rooms
    }
    given = {bonus.rule_id: bonus.points for bonus in bonuses if bonus.rule_id in budgeted}
    short = {
        rule_id: points - min(points, rooms[rule_id] // MILLI) for rule_id, points in given.items() if rule_id in rooms
    }
    kept = {rule_id: points - cuts.get(rule_id, _NOTHING) for rule_id, points in added.items()}
    kept |= {rule_id: Fraction(points - short.get(rule_id, 0)) for rule_id, points in given.items()}
    told = {**cuts, **{rule_id: Fraction(points) for rule_id, points in short.items()}}
    return Spending(
        spent={rule_id: ceil(points * MILLI) for rule_id, points in sorted(kept.items()) if points},
        cut_items=sum(cuts.values(), _NOTHING),
        cut_bonuses={rule_id: points for rule_id, points in short.items() if points},
        lines=tuple(
            BudgetLine(rule_id=rule_id, name=budgeted[rule_id].name, points=-points)
            for rule_id, points in sorted(told.items())
            if points
        ),
    )


def binding(rooms: Mapping[str, int], lines: Iterable[BudgetLine]) -> dict[str, int]:
    """Give the rooms that cut something: the only ones that returns need to know."""
    cut = {line.rule_id for line in lines}
    return {rule_id: room for rule_id, room in rooms.items() if rule_id in cut}


def added_by(factor: Factor, row: ItemsLine) -> Fraction:
    """Say how many points one of its campaigns adds to the lines of a row."""
    without = 1 + (exact(row.tier.bonus) if row.tier else 0)
    if row.multiplier <= without:
        return _NOTHING
    share = exact(factor.bonus) / sum(exact(one.bonus) for one in row.campaigns)
    return row.points * (row.multiplier - without) / row.multiplier * share


def parts_of(taken: Taken, spent: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Give what is spent of what may be taken: a cut, or a fraction of a point, leaves some where it is."""
    parts = {rule_id: take_soonest(shards, spent.get(rule_id, 0)) for rule_id, shards in taken.items()}
    return {rule_id: part for rule_id, part in parts.items() if part}


def together(*taken: Taken) -> dict[str, dict[str, int]]:
    """Add up what several entries of one transaction take: it may write to a shard once."""
    summed: dict[str, dict[str, int]] = {}
    for one in taken:
        for rule_id, shards in one.items():
            summed[rule_id] = dict(add(summed.get(rule_id, {}), shards))
    return summed
