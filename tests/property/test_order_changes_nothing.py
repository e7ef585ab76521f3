"""What a sale earns does not depend on the order of rules, of lines or of tags, with every kind of rule on. CALC-1."""

import random
from collections import Counter
from dataclasses import replace
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.earning.calculate import Award, calculate
from shared.earning.explain import ItemsLine
from shared.earning.sale import Sale
from shared.earning.shares import lots_of
from shared.program.model import Program
from tests.profile import FULL
from tests.property.every_kind import (
    FIRST_DAY,
    a_moment,
    a_program_of_every_kind,
    a_sale_of_any_kind,
    facts_of_anybody,
)

EXAMPLES: Final = 500 if FULL else 60


def told(award: Award, program: Program) -> dict[str, Any]:
    """Give all that an award says, without the order in which rows are told."""
    rows = (
        replace(row, campaigns=tuple(sorted(row.campaigns, key=lambda one: one.id)))
        if isinstance(row, ItemsLine)
        else row
        for row in award.explain
    )
    return {
        "points": award.points,
        "lots": lots_of(award.shares, FIRST_DAY, program),
        "eligible": award.eligible_minor,
        "counting": award.counting,
        "undoable": dict(award.undoable),
        "spent": dict(award.spent),
        "budgets": Counter(award.budget_lines),
        "explain": Counter(rows),
        "not applied": Counter(award.not_applied),
    }


def shuffled(sale: Sale, chance: random.Random) -> Sale:
    lines = [
        replace(line, tags=tuple(chance.sample(line.tags, len(line.tags))))
        for line in chance.sample(sale.lines, len(sale.lines))
    ]
    return replace(sale, lines=tuple(lines), tenders=sale.tenders[::-1])


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 2**32))
def test_e13_the_order_of_rules_lines_and_tags_changes_nothing_of_what_a_sale_earns(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 a program and a sale, no secret
    program = a_program_of_every_kind(chance)
    sale, facts = a_sale_of_any_kind(chance, 1, a_moment(chance)), facts_of_anybody(chance, program)
    other = replace(program, earn=tuple(chance.sample(program.earn, len(program.earn))))
    expected = told(calculate(sale, facts, program), program)
    assert told(calculate(shuffled(sale, chance), facts, other), other) == expected
