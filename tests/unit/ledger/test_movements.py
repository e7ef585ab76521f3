"""Movements: crediting, taking, clawing back (E6, E10)."""

from datetime import date

import pytest

from shared.errors import InsufficientPointsError
from shared.ledger.account import Account, ImpossibleMovementError, Movement
from shared.ledger.lots import NEVER
from shared.ledger.movements import DebtPolicy, claw_back, credit, credit_pending, debit
from tests.builders import an_account

JANUARY, MARCH, DECEMBER = "260131", "260331", "261231"
SOON_DAY = date(2026, 1, 10)
SOON, LATER, OTHER = f"260110>{MARCH}", f"260120>{MARCH}", f"260115>{DECEMBER}"


def test_a_credit_without_debt_goes_to_its_lots() -> None:
    assert credit(an_account(), {MARCH: 10}) == Movement(lots={MARCH: 10})


@pytest.mark.parametrize(
    ("debt", "lots", "kept", "paid"),
    [
        (150, {MARCH: 600}, {MARCH: 450}, 150),
        (150, {MARCH: 150}, {}, 150),
        (150, {MARCH: 40}, {}, 40),
        (150, {NEVER: 100, MARCH: 100}, {NEVER: 50}, 150),
        (0, {MARCH: 0}, {}, 0),
    ],
)
def test_e6_a_credit_pays_the_debt_first(debt: int, lots: dict[str, int], kept: dict[str, int], paid: int) -> None:
    movement = credit(an_account(debt=debt), lots)
    assert movement == Movement(lots=kept, debt=-paid)


def test_a_credit_that_pays_debt_is_worth_all_its_points() -> None:
    assert credit(an_account(debt=150), {MARCH: 600}).points == 600


def test_pending_points_do_not_pay_debt_before_their_day() -> None:
    assert credit_pending(SOON_DAY, {MARCH: 600}) == Movement(pending={SOON: 600})


def test_no_points_make_no_pending_lot() -> None:
    assert credit_pending(SOON_DAY, {MARCH: 0}) == Movement()


@pytest.mark.parametrize(
    ("points", "taken"),
    [
        (250, {JANUARY: -100, DECEMBER: -100, NEVER: -50}),
        (300, {JANUARY: -100, DECEMBER: -100, NEVER: -100}),
        (1, {JANUARY: -1}),
    ],
)
def test_e10_a_debit_takes_soonest_to_lapse_first_and_never_lapsing_last(points: int, taken: dict[str, int]) -> None:
    account = an_account(lots={NEVER: 100, JANUARY: 100, DECEMBER: 100})
    assert debit(account, points, halved_through=None) == Movement(lots=taken)


def test_a_debit_beyond_the_lots_is_refused_with_what_is_missing() -> None:
    with pytest.raises(InsufficientPointsError) as refused:
        debit(an_account(lots={MARCH: 499}), 500, halved_through=None)
    assert refused.value.fields == {"required": 500, "available": 499, "missing": 1}


def test_l4_debt_blocks_spending() -> None:
    with pytest.raises(InsufficientPointsError) as refused:
        debit(an_account(debt=150), 1, halved_through=None)
    assert refused.value.fields == {"required": 1, "available": -150, "missing": 151}


def test_pending_and_held_points_cannot_be_spent() -> None:
    with pytest.raises(InsufficientPointsError):
        debit(an_account(pending={SOON: 500}, held=500), 1, halved_through=None)


SPENT = an_account(lots={MARCH: 50}, pending={SOON: 300})


@pytest.mark.parametrize(
    ("policy", "movement", "written_off"),
    [
        ("allow_negative", Movement(lots={MARCH: -50}, pending={SOON: -300}, debt=150), 0),
        ("within_balance", Movement(lots={MARCH: -50}, pending={SOON: -300}), 150),
        ("forgive", Movement(lots={MARCH: -50}, pending={SOON: -300}), 150),
    ],
)
def test_e6_clawback_larger_than_the_balance(policy: DebtPolicy, movement: Movement, written_off: int) -> None:
    """E6: earned 500 (300 pending, 200 active), spent 150; all of it is returned."""
    clawback = claw_back(SPENT, {MARCH: 500}, activates_on=SOON_DAY, policy=policy)
    assert clawback == (movement, written_off)


