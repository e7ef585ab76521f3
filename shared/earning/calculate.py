"""How many points a sale earns. One formula, one rounding, exact arithmetic, no dependence on the order of anything.

    line points = net amount / per_amount × points × tier × campaigns      total multiplier ≤ max_multiplier
    sale points = round once(Σ line points) + fixed bonuses                then cut to the cap per sale

Amounts that a rule asks for (`min_amount`, steps) are the eligible amount of the lines the rule speaks of; of all
eligible lines when it speaks of none. Of several base rates on a line the highest counts.

Invariants:
CALC-1 The points do not depend on the order of rules, of lines, or of tags.
CALC-2 More of any line never earns fewer points, so a refund never adds points. (Steps rise, and `full_units` stands
       alone and drops what is short of a unit where it earns least; compiling a program checks the former two.)
CALC-3 A sale of which nothing is left earns nothing, fixed bonuses included.
CALC-4 One rounding per sale: splitting a line into several never changes the points.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor

from shared.earning.basis import exact_sum, grouped, share_of, tenders_line
from shared.earning.conditions import (
    Circumstances,
    ItemGroup,
    circumstances,
    matches,
    missed_circumstance,
    missed_items,
    only_the_best,
)
from shared.earning.explain import (
    BonusLine,
    BudgetLine,
    CapLine,
    ExcludedLine,
    ExplainLine,
    Factor,
    ItemsLine,
    NotApplied,
    TotalLine,
)
from shared.earning.sale import Facts, Sale
from shared.earning.shares import Share, shares_of
from shared.earning.spending import spending
from shared.earning.stacking import Applied, Campaign, Multiplier, campaigns, multiplier, winners
from shared.program.model import Program, Rounding, StackingMode
from shared.program.rules import Count, EarnRule, FixedPoints, PerAmount, When

_NOTHING = Fraction(0)
_HALF = Fraction(1, 2)
_NO_CONDITION = When()


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What a sale earns, why, and which rules with a condition did not apply. The shares add up to the points.

    `counting` are the rules that gave something; `undoable` the points of bonuses that hang on other sales, too;
    `spent` what rules with a budget added, in thousandths of points, and `budget_lines` what they could not.
    """

    points: int
    shares: tuple[Share, ...]
    eligible_minor: Fraction
    counting: frozenset[str]
    undoable: Mapping[str, int]
    spent: Mapping[str, int]
    budget_lines: tuple[BudgetLine, ...]
    explain: tuple[ExplainLine, ...]
    not_applied: tuple[NotApplied, ...]


def calculate(sale: Sale, facts: Facts, program: Program) -> Award:
    """Compute the points of a sale, or of what refunds left of it, under one version of the program."""
    around = circumstances(sale, facts, program)
    tenders = tenders_line(sale, program)
    groups, excluded = grouped(sale, program, share_of(tenders))
    eligible_minor = exact_sum([group.amount_minor for group in groups])
    applied, missed = _applied_rules(program, groups, eligible_minor, around)
    earned = _earned(groups, applied, program, around)
    bonuses = _bonuses(applied)
    spend = spending(earned.items, bonuses, program, facts.rooms)
    exact = exact_sum([line.points for line in earned.items]) - spend.cut_items
    total = TotalLine(
        exact=exact, points=_rounded(exact, program), points_name=program.points.name, line_count=len(sale.lines)
    )
    given = _less(bonuses, spend.cut_bonuses)
    uncut = total.points + sum(bonus.points for bonus in given)
    cap = tuple(_caps(uncut, facts, program))
    told_tenders = (tenders,) if tenders else ()
    cut = -sum(one.points for one in cap)
    points = uncut - cut
    beaten = {rule.rule_id for rule in earned.not_counting()}
    return Award(
        points=points,
        shares=shares_of(earned.items, total, given, points, program),
        eligible_minor=eligible_minor,
        counting=frozenset(one.rule.id for one in applied) - beaten,
        undoable=_undoable(given, cut, applied),
        spent=spend.spent,
        budget_lines=spend.lines,
        explain=(total, *told_tenders, *earned.items, *excluded, *earned.without_rate, *bonuses, *spend.lines, *cap),
        not_applied=_in_order((*missed, *earned.not_counting()), program),
    )


