"""What changes between two versions, in words, and what of it may be worse for customers."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.program.compare import changes
from shared.program.model import Eligible, PointsPolicy, Program, Safety
from shared.program.rules import EarnRule, ExtraPercent, FixedPoints, Give, Multiply, RuleLimit, Step, Steps, When
from tests.builders import a_ladder, a_program, months, per_yuan

WEDNESDAY = EarnRule(id="wed", name="周三", give=Multiply(factor=Decimal(2)), when=When(days=frozenset({2})))
OLD = a_program(per_yuan(), WEDNESDAY, tiers=a_ladder())


def worse(new: Program, old: Program = OLD) -> list[bool]:
    return [change.worse for change in changes(old, new)]


def with_rule(rule: EarnRule) -> Program:
    return replace(OLD, earn=(OLD.earn[0], rule))


def test_the_same_program_changes_nothing() -> None:
    assert list(changes(OLD, replace(OLD, version=9))) == []


def test_a_lower_factor_is_told_in_words_and_worse() -> None:
    (change,) = changes(OLD, with_rule(replace(WEDNESDAY, give=Multiply(factor=Decimal("1.5")))))
    assert (change.kind, change.name.zh, change.worse) == ("changed", "周三", True)
    assert change.before is not None
    assert change.after is not None
    assert (change.before.zh, change.after.zh) == ("周三：积分 ×2。", "周三：积分 ×1.5。")


def test_a_rule_that_goes_is_worse_and_one_that_comes_is_not() -> None:
    without = replace(OLD, earn=OLD.earn[:1])
    assert [(change.kind, change.worse) for change in changes(OLD, without)] == [("removed", True)]
    assert [(change.kind, change.worse) for change in changes(without, OLD)] == [("added", False)]


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (FixedPoints(points=10), FixedPoints(points=9), True),
        (FixedPoints(points=10), FixedPoints(points=11), False),
        (ExtraPercent(percent=Decimal(30)), ExtraPercent(percent=Decimal(20)), True),
        (ExtraPercent(percent=Decimal(30)), Multiply(factor=Decimal(2)), True),
        (
            Steps(
                steps=(Step(from_amount_minor=0, multiply=Decimal(1)), Step(from_amount_minor=500, multiply=Decimal(2)))
            ),
            Steps(
                steps=(Step(from_amount_minor=0, multiply=Decimal(1)), Step(from_amount_minor=600, multiply=Decimal(3)))
            ),
            True,
        ),
        (
            Steps(steps=(Step(from_amount_minor=500, multiply=Decimal(2)),)),
            Steps(steps=(Step(from_amount_minor=400, multiply=Decimal(2)),)),
            False,
        ),
    ],
)
def test_what_a_rule_gives(was: Give, now: Give, *, expected: bool) -> None:
    old = with_rule(replace(WEDNESDAY, give=was))
    assert worse(with_rule(replace(WEDNESDAY, give=now)), old) == [expected]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (replace(WEDNESDAY, when=When()), False),
        (replace(WEDNESDAY, when=When(days=frozenset({1, 2}))), False),
        (replace(WEDNESDAY, when=When(days=frozenset({3}))), True),
        (replace(WEDNESDAY, when=When(days=frozenset({2}), stores=frozenset({"SH001"}))), True),
        (replace(WEDNESDAY, when=When(days=frozenset({2}), min_amount_minor=1)), True),
        (replace(WEDNESDAY, limit=RuleLimit(per_member=1)), True),
        (replace(WEDNESDAY, name="星期三"), None),
    ],
)
def test_when_and_how_often(rule: EarnRule, *, expected: bool | None) -> None:
    assert worse(with_rule(rule)) == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (replace(OLD, safety=Safety(per_order_max_points=100)), True),
        (replace(OLD, points=PointsPolicy(available_after_days=7)), True),
        (replace(OLD, points=PointsPolicy(expire=months(12))), True),
        (replace(OLD, eligible=Eligible(exclude_categories=frozenset({"烟草"}))), True),
        (replace(OLD, tiers=a_ladder(silver=3_000)), True),
        (replace(OLD, tiers=a_ladder(silver=1_000)), False),
        (replace(OLD, tiers=None), True),
    ],
)
def test_terms_and_tiers(new: Program, *, expected: bool) -> None:
    assert set(worse(new)) == {expected}


def test_what_is_worse_is_not_worse_the_other_way_round() -> None:
    capped = replace(OLD, safety=Safety(per_order_max_points=100))
    assert worse(OLD, capped) == [False]


@pytest.mark.parametrize(("before", "after", "is_worse"), [(None, 30, False), (30, 7, True), (30, None, True)])
def test_e8_fewer_days_of_grace_are_worse(before: int | None, after: int | None, is_worse: bool) -> None:  # noqa: FBT001
    old, new = (replace(OLD, cancel_grace_days=days) for days in (before, after))
    assert worse(new, old) == [is_worse]
