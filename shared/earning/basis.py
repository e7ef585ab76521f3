"""What of a sale earns: the share of the payment, and its lines in groups that no rule can tell apart. Pure."""

from collections.abc import Sequence
from fractions import Fraction

from shared.earning.conditions import ItemGroup
from shared.earning.explain import ExcludedLine, TendersLine
from shared.earning.sale import Sale, SaleLine
from shared.program.model import UNCATEGORISED, Program

_NOTHING = Fraction(0)
_ONE = Fraction(1)


def eligible_minor(sale: Sale, program: Program) -> Fraction:
    """Add up the money of a sale that earns, in minor units."""
    earning = exact_sum([line.net_minor for line in sale.lines if not _is_excluded(line, program)])
    share = share_of(tenders_line(sale, program))
    return earning if share is _ONE else earning * share


def tenders_line(sale: Sale, program: Program) -> TendersLine | None:
    methods = program.eligible.payment_methods
    if not sale.tenders or not methods or all(tender.type in methods for tender in sale.tenders):
        return None
    return TendersLine(
        eligible_minor=sum(tender.amount_minor for tender in sale.tenders if tender.type in methods),
        total_minor=sum(tender.amount_minor for tender in sale.tenders),
        currency=sale.currency,
    )


def share_of(tenders: TendersLine | None) -> Fraction:
    """Give the part of the payment that earns; of nothing paid, nothing earns."""
    if tenders is None:
        return _ONE
    return Fraction(tenders.eligible_minor, tenders.total_minor) if tenders.total_minor else _NOTHING


def grouped(sale: Sale, program: Program, share: Fraction) -> tuple[list[ItemGroup], list[ExcludedLine]]:
    told_apart = frozenset[str]().union(*(rule.when.skus for rule in program.earn))
    nets: dict[tuple[str, frozenset[str], str | None], list[Fraction]] = {}
    excluded: dict[tuple[str, bool], list[Fraction]] = {}
    for line in sale.lines:
        category = line.category or UNCATEGORISED
        if _is_excluded(line, program):
            excluded.setdefault((category, line.gift_card), []).append(line.net_minor)
        else:
            key = (category, frozenset(line.tags), line.sku if line.sku in told_apart else None)
            nets.setdefault(key, []).append(line.net_minor)
    groups = [
        ItemGroup(
            category=key[0],
            tags=key[1],
            sku=key[2],
            amount_minor=exact_sum(of) if share is _ONE else exact_sum(of) * share,
            line_count=len(of),
        )
        for key, of in nets.items()
    ]
    return groups, [
        ExcludedLine(
            category=category,
            line_count=len(of),
            amount_minor=exact_sum(of),
            currency=sale.currency,
            reason="gift-card" if gift_card else "category",
        )
        for (category, gift_card), of in excluded.items()
    ]


def _is_excluded(line: SaleLine, program: Program) -> bool:
    return line.gift_card or (line.category or UNCATEGORISED) in program.eligible.exclude_categories


def exact_sum(values: Sequence[Fraction]) -> Fraction:
    """Add up, values of one denominator as integers: nearly all are whole, and fractions are slow to add."""
    if len(values) == 1:
        return values[0]
    numerators: dict[int, int] = {}
    for value in values:
        denominator = value.denominator
        numerators[denominator] = numerators.get(denominator, 0) + value.numerator
    whole = Fraction(numerators.pop(1, 0))
    return sum((Fraction(numerator, denominator) for denominator, numerator in numerators.items()), whole)
