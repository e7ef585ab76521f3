"""Earning as ledger pages: one row per event, the last column what the member can spend after it (E3 to E6, E13, E15).

The rule is one point for ten yuan (R1) or for one (R2), the day 16 December 2026, unless a page says otherwise.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.earning.events import ReturnEvent
from shared.earning.sale import Sale
from shared.keys import redemption
from shared.ledger.account import Qualifying, TierState
from shared.ledger.entries import EntryKind
from shared.ledger.movements import debit
from shared.ledger.posting import begin
from shared.ledger.rules import Rules
from shared.ledger.store import Guard, StaleReadError
from shared.program.model import AlreadySpent
from shared.program.rules import EarnRule, ExtraPercent, FixedPoints, Multiply, When
from shared.program.zones import zone_named
from tests.builders import (
    GOLD,
    NORMAL,
    NOW,
    SILVER,
    ZONE,
    Till,
    a_ladder,
    a_line,
    a_program,
    a_refund,
    a_sale,
    a_void,
    days,
    months,
    patience,
    per_yuan,
    publish,
    shanghai,
)
from tests.integration.earning.pages import balances, refunds

R2 = per_yuan()


def spend(till: Till, member: str, points: int, redemption_id: str = "rdm_1") -> None:
    """Take points as a redemption does."""
    posting = begin(till.account(member), till.clock(), Rules(zone=zone_named(ZONE)))
    key = redemption(redemption_id)
    posting = posting.add(EntryKind.REDEEMED, key, debit(posting.account, points, halved_through=None))
    till.ledger.commit(posting, patience(), guards={key: Guard(refusal=lambda _old: StaleReadError())})


def test_e3_ten_refunds_of_one_yuan_and_the_rest(till: Till) -> None:
    """E3: 219.00 give 21; ten refunds of 1.00 take 0 nine times, then 1; the rest takes 20."""
    page: list[Sale | ReturnEvent] = [a_sale(21_900), *refunds(*[100] * 10, 20_900)]
    assert balances(till, till.a_member(), page) == [21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 20, 0]


def test_e4_a_a_refund_below_the_threshold_takes_the_bonus_too(bare_till: Till) -> None:
    bonus = EarnRule(id="100+10", name="满100加10", give=FixedPoints(points=10), when=When(min_amount_minor=10_000))
    publish(bare_till.ledger, a_program(per_yuan(1, 10), bonus))
    page: list[Sale | ReturnEvent] = [a_sale(12_000), *refunds(3_000, 9_000)]
    assert balances(bare_till, bare_till.a_member(), page) == [22, 9, 0]


def test_e4_b_a_refund_goes_by_the_rules_of_the_sale(bare_till: Till) -> None:
    """E4b: gold ×1.5 on a Wednesday ×2: 300. A month later: silver, no Wednesday; 60.00 left are worth 180."""
    wednesday = EarnRule(id="wed", name="周三双倍", give=Multiply(factor=Decimal(2)), when=When(days=frozenset({2})))
    publish(
        bare_till.ledger,
        a_program(R2, wednesday, tiers=a_ladder()),
        (shanghai("2027-01-01 00:00"), a_program(R2, version=2, tiers=a_ladder())),
    )
    member = bare_till.a_member(tier=GOLD)
    assert balances(bare_till, member, [a_sale(10_000)]) == [300]
    bare_till.clock.forward(days=31)
    demote(bare_till, member)
    assert balances(bare_till, member, [a_refund(4_000)]) == [180]


def demote(till: Till, member: str) -> None:
    posting = begin(till.account(member), till.clock(), Rules(zone=zone_named(ZONE)))
    key = redemption("rdm_demoted")
    silver = TierState(tier_id=SILVER, since=date(2027, 1, 1), valid_until=date(2028, 1, 1))
    posting = posting.add(EntryKind.REDEEMED, key, replace(debit(posting.account, 0, halved_through=None), tier=silver))
    till.ledger.commit(posting, patience(), guards={key: Guard(refusal=lambda _old: StaleReadError())})


def test_e4_c_a_line_that_comes_back_takes_what_it_gave(bare_till: Till) -> None:
    new = EarnRule(
        id="new", name="新品类", give=ExtraPercent(percent=Decimal(30)), when=When(categories=frozenset({"零食"}))
    )
    publish(bare_till.ledger, a_program(R2, new))
    sale = a_sale(lines=[a_line(4_000, "X", category="零食"), a_line(6_000, "Y", category="家居")])
    assert balances(bare_till, bare_till.a_member(), [sale, a_refund(lines={"Y": 6_000})]) == [112, 52]


E6 = [
    # policy, available and debt after the refunds, available after the next earn of 600, written off
    (AlreadySpent.ALLOW_NEGATIVE, -150, 150, 450, 0),
    (AlreadySpent.WITHIN_BALANCE, 0, 0, 600, 150),
    (AlreadySpent.FORGIVE, 0, 0, 600, 150),
]


@pytest.mark.parametrize(("policy", "available", "debt", "next_available", "written_off"), E6)
def test_e6_a_clawback_larger_than_the_balance(
    bare_till: Till, policy: AlreadySpent, available: int, debt: int, next_available: int, written_off: int
) -> None:
    """E6: earned 500 (300 pending, 200 active), spent 150, so 50 are active; then all is returned."""
    till = bare_till
    publish(till.ledger, a_program(R2, pending_days=7, if_already_spent=policy))
    member = till.a_member()
    till.sell(a_sale(20_000, receipt_id="A"), member)
    till.clock.forward(days=7)
    till.sell(a_sale(30_000, receipt_id="B", occurred_at=till.clock()), member)
    spend(till, member, 150)
    assert till.balance(member) == (50, 300, 0, 0)
    till.take_back(a_void(receipt_id="B"))
    till.take_back(a_void(receipt_id="A"))
    assert till.balance(member) == (available, 0, 0, debt)
    assert sum(entry.details.get("wo", 0) for entry in till.entries(member)) == written_off
    till.sell(a_sale(60_000, receipt_id="C", occurred_at=till.clock() - timedelta(days=7)), member)
    assert till.balance(member) == (next_available, 0, 0, 0)
    assert till.audit(member) == []


@pytest.mark.parametrize("policy", list(AlreadySpent))
def test_e6_l7_refunds_in_parts_after_spending_take_no_more_than_one_refund(
    bare_till: Till, policy: AlreadySpent
) -> None:
    """A first refund that had to let points go does not make the second one take them elsewhere."""
    till = bare_till
    publish(till.ledger, a_program(R2, if_already_spent=policy))
    member = till.a_member()
    till.sell(a_sale(10_000), member)
    spend(till, member, 90)
    after = balances(till, member, [a_refund(5_000, refund_id="R-1"), a_sale(7_000, receipt_id="later"), a_void()])
    assert after == ([-40, 30, -20] if policy is AlreadySpent.ALLOW_NEGATIVE else [0, 70, 20])
    assert [entry.details.get("wo", 0) for entry in till.entries(member)] == (
        [0] * 5 if policy is AlreadySpent.ALLOW_NEGATIVE else [0, 0, 40, 0, 0]
    )


E13: list[tuple[str, tuple[int, ...], list[EarnRule], int]] = [
    ("R1 9.90 + 9.90 + 0.20", (990, 990, 20), [per_yuan(1, 10)], 2),
    ("R1 ×1.5 15.00", (1_500,), [per_yuan(1, 10), EarnRule(id="x", name="x", give=Multiply(factor=Decimal("1.5")))], 2),
    ("R2 ×1.2 99.00", (9_900,), [R2, EarnRule(id="x", name="x", give=Multiply(factor=Decimal("1.2")))], 118),
    ("R1 100.05", (10_005,), [per_yuan(1, 10)], 10),
    ("S0-02 R1 100.00", (10_000,), [per_yuan(1, 10)], 10),
    ("S0-01 R1 9.99", (999,), [per_yuan(1, 10)], 0),
    ("S0-01 R1 19.99", (1_999,), [per_yuan(1, 10)], 1),
]


@pytest.mark.parametrize(("amounts", "rules", "points"), [row[1:] for row in E13], ids=[row[0] for row in E13])
def test_e13_one_rounding_per_sale(
    bare_till: Till, amounts: tuple[int, ...], rules: list[EarnRule], points: int
) -> None:
    publish(bare_till.ledger, a_program(*rules))
    assert balances(bare_till, bare_till.a_member(), [a_sale(*amounts)]) == [points]


def test_e15_a_a_refund_before_its_sale_is_parked_and_only_the_net_is_felt(till: Till) -> None:
    member = till.a_member()
    assert till.take_back(a_refund(900)).result == "parked"
    assert till.available(member) == 0
    till.sell(a_sale(21_900), member)
    assert till.points(member) == [21, 0]
    till.take_back(a_refund(100, refund_id="R-2"))
    assert till.points(member) == [21, 0, -1]
    assert till.audit(member) == []


def test_e15_a_parked_returns_wait_without_a_limit(bare_till: Till) -> None:
    till = bare_till
    publish(till.ledger, a_program())
    member = till.a_member()
    till.take_back(a_void())
    till.clock.forward(days=400)
    outcome = till.sell(a_sale(), member, claim_window=None)
    assert (outcome.result, till.points(member)) == ("applied", [10, -10])


def test_e15_b_a_sale_uploaded_late_earns_by_its_own_day(bare_till: Till) -> None:
    """E15b: Wednesday 3 June, uploaded on Saturday: ×2; expiry and tier date from the 3rd, the posting from the 6th."""
    till = bare_till
    wednesday = EarnRule(id="wed", name="周三双倍", give=Multiply(factor=Decimal(2)), when=When(days=frozenset({2})))
    publish(till.ledger, a_program(R2, wednesday, expire=months(1), tiers=a_ladder()))
    till.clock.now = shanghai("2026-06-06 12:00")
    member = till.a_member()
    till.sell(a_sale(100_000, occurred_at=shanghai("2026-06-03 10:00")), member)
    account = till.account(member)
    assert account.lots == {"260703": 2_000}
    assert account.tier == TierState(
        tier_id=SILVER, since=date(2026, 6, 3), valid_until=date(2027, 6, 3), before=TierState(tier_id=NORMAL)
    )
    assert account.qualifying == {"2606": Qualifying(2_000, 100_000, 1)}
    (entry,) = till.entries(member)
    assert entry.occurred_at == shanghai("2026-06-03 10:00")
    assert entry.posted_at == shanghai("2026-06-06 12:00")


def test_s0_13_a_late_sale_that_lifts_the_present_total_over_the_limit_reaches_the_tier(bare_till: Till) -> None:
    """9 000 points in July; a sale of 30 June with 1 000 more arrives then: 10 000 are gold at once."""
    till = bare_till
    publish(till.ledger, a_program(R2, tiers=a_ladder()))
    till.clock.now = shanghai("2026-07-02 12:00")
    member = till.a_member()
    till.sell(a_sale(900_000, receipt_id="A", occurred_at=till.clock()), member)
    till.sell(a_sale(100_000, receipt_id="B", occurred_at=shanghai("2026-06-30 20:00")), member)
    assert till.account(member).tier.tier_id == GOLD


DOUBTS = [
    # what the till's clock says, result
    (timedelta(minutes=5), "applied"),
    (timedelta(minutes=5, milliseconds=1), "quarantined"),
    (-timedelta(days=30), "applied"),
    (-timedelta(days=30, milliseconds=1), "quarantined"),
]


@pytest.mark.parametrize(("ahead", "result"), DOUBTS)
def test_e15_c_a_sale_from_the_future_or_too_late_is_kept_for_review(till: Till, ahead: timedelta, result: str) -> None:
    member = till.a_member()
    outcome = till.sell(a_sale(occurred_at=NOW + ahead), member)
    assert outcome.result == result
    assert till.points(member) == ([10] if result == "applied" else [])


def test_e15_c_a_sale_kept_for_review_and_then_accepted_counts_once(till: Till) -> None:
    member = till.a_member()
    late = a_sale(occurred_at=NOW - timedelta(days=40))
    assert [till.sell(late, member).result for _ in range(2)] == ["quarantined"] * 2
    assert till.take_back(a_refund(5_000)).result == "parked"
    assert till.sell(late, member, claim_window=None).result == "applied"
    assert till.sell(late, member).result == "duplicate"
    assert till.points(member) == [10, -5]


def test_a_late_sale_whose_lot_has_lapsed_comes_and_goes(bare_till: Till) -> None:
    till = bare_till
    publish(till.ledger, a_program(R2, expire=days(10)))
    member = till.a_member()
    sale = a_sale(10_000, occurred_at=NOW - timedelta(days=11))
    outcome = till.sell(sale, member)
    assert till.points(member) == [100, -100]
    assert [entry.kind for entry in till.entries(member)] == [EntryKind.EARNED, EntryKind.EXPIRED]
    assert outcome.points == 100
    till.take_back(a_void())
    assert till.balance(member) == (-100, 0, 0, 100)
    assert till.audit(member) == []


def test_e11_pending_points_begin_their_life_on_the_day_they_become_usable(bare_till: Till) -> None:
    """E11: earned 1 January, pending 14 days, valid 30 days: usable on the 15th, through 14 February."""
    till = bare_till
    publish(till.ledger, a_program(R2, pending_days=14, expire=days(30)))
    till.clock.now = shanghai("2027-01-01 10:00")
    member = till.a_member()
    till.sell(a_sale(10_000, occurred_at=till.clock()), member)
    page = [
        ("2027-01-14 23:59", (0, 100)),
        ("2027-01-15 00:00", (100, 0)),
        ("2027-02-14 23:59", (100, 0)),
        ("2027-02-15 00:00", (0, 0)),
    ]
    for at, expected in page:
        till.clock.now = shanghai(at)
        now = begin(till.account(member), till.clock(), Rules(zone=zone_named(ZONE))).account.balance
        assert (now.available, now.pending) == expected


def test_e9_a_refund_after_the_points_lapsed_is_owed(bare_till: Till) -> None:
    till = bare_till
    publish(till.ledger, a_program(R2, expire=days(10)))
    member = till.a_member()
    till.sell(a_sale(10_000), member)
    till.clock.forward(days=20)
    till.take_back(a_refund(4_000))
    assert till.points(member) == [100, -100, -40]
    assert till.balance(member) == (-40, 0, 0, 40)
