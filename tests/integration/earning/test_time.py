"""What time does, on the engine: tiers reviewed, upgrades undone, lots extended; with and without anybody touching.

E12, S0-13, S0-14, S1-09, L10.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.ledger.account import Account, TierState
from shared.ledger.entries import EntryKind
from shared.ledger.posting import as_of
from shared.program.expiry import ExpirePolicy, ExpiryMode, ExtendOnce, RoundTo
from shared.program.model import Program, Tiers
from shared.runtime.attributes import encode
from tests.builders import (
    GOLD,
    NORMAL,
    SILVER,
    Till,
    a_ladder,
    a_program,
    a_refund,
    a_sale,
    months,
    per_yuan,
    publish,
    shanghai,
)

R2 = per_yuan()


def flat(**others: Any) -> Tiers:
    """Give a ladder whose tiers all earn alike, so that a yuan is a point throughout."""
    ladder = a_ladder(**others)
    return replace(ladder, levels=tuple(replace(level, multiply=Decimal(1)) for level in ladder.levels))


def begun(till: Till, program: Program) -> Till:
    """Publish a program, and let the story begin in January 2026."""
    publish(till.ledger, program)
    till.clock.now = shanghai("2026-01-10 10:00")
    return till


@pytest.fixture
def shop(bare_till: Till) -> Till:
    """Give a till where a yuan is a point, gold begins at 10 000, and an upgrade can be undone for 30 days."""
    return begun(bare_till, a_program(R2, tiers=flat(revoke_within_days=30)))


def sell(till: Till, member: str, points: int, at: str) -> None:
    till.clock.now = shanghai(at)
    till.sell(a_sale(points * 100, receipt_id=at, occurred_at=till.clock()), member)


def seen(till: Till, member: str, at: str) -> Account:
    """Look at an account as a query does."""
    return as_of(till.account(member), shanghai(at), till.earning.rules.at(shanghai(at)))


@pytest.mark.parametrize(("last", "tier"), [("2027-01-09 20:00", GOLD), ("2027-01-11 20:00", SILVER)])
def test_e12_twelve_months_to_the_day(shop: Till, last: str, tier: str) -> None:
    """E12: +4 000 on 10 January, +4 000 on 10 June, +2 000 on 9 January is gold; on the 11th it stays silver."""
    member = shop.a_member()
    sell(shop, member, 4_000, "2026-01-10 20:00")
    sell(shop, member, 4_000, "2026-06-10 20:00")
    sell(shop, member, 2_000, last)
    assert shop.account(member).tier.tier_id == tier
    assert shop.audit(member) == []


def a_gold_member(till: Till) -> str:
    """Make a member who reached gold on 9 January 2027."""
    member = till.a_member()
    sell(till, member, 4_000, "2026-01-10 20:00")
    sell(till, member, 4_000, "2026-06-10 20:00")
    sell(till, member, 2_000, "2027-01-09 20:00")
    return member


@pytest.mark.parametrize(
    ("bought", "after_a_year", "after_two"), [(8_000, GOLD, SILVER), (7_999, SILVER, NORMAL), (0, SILVER, NORMAL)]
)
def test_s0_14_e12_what_is_seen_without_any_sweep(shop: Till, bought: int, after_a_year: str, after_two: str) -> None:
    """E12: gold through 9 January 2028; kept with 8 000, silver with 7 999 and with nothing, normal a year later."""
    member = a_gold_member(shop)
    if bought:
        sell(shop, member, bought, "2027-05-05 12:00")
    assert seen(shop, member, "2028-01-09 23:59").tier.tier_id == GOLD
    assert seen(shop, member, "2028-01-10 00:00").tier.tier_id == after_a_year
    assert seen(shop, member, "2029-01-10 00:00").tier.tier_id == after_two
    assert seen(shop, member, "2035-01-01 00:00").tier == TierState(tier_id=NORMAL)


def test_e12_whoever_touches_next_writes_the_decision_once(shop: Till) -> None:
    member = a_gold_member(shop)
    sell(shop, member, 7_600, "2027-05-05 12:00")
    sell(shop, member, 10, "2028-02-01 12:00")
    sell(shop, member, 10, "2028-02-02 12:00")

    (reviewed,) = [entry for entry in shop.entries(member) if entry.kind is EntryKind.REVIEWED]

    assert reviewed.label == "金卡会员 → 银卡会员 (7600/8000)"
    assert reviewed.movement.tier == TierState(tier_id=SILVER, since=date(2028, 1, 10), valid_until=date(2029, 1, 9))
    assert reviewed.movement.points == 0
    assert shop.audit(member) == []


def test_e12_the_sale_after_a_lost_tier_earns_by_the_lower_one(bare_till: Till) -> None:
    """The multiplier is that of the tier as it stands, though no sweep has run."""
    shop = begun(bare_till, a_program(R2, tiers=a_ladder()))
    member = shop.a_member()
    sell(shop, member, 10_000, "2027-01-09 20:00")
    sell(shop, member, 100, "2028-01-09 23:59")
    sell(shop, member, 100, "2028-01-10 00:00")
    assert shop.points(member)[-3:] == [150, 0, 120]


def test_e12_points_that_activate_at_that_midnight_count(bare_till: Till) -> None:
    """E12: 7 600, and 500 that were bought in the period and become usable as it ends, are 8 100: gold is kept."""
    begun(bare_till, a_program(R2, pending_days=7, tiers=flat()))
    member = a_gold_member(bare_till)
    sell(bare_till, member, 7_600, "2027-05-05 12:00")
    sell(bare_till, member, 500, "2028-01-03 12:00")
    account = seen(bare_till, member, "2028-01-10 00:00")
    assert account.tier == TierState(tier_id=GOLD, since=date(2027, 1, 9), valid_until=date(2029, 1, 9))
    assert account.pending == {}


def test_spending_and_expiry_do_not_move_what_qualifies(bare_till: Till) -> None:
    """E12: qualifying points are a counter of their own."""
    begun(bare_till, a_program(R2, expire=months(1), tiers=flat()))
    member = bare_till.a_member()
    sell(bare_till, member, 9_999, "2026-01-10 10:00")
    assert seen(bare_till, member, "2026-03-01 00:00").spendable == 0
    sell(bare_till, member, 1, "2026-03-01 10:00")
    assert bare_till.account(member).tier.tier_id == GOLD


@pytest.mark.parametrize(("at", "tier"), [("2027-02-08 12:00", SILVER), ("2027-02-09 12:00", GOLD)])
def test_e12_a_refund_takes_back_the_upgrade_within_thirty_days(shop: Till, at: str, tier: str) -> None:
    member = a_gold_member(shop)
    shop.clock.now = shanghai(at)
    shop.take_back(a_refund(100, receipt_id="2027-01-09 20:00", occurred_at=shop.clock()))
    account = shop.account(member)
    assert account.tier.tier_id == tier
    assert shop.audit(member) == []
    if tier == SILVER:
        assert account.tier.since == date(2026, 1, 10)


def test_a_refund_of_a_sale_that_was_parked_before_it_undoes_nothing_too_much(shop: Till) -> None:
    """The refund waits for its sale: only the net is felt, the tier too."""
    member = shop.a_member()
    at = "2026-02-01 10:00"
    shop.clock.now = shanghai(at)
    shop.take_back(a_refund(100, receipt_id=at, occurred_at=shop.clock()))
    sell(shop, member, 10_000, at)
    assert shop.account(member).tier.tier_id == SILVER


class TestExtension:
    """S1-09: a lot that is unused at its date is extended once, by three months, if the member bought lately."""

    @pytest.fixture
    def shop(self, bare_till: Till) -> Till:
        expire = ExpirePolicy(
            mode=ExpiryMode.MONTHS_AFTER_EARNING,
            months=12,
            round_to=RoundTo.END_OF_MONTH,
            extend_once=ExtendOnce(months=3, if_bought_within_months=12),
        )
        return begun(bare_till, a_program(R2, expire=expire))

    def test_s1_09_once_and_later_only(self, shop: Till) -> None:
        member = shop.a_member()
        sell(shop, member, 100, "2026-01-10 10:00")
        sell(shop, member, 50, "2026-12-10 10:00")
        assert seen(shop, member, "2027-01-31 23:59").lots == {"270131": 100, "271231": 50}
        assert seen(shop, member, "2027-02-01 00:00").lots == {"270430+": 100, "271231": 50}
        assert seen(shop, member, "2027-05-01 00:00").lots == {"271231": 50}

        sell(shop, member, 1, "2027-02-03 10:00")

        (extended,) = [entry for entry in shop.entries(member) if entry.kind is EntryKind.EXTENDED]
        assert extended.movement.lots == {"270131": -100, "270430+": 100}
        assert extended.movement.points == 0
        assert shop.audit(member) == []

    def test_s1_09_not_for_those_who_bought_nothing_for_a_year(self, shop: Till) -> None:
        member = shop.a_member()
        sell(shop, member, 100, "2026-01-10 10:00")
        assert seen(shop, member, "2027-02-01 00:00").lots == {"270430+": 100}
        shop.take_back(a_refund(5_000, receipt_id="2026-01-10 10:00", occurred_at=shop.clock()))
        sell(shop, member, 100, "2026-02-10 10:00")
        assert seen(shop, member, "2027-03-01 00:00").lots == {"270430+": 50, "270531+": 100}

    def test_both_dates_may_pass_before_anybody_looks(self, shop: Till) -> None:
        member = shop.a_member()
        sell(shop, member, 100, "2026-01-10 10:00")
        sell(shop, member, 1, "2027-06-01 10:00")
        kinds = [entry.kind for entry in shop.entries(member)]
        assert kinds == [EntryKind.EARNED, EntryKind.EXTENDED, EntryKind.EXPIRED, EntryKind.EARNED]
        assert shop.audit(member) == []


def test_every_purchase_moves_the_date_where_the_program_says_so(bare_till: Till) -> None:
    expire = ExpirePolicy(mode=ExpiryMode.EXTEND_ON_ACTIVITY, months=6)
    begun(bare_till, a_program(R2, expire=expire))
    member = bare_till.a_member()
    sell(bare_till, member, 100, "2026-01-10 10:00")
    sell(bare_till, member, 50, "2026-03-10 10:00")
    assert bare_till.account(member).lots == {"260910": 150}
    assert seen(bare_till, member, "2026-09-11 00:00").spendable == 0
    assert bare_till.audit(member) == []


def test_a_tier_s_thresholds_are_those_in_force_when_its_period_ended(bare_till: Till) -> None:
    """Editing thresholds never demotes before the period ends, and what came later does not change the decision."""
    harder = a_program(R2, tiers=flat(gold=100_000), version=2)
    softer = a_program(R2, tiers=flat(), version=3)
    bare_till.clock.now = shanghai("2026-01-10 10:00")
    publish(
        bare_till.ledger,
        a_program(R2, tiers=flat()),
        (shanghai("2027-06-01 00:00"), harder),
        (shanghai("2028-03-01 00:00"), softer),
    )
    member = a_gold_member(bare_till)
    sell(bare_till, member, 9_000, "2027-03-05 12:00")
    assert seen(bare_till, member, "2028-01-09 12:00").tier.tier_id == GOLD
    assert seen(bare_till, member, "2028-01-10 00:00").tier.tier_id == SILVER
    assert seen(bare_till, member, "2028-05-10 00:00").tier.tier_id == SILVER


def test_a_leap_day_and_the_end_of_a_year_are_days_like_any_other(shop: Till) -> None:
    member = shop.a_member()
    sell(shop, member, 10_000, "2028-02-29 23:59")
    assert shop.account(member).tier.valid_until == date(2029, 2, 28)
    other = shop.a_member()
    shop.clock.now = shanghai("2028-12-31 23:59")
    sell(shop, other, 10_000, "2028-12-31 23:59")
    assert shop.account(other).tier.valid_until == date(2029, 12, 31)
    assert seen(shop, other, "2029-12-31 23:59").tier.tier_id == GOLD
    assert seen(shop, other, "2030-01-01 00:00").tier.tier_id == SILVER


def test_what_nobody_touched_for_years_is_decided_in_one_go(shop: Till) -> None:
    member = a_gold_member(shop)
    shop.clock.now = shanghai("2033-01-01 10:00")
    sell(shop, member, 1, "2033-01-01 10:00")
    reviewed = [entry for entry in shop.entries(member) if entry.kind is EntryKind.REVIEWED]
    assert [entry.label for entry in reviewed] == ["金卡会员 → 银卡会员 (0/8000)", "银卡会员 → 普通会员 (0/1000)"]
    assert shop.audit(member) == []


def test_time_never_goes_back_for_an_account(shop: Till) -> None:
    member = a_gold_member(shop)
    later = seen(shop, member, "2028-01-10 00:00")
    assert as_of(later, shanghai("2027-12-01 00:00"), shop.earning.rules.at(shop.clock())).tier.tier_id == SILVER
    assert later.as_of - shanghai("2028-01-10 00:00") == timedelta(0)


def test_l10_a_tier_that_does_not_follow_from_the_entries_is_found(shop: Till) -> None:
    """INV-8: account and entry agree on gold, and the points are those of silver."""
    member = shop.a_member()
    sell(shop, member, 9_999, "2026-02-01 10:00")
    (entry,) = shop.entries(member)
    for table, key, path in (
        (shop.ledger.tables.accounts, {"id": member}, "t"),
        (shop.ledger.tables.ledger, entry.key._asdict(), "mv.t"),
    ):
        shop.ledger.client.update_item(
            TableName=table,
            Key=encode(key),
            UpdateExpression=f"SET {path} = :gold",
            ExpressionAttributeValues=encode({":gold": ["gold", "260201", "270201", ["normal"]]}),
        )

    (difference,) = shop.audit(member)

    assert difference.startswith("INV-8 SALE of SALE#")
    assert "silver" in difference