def _applied_rules(
    program: Program, groups: Sequence[ItemGroup], eligible_minor: Fraction, around: Circumstances
) -> tuple[list[Applied], list[NotApplied]]:
    applied: list[Applied] = []
    missed: list[NotApplied] = []
    everything = frozenset(range(len(groups)))
    for rule in program.earn:
        reason = missed_circumstance(rule, around)
        if reason is None:
            indexes, amount = everything, eligible_minor
            if rule.when.speaks_of_items:
                indexes = frozenset(at for at, group in enumerate(groups) if matches(rule.when, group))
                amount = exact_sum([groups[at].amount_minor for at in indexes])
            reason = missed_items(rule, amount, around)
        if reason is None:
            applied.append(Applied(rule=rule, groups=indexes, amount_minor=amount))
        elif rule.when != _NO_CONDITION:
            missed.append(reason)
    return applied, missed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rate:
    """A base rate that applies, and the groups of lines on which it does."""

    rule_id: str
    give: PerAmount
    groups: frozenset[int]

    @property
    def highest_first(self) -> tuple[Fraction, str]:
        return Fraction(-self.give.points, self.give.per_amount_minor), self.rule_id


@dataclass(slots=True, kw_only=True)
class _Earned:
    """What the lines earned: rows of equal lines, lines without a base rate, and campaigns by whether they counted."""

    items: tuple[ItemsLine, ...] = ()
    without_rate: list[ExcludedLine] = field(default_factory=list)
    counted: set[str] = field(default_factory=set)
    beaten: dict[str, tuple[EarnRule, EarnRule]] = field(default_factory=dict)

    def note(self, rivals: Sequence[Campaign], best: dict[tuple[str, ...], Campaign], mode: StackingMode) -> None:
        for campaign in rivals:
            winner = best[campaign.rival_key(mode)]
            if winner is campaign:
                self.counted.add(campaign.rule.id)
                continue
            _, known = self.beaten.get(campaign.rule.id, (campaign.rule, winner.rule))
            self.beaten[campaign.rule.id] = campaign.rule, min(known, winner.rule, key=lambda rule: rule.id)

    def not_counting(self) -> Iterable[NotApplied]:
        """Name the campaigns that a better one beat on every line they speak of."""
        beaten = (pair for id_, pair in self.beaten.items() if id_ not in self.counted)
        return (only_the_best(rule, winner.name) for rule, winner in beaten)


def _earned(
    groups: Sequence[ItemGroup], applied: Sequence[Applied], program: Program, around: Circumstances
) -> _Earned:
    earned = _Earned()
    mode = program.stacking.campaigns
    tier = _tier_factor(program, around)
    running = tuple(campaigns(applied))
    rates = _rates(applied)
    multipliers: dict[tuple[str, ...], Multiplier] = {}
    rows: dict[tuple[str, str, tuple[str, ...]], ItemsLine] = {}
    for at, group in enumerate(groups):
        rate = next((rate for rate in rates if at in rate.groups), None)
        if rate is None:
            earned.without_rate.append(_without_rate(group, around))
            continue
        rivals = tuple(campaign for campaign in running if at in campaign.groups)
        rival_ids = tuple(campaign.rule.id for campaign in rivals)
        if (factors := multipliers.get(rival_ids)) is None:
            best = winners(rivals, mode)
            earned.note(rivals, best, mode)
            counting = tuple(campaign for campaign in rivals if best[campaign.rival_key(mode)] is campaign)
            factors = multipliers[rival_ids] = multiplier(tier, counting, program.stacking)
        row = _row(group, rate, factors, program)
        key = (group.category, rate.rule_id, tuple(factor.id for factor in factors.campaigns))
        rows[key] = _merged(rows[key], row) if key in rows else row
    earned.items = _whole_units_only(tuple(rows.values()), rates)
    return earned


def _rates(applied: Sequence[Applied]) -> list[_Rate]:
    rates = [
        _Rate(rule_id=one.rule.id, give=one.rule.give, groups=one.groups)
        for one in applied
        if isinstance(one.rule.give, PerAmount)
    ]
    return sorted(rates, key=lambda rate: rate.highest_first)


def _tier_factor(program: Program, around: Circumstances) -> Factor | None:
    level = program.level(around.tier_id)
    if level is None or level.multiply == 1:
        return None
    return Factor(id=level.id, name=around.tier_name, bonus=level.multiply - 1)


def _row(group: ItemGroup, rate: _Rate, factors: Multiplier, program: Program) -> ItemsLine:
    return ItemsLine(
        category=group.category,
        line_count=group.line_count,
        amount_minor=group.amount_minor,
        counted_minor=group.amount_minor,
        currency=program.currency,
        rule_id=rate.rule_id,
        rate_points=rate.give.points,
        rate_per_minor=rate.give.per_amount_minor,
        mode=program.stacking.campaigns,
        tier=factors.tier,
        campaigns=factors.campaigns,
        multiplier=factors.total,
        capped_at=factors.capped_at,
    )


