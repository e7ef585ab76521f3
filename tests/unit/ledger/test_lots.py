"""Lots: their names, their order, what is taken from them."""

from datetime import date

import pytest

from shared.ledger.lots import (
    NEVER,
    PendingLot,
    add,
    has_lapsed,
    last_day_of,
    lot_of,
    negated,
    pending_lot_of,
    read_pending_lot,
    take_soonest,
)

JANUARY, DECEMBER = "260131", "261231"


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2028, 2, 29), date(2000, 1, 1), date(2099, 12, 31)])
def test_a_lot_is_named_by_its_last_day(day: date) -> None:
    assert last_day_of(lot_of(day)) == day


def test_a_lot_that_never_lapses_has_no_last_day() -> None:
    assert lot_of(None) == NEVER
    assert last_day_of(NEVER) is None


def test_a_lot_that_never_lapses_sorts_behind_every_day() -> None:
    assert max("991231", NEVER) == NEVER
    assert not has_lapsed(NEVER, date(2099, 12, 31))


@pytest.mark.parametrize("lot", [NEVER, DECEMBER])
def test_a_pending_lot_names_its_day_and_the_lot_that_it_joins(lot: str) -> None:
    assert read_pending_lot(pending_lot_of(date(2026, 1, 15), lot)) == PendingLot(date(2026, 1, 15), lot)


def test_a_lot_has_lapsed_on_the_day_after_its_last() -> None:
    assert not has_lapsed(JANUARY, date(2026, 1, 31))
    assert has_lapsed(JANUARY, date(2026, 2, 1))


@pytest.mark.parametrize(
    ("points", "taken"),
    [
        (0, {}),
        (1, {JANUARY: 1}),
        (100, {JANUARY: 100}),
        (101, {JANUARY: 100, DECEMBER: 1}),
        (250, {JANUARY: 100, DECEMBER: 100, NEVER: 50}),
        (300, {JANUARY: 100, DECEMBER: 100, NEVER: 100}),
        (999, {JANUARY: 100, DECEMBER: 100, NEVER: 100}),
    ],
)
def test_e10_points_are_taken_from_the_lot_that_lapses_soonest(points: int, taken: dict[str, int]) -> None:
    assert take_soonest({NEVER: 100, DECEMBER: 100, JANUARY: 100}, points) == taken


def test_adding_drops_lots_that_end_up_empty() -> None:
    assert add({JANUARY: 20, NEVER: 5}, {JANUARY: -20, DECEMBER: 7}) == {NEVER: 5, DECEMBER: 7}


def test_adding_leaves_its_operands_alone() -> None:
    left = {JANUARY: 20}
    add(left, {JANUARY: -20})
    assert left == {JANUARY: 20}


def test_negating_turns_every_lot_around() -> None:
    assert negated({JANUARY: 20, NEVER: -5}) == {JANUARY: -20, NEVER: 5}