@pytest.mark.parametrize(("policy", "available"), [("allow_negative", 450), ("within_balance", 600), ("forgive", 600)])
def test_e6_after_the_clawback_the_next_earn_of_600(policy: DebtPolicy, available: int) -> None:
    after = SPENT.moved(claw_back(SPENT, {MARCH: 500}, activates_on=SOON_DAY, policy=policy).movement)
    assert after.moved(credit(after, {DECEMBER: 600})).balance.available == available


OTHERS = an_account(lots={JANUARY: 10, MARCH: 20, DECEMBER: 30}, pending={SOON: 1, OTHER: 2, LATER: 4})


@pytest.mark.parametrize(
    ("points", "pending", "lots", "debt"),
    [
        (1, {SOON: -1}, {}, 0),
        (2, {SOON: -1, LATER: -1}, {}, 0),
        (6, {SOON: -1, LATER: -4, OTHER: -1}, {}, 0),
        (8, {SOON: -1, LATER: -4, OTHER: -2}, {MARCH: -1}, 0),
        (27, {SOON: -1, LATER: -4, OTHER: -2}, {MARCH: -20}, 0),
        (28, {SOON: -1, LATER: -4, OTHER: -2}, {MARCH: -20, JANUARY: -1}, 0),
        (38, {SOON: -1, LATER: -4, OTHER: -2}, {MARCH: -20, JANUARY: -10, DECEMBER: -1}, 0),
        (70, {SOON: -1, LATER: -4, OTHER: -2}, {MARCH: -20, JANUARY: -10, DECEMBER: -30}, 3),
    ],
)
def test_a_clawback_takes_own_pending_then_pending_then_own_lot_then_soonest_then_debt(
    points: int, pending: dict[str, int], lots: dict[str, int], debt: int
) -> None:
    clawback = claw_back(OTHERS, {MARCH: points}, activates_on=SOON_DAY, policy="allow_negative")
    assert clawback.movement == Movement(pending=pending, lots=lots, debt=debt)


def test_a_clawback_that_forgives_leaves_lots_of_other_days_alone() -> None:
    account = an_account(lots={JANUARY: 10, MARCH: 20, DECEMBER: 30})
    clawback = claw_back(account, {MARCH: 25}, activates_on=SOON_DAY, policy="forgive")
    assert clawback == (Movement(lots={MARCH: -20}), 5)


def test_a_clawback_from_an_account_in_debt_adds_to_the_debt() -> None:
    clawback = claw_back(an_account(debt=5), {MARCH: 10}, activates_on=SOON_DAY, policy="allow_negative")
    assert clawback == (Movement(debt=10), 0)


def test_a_clawback_of_nothing_moves_nothing() -> None:
    assert claw_back(OTHERS, {MARCH: 0}, activates_on=SOON_DAY, policy="allow_negative") == (Movement(), 0)


@pytest.mark.parametrize("policy", ["allow_negative", "within_balance", "forgive"])
@pytest.mark.parametrize("points", range(0, 80, 7))
def test_whatever_is_clawed_back_is_taken_owed_or_written_off(policy: DebtPolicy, points: int) -> None:
    movement, written_off = claw_back(OTHERS, {MARCH: points}, activates_on=SOON_DAY, policy=policy)
    assert -movement.points - movement.points_pending + written_off == points
    assert OTHERS.moved(movement).debt == movement.debt


@pytest.mark.parametrize(
    "movement",
    [
        Movement(lots={MARCH: -51}),
        Movement(lots={DECEMBER: -1}),
        Movement(pending={SOON: -301}),
        Movement(held=-1),
        Movement(debt=-1),
        Movement(debt=1),
    ],
)
def test_l3_a_movement_that_makes_anything_negative_is_a_fault(movement: Movement) -> None:
    with pytest.raises(ImpossibleMovementError):
        SPENT.moved(movement)


def test_a_movement_adds_every_field() -> None:
    account: Account = an_account(lots={MARCH: 5}, pending={SOON: 1}, held=2, counters={"mug:261231": 1})
    movement = Movement(
        lots={MARCH: -5, DECEMBER: 3}, pending={SOON: -1}, held=1, counters={"mug:261231": -1, "pen:~": 2}
    )
    after = account.moved(movement)
    assert (after.lots, after.pending, after.held, after.counters) == ({DECEMBER: 3}, {}, 3, {"pen:~": 2})