def _merged(row: ItemsLine, other: ItemsLine) -> ItemsLine:
    return replace(
        row,
        line_count=row.line_count + other.line_count,
        amount_minor=row.amount_minor + other.amount_minor,
        counted_minor=row.counted_minor + other.counted_minor,
    )


def _whole_units_only(rows: tuple[ItemsLine, ...], rates: Sequence[_Rate]) -> tuple[ItemsLine, ...]:
    """Leave out, for `full_units`, the money short of a unit: from the rows with the smallest multiplier first.

    Money that earns more is thus never lost to money that earns less, and buying more never earns less. Rows that a
    cap makes equal differ in what budgets pay for them, so of equals names decide, as they do of campaigns.
    """
    counted = {rate.rule_id for rate in rates if rate.give.count is Count.FULL_UNITS}
    if not counted:
        return rows
    short = exact_sum([row.amount_minor for row in rows if row.rule_id in counted])
    if not short:
        return rows
    short %= next(row.rate_per_minor for row in rows if row.rule_id in counted)
    left: dict[int, Fraction] = {}
    for at, row in sorted(enumerate(rows), key=lambda numbered: _smallest_first(numbered[1])):
        if row.rule_id in counted:
            left[at] = max(_NOTHING, row.amount_minor - short)
            short -= row.amount_minor - left[at]
    return tuple(replace(row, counted_minor=left.get(at, row.counted_minor)) for at, row in enumerate(rows))


def _smallest_first(row: ItemsLine) -> tuple[Fraction, list[str], str]:
    return row.multiplier, sorted(factor.id for factor in row.campaigns), row.category


def _without_rate(group: ItemGroup, around: Circumstances) -> ExcludedLine:
    return ExcludedLine(
        category=group.category,
        line_count=group.line_count,
        amount_minor=group.amount_minor,
        currency=around.currency,
        reason="no-rule",
    )


def _rounded(exact: Fraction, program: Program) -> int:
    half_up = program.points.rounding is Rounding.HALF_UP
    return max(0, floor(exact + _HALF if half_up else exact))


def _bonuses(applied: Sequence[Applied]) -> tuple[BonusLine, ...]:
    return tuple(
        BonusLine(rule_id=one.rule.id, name=one.rule.name, points=one.rule.give.points)
        for one in applied
        if isinstance(one.rule.give, FixedPoints)
    )


def _less(bonuses: Sequence[BonusLine], cuts: Mapping[str, int]) -> Sequence[BonusLine]:
    """Give the bonuses less what budgets cut off them."""
    if not cuts:
        return bonuses
    return [replace(one, points=one.points - cuts.get(one.rule_id, 0)) for one in bonuses]


def _caps(points: int, facts: Facts, program: Program) -> Iterator[CapLine]:
    """Cut the points to the cap per sale, then to what the member could still earn on that day."""
    safety = program.safety
    if safety.per_order_max_points is not None and points > safety.per_order_max_points:
        yield CapLine(cap="per_order", limit=safety.per_order_max_points, points=safety.per_order_max_points - points)
        points = safety.per_order_max_points
    limit = safety.per_member_per_day_max_points
    if limit is not None and facts.day_room is not None and points > facts.day_room:
        yield CapLine(cap="per_day", limit=limit, points=facts.day_room - points)


def _undoable(bonuses: Sequence[BonusLine], cut: int, applied: Sequence[Applied]) -> dict[str, int]:
    """Say what each bonus that hangs on other sales gave; what caps cut off, they lose before all else."""
    counted = {one.rule.id for one in applied if one.rule.is_counted_bonus}
    return lessened({bonus.rule_id: bonus.points for bonus in bonuses if bonus.rule_id in counted}, cut)


def lessened(bonuses: Mapping[str, int], cut: int) -> dict[str, int]:
    """Take points off bonuses, one after the other by their ids."""
    given: dict[str, int] = {}
    for rule_id in sorted(bonuses):
        given[rule_id] = max(0, bonuses[rule_id] - cut)
        cut -= bonuses[rule_id] - given[rule_id]
    return given


def _in_order(missed: Iterable[NotApplied], program: Program) -> tuple[NotApplied, ...]:
    """Tell what did not apply in the order of the file, as the marketer wrote it."""
    place = {rule.id: at for at, rule in enumerate(program.earn)}
    return tuple(sorted(missed, key=lambda one: place[one.rule_id]))
