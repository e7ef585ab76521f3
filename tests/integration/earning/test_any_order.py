"""Events in any order, in parts, of guests, too many or too large: the account ends the same. I5, L7, L13."""

import itertools
import random
from datetime import timedelta

import pytest

from shared.earning.events import ReturnEvent
from shared.earning.sale import Sale
from shared.errors import InvalidFieldError, RefundExceedsSaleError, SaleConflictError
from shared.ledger.account import Balance, Qualifying
from shared.program.rules import EarnRule
from tests.builders import (
    NOW,
    Till,
    a_ladder,
    a_program,
    a_refund,
    a_sale,
    a_void,
    days,
    months,
    per_yuan,
    publish,
)
from tests.integration.earning.pages import balances, refunds

R2 = per_yuan()

I5: list[Sale | ReturnEvent] = [
    a_sale(21_900),
    a_refund(900, refund_id="R-1"),
    a_refund(lines={"1": 5_000}, refund_id="R-2"),
    a_void(),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
@pytest.mark.parametrize("pending_days", [0, 7])
def test_i5_any_order_with_duplicates_ends_in_the_same_account(
    bare_till: Till, order: tuple[int, ...], pending_days: int
) -> None:
    till = bare_till
    publish(till.ledger, a_program(pending_days=pending_days, expire=months(12), tiers=a_ladder(silver=100_000)))
    chance = random.Random(f"{order}")  # noqa: S311 a test repeats itself by its seed
    member = till.a_member()
    told: list[int] = []
    for at in order:
        told += [at, *chance.choices([*told, at], k=chance.randrange(3))]
    for at in told:
        till.tell(I5[at], member)
    account = till.account(member)
    assert account.balance == Balance(0, 0, 0, 0)
    assert (account.lots, account.pending, account.qualifying) == ({}, {}, {})
    assert sum(till.points(member)) == 0
    assert len(till.entries(member)) == 4
    assert till.audit(member) == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_i5_the_order_of_partial_refunds_does_not_matter(till: Till, order: tuple[int, ...]) -> None:
    member = till.a_member()
    for at in order:
        till.tell(I5[at], member)
    assert till.balance(member) == (16, 0, 0, 0)
    assert till.account(member).qualifying == {"2612": Qualifying(16, 16_000, 1)}
    assert till.audit(member) == []


THIRDS = [(1_000, (333, 333, 334)), (10_000, (3_333, 3_333, 3_334)), (100, (33, 33, 34)), (2_999, (1, 2_997, 1))]


@pytest.mark.parametrize(("total", "parts"), THIRDS)
@pytest.mark.parametrize("rule", [per_yuan(), per_yuan(1, 10), per_yuan(3, 7)])
def test_l7_returned_in_thirds_exactly_what_was_earned_is_taken(
    bare_till: Till, total: int, parts: tuple[int, ...], rule: EarnRule
) -> None:
    till = bare_till
    publish(till.ledger, a_program(rule))
    member = till.a_member()
    earned, *after = balances(till, member, [a_sale(total), *refunds(*parts)])
    assert after[-1] == 0
    assert earned >= after[0] >= after[1] >= 0


def test_a_refund_of_more_than_is_left_is_refused_and_changes_nothing(till: Till) -> None:
    member = till.a_member()
    till.sell(a_sale(), member)
    till.take_back(a_refund(6_000))
    before = till.everything()
    with pytest.raises(RefundExceedsSaleError):
        till.take_back(a_refund(4_001, refund_id="R-2"))
    assert till.everything() == before


GUESTS: list[tuple[str, list[tuple[Sale | ReturnEvent, str]]]] = [
    ("sale, refund, void", [(a_sale(), "ignored"), (a_refund(100), "ignored"), (a_void(), "ignored")]),
    ("refund, sale, void", [(a_refund(100), "parked"), (a_sale(), "ignored"), (a_void(), "ignored")]),
    ("void, refund, sale", [(a_void(), "parked"), (a_refund(100), "parked"), (a_sale(), "ignored")]),
    (
        "a refund too large",
        [(a_refund(99_999), "parked"), (a_sale(), "ignored"), (a_refund(10_000, refund_id="R"), "ignored")],
    ),
]


@pytest.mark.parametrize("page", [row[1] for row in GUESTS], ids=[row[0] for row in GUESTS])
def test_a_guests_receipt_is_recorded_and_moves_no_points(
    till: Till, page: list[tuple[Sale | ReturnEvent, str]]
) -> None:
    for event, result in page:
        outcome = till.tell(event, None)
        assert (outcome.result, outcome.points, outcome.key) == (result, 0, None)
    for event, _ in page:
        assert till.tell(event, None).result == "ignored"
    assert not [key for key in till.everything() if key[0] == till.ledger.tables.accounts]


def test_a_guests_refund_of_more_than_is_left_is_refused(till: Till) -> None:
    till.sell(a_sale(), None)
    till.take_back(a_refund(6_000))
    with pytest.raises(RefundExceedsSaleError):
        till.take_back(a_refund(4_001, refund_id="R-2"))


def test_an_unknown_members_sale_is_kept_without_points(till: Till) -> None:
    outcomes = [till.sell(a_sale(), "mem_NOBODY") for _ in range(2)]
    assert [(one.result, one.reason) for one in outcomes] == [("ignored", "member-not-found")] * 2
    assert till.take_back(a_refund(100)).result == "ignored"


def test_events_of_one_frozen_instant_keep_their_order(till: Till) -> None:
    """All in the same millisecond: the index still tells them in the order of the account's versions."""
    member = till.a_member()
    for number in range(12):
        till.sell(a_sale(1_000 * (number + 1), receipt_id=f"T-{number}"), member)
    assert till.points(member) == list(range(1, 13))
    newest = till.ledger.history(member, limit=12).entries
    assert [summary.points for summary in newest] == list(range(12, 0, -1))
    assert till.audit(member) == []


def test_a_container_whose_clock_is_behind_posts_no_earlier_than_the_account_has_seen(till: Till) -> None:
    member = till.a_member()
    till.sell(a_sale(receipt_id="A"), member)
    till.clock.forward(minutes=-3)
    till.sell(a_sale(receipt_id="B"), member)
    till.clock.forward(minutes=5)
    till.sell(a_sale(receipt_id="C"), member)
    posted = [entry.posted_at - NOW for entry in till.entries(member)]
    assert posted == [timedelta(0), timedelta(0), timedelta(minutes=2)]
    assert till.audit(member) == []


TOO_MUCH = [
    (per_yuan(1_000, 1), 10**15, 0),
    (per_yuan(2**53, 1), 101, 0),
    (per_yuan(2**53, 1), 100, 7),
]


@pytest.mark.parametrize(("rule", "amount_minor", "pending_days"), TOO_MUCH)
def test_l13_points_beyond_2_to_the_53_are_refused(
    bare_till: Till, rule: EarnRule, amount_minor: int, pending_days: int
) -> None:
    till = bare_till
    publish(till.ledger, a_program(rule, pending_days=pending_days))
    member = till.a_member()
    if pending_days:
        till.sell(a_sale(amount_minor, receipt_id="A"), member)
    before = till.everything()
    with pytest.raises(InvalidFieldError):
        till.sell(a_sale(amount_minor, receipt_id="B"), member)
    assert till.everything() == before


def test_l13_exactly_2_to_the_53_points_are_kept_exactly(bare_till: Till) -> None:
    till = bare_till
    publish(till.ledger, a_program(per_yuan(2**53, 1)))
    member = till.a_member()
    assert balances(till, member, [a_sale(100), a_void()]) == [9_007_199_254_740_992, 0]


def test_a_sale_in_another_currency_is_refused(till: Till) -> None:
    member = till.a_member()
    with pytest.raises(InvalidFieldError):
        till.sell(a_sale(currency="HKD"), member)


def test_a_member_who_comes_back_after_many_lots_have_lapsed_can_earn(bare_till: Till) -> None:
    """120 lots that lapse at once: more than one transaction could hold if each were written apart."""
    till = bare_till
    publish(till.ledger, a_program(R2, expire=days(365)))
    member = till.a_member()
    for number in range(120):
        till.clock.forward(days=1)
        till.sell(a_sale(100, receipt_id=f"T-{number}", occurred_at=till.clock()), member)
    till.clock.forward(days=600)
    till.sell(a_sale(100, receipt_id="back", occurred_at=till.clock()), member)
    assert till.balance(member) == (1, 0, 0, 0)
    assert till.audit(member) == []


def test_a_member_who_comes_back_to_many_lapsed_lots_and_a_sale_with_many_parked_returns(bare_till: Till) -> None:
    """The largest transaction there is: 70 parked returns, their sale, the account, and what it settles."""
    till = bare_till
    publish(till.ledger, a_program(R2, expire=days(365), pending_days=40))
    member = till.a_member()
    for number in range(40):
        till.clock.forward(days=1)
        till.sell(a_sale(100, receipt_id=f"T-{number}", occurred_at=till.clock() - timedelta(days=20)), member)
    till.clock.forward(days=600)
    for number in range(70):
        till.take_back(a_refund(100, refund_id=f"R-{number}"))
    till.sell(a_sale(10_000, occurred_at=till.clock() - timedelta(days=500)), member, claim_window=None)
    assert till.balance(member) == (-70, 0, 0, 70)
    assert till.audit(member) == []


def test_a_sale_with_as_many_parked_returns_as_may_wait_is_posted(till: Till) -> None:
    member = till.a_member()
    for number in range(70):
        till.take_back(a_refund(100, refund_id=f"R-{number}"))
    with pytest.raises(SaleConflictError):
        till.take_back(a_refund(100, refund_id="R-70"))
    till.sell(a_sale(10_000), member)
    assert till.available(member) == 3
    assert till.audit(member) == []
