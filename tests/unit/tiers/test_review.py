"""The review at the end of a tier's period: kept, or down. S0-14, S3-17, E12."""

from datetime import date, timedelta

import pytest

import shared.tiers.review as of_tiers
from shared.ledger.account import Qualifying, TierState
from shared.ledger.rules import Review
from shared.program.model import KeepTask, Tiers
from shared.tiers.counting import Counted
from tests.builders import GOLD, NORMAL, SILVER, a_ladder
from tests.unit.tiers.days import counted

LADDER = a_ladder()
ENDED = date(2028, 1, 9)


def review(tier: TierState, have: Counted, ladder: Tiers, today: date) -> Review | None:
    return of_tiers.review(tier, have, ladder, today, currency="CNY")


OF_GOLD = TierState(tier_id=GOLD, since=date(2027, 1, 9), valid_until=ENDED)
THE_DAY_AFTER = date(2028, 1, 10)


@pytest.mark.parametrize(
    ("total", "why", "tier", "until"),
    [
        (8_000, "kept", GOLD, date(2029, 1, 9)),
        (7_999, "lowered", SILVER, date(2029, 1, 9)),
        (0, "lowered", SILVER, date(2029, 1, 9)),
    ],
)
def test_s0_14_e12_gold_is_kept_with_8_000_and_silver_with_less(total: int, why: str, tier: str, until: date) -> None:
    """S0-14, E12: even with nothing it is one step; normal comes a year later."""
    decision = review(OF_GOLD, counted({date(2027, 6, 1): total}, latest=THE_DAY_AFTER), LADDER, THE_DAY_AFTER)
    assert decision is not None
    assert (decision.details["why"], decision.tier.tier_id, decision.tier.valid_until) == (why, tier, until)
    assert (decision.details["needed"], decision.details["counted"]) == (8_000, total)
    assert decision.label == (f"金卡会员 ({total}/8000)" if why == "kept" else f"金卡会员 → 银卡会员 ({total}/8000)")


def test_nothing_is_decided_on_the_last_day() -> None:
    assert review(OF_GOLD, counted({}, latest=ENDED), LADDER, ENDED) is None


def test_the_sale_that_reached_the_tier_does_not_keep_it() -> None:
    """The window of a period that ends on 9 January begins on the 10th a year before."""
    have = counted({date(2027, 1, 9): 8_000}, latest=THE_DAY_AFTER)
    decision = review(OF_GOLD, have, LADDER, THE_DAY_AFTER)
    assert decision is not None
    assert decision.details["counted"] == 0


def test_a_late_decision_is_the_same() -> None:
    """What happened after the period does not count, whenever somebody asks."""
    for days in (1, 30, 300):
        today = ENDED + timedelta(days=days)
        have = counted({date(2027, 6, 1): 7_999}, latest=today)
        decision = review(OF_GOLD, have, LADDER, today)
        assert decision is not None
        assert decision.tier == TierState(tier_id=SILVER, since=THE_DAY_AFTER, valid_until=date(2029, 1, 9))


def test_silver_falls_to_normal_which_has_no_end() -> None:
    silver = TierState(tier_id=SILVER, since=THE_DAY_AFTER, valid_until=date(2029, 1, 9))
    decision = review(silver, counted({}, latest=date(2029, 1, 10)), LADDER, date(2029, 1, 10))
    assert decision is not None
    assert decision.tier == TierState(tier_id=NORMAL)


class TestGrace:
    LADDER = a_ladder(grace_days=30)

    @pytest.mark.parametrize("days", [1, 30])
    def test_nothing_is_lost_in_the_grace_days(self, days: int) -> None:
        today = ENDED + timedelta(days=days)
        assert review(OF_GOLD, counted({date(2027, 6, 1): 7_999}, latest=today), self.LADDER, today) is None

    @pytest.mark.parametrize("days", [20, 31, 200])
    def test_what_is_earned_in_them_counts_for_the_ended_period(self, days: int) -> None:
        today = ENDED + timedelta(days=days)
        have = counted({date(2027, 6, 1): 7_999, ENDED + timedelta(days=15): 1}, latest=today)
        decision = review(OF_GOLD, have, self.LADDER, today)
        assert decision is not None
        assert (decision.details["why"], decision.tier.valid_until) == ("kept", date(2029, 1, 9))

    def test_after_them_the_tier_is_lost(self) -> None:
        today = ENDED + timedelta(days=31)
        decision = review(OF_GOLD, counted({today: 8_000}, latest=today), self.LADDER, today)
        assert decision is not None
        assert decision.tier == TierState(tier_id=SILVER, since=today, valid_until=date(2029, 1, 9))


@pytest.mark.parametrize(("total", "tier"), [(7_999, SILVER), (1_000, SILVER), (999, NORMAL)])
def test_to_justified_goes_down_to_what_the_window_keeps(total: int, tier: str) -> None:
    ladder = a_ladder(downgrade="to_justified")
    decision = review(OF_GOLD, counted({date(2027, 6, 1): total}, latest=THE_DAY_AFTER), ladder, THE_DAY_AFTER)
    assert decision is not None
    assert decision.tier.tier_id == tier


@pytest.mark.parametrize(
    ("on", "spent_minor", "why"),
    [
        (date(2028, 1, 5), 125_000, "kept"),
        (date(2028, 1, 5), 124_999, "lowered"),
        (date(2027, 10, 1), 125_000, "kept"),
        (date(2027, 9, 30), 125_000, "lowered"),
    ],
)
def test_s3_17_enough_spent_in_a_quarter_keeps_the_tier(on: date, spent_minor: int, why: str) -> None:
    """S3-17: 1 250.00 in the quarter in which silver ends, or in the one before it."""
    ladder = a_ladder(keep_tasks=(KeepTask(name="当季1250元", amount_minor=125_000, every="quarter", tier_id=SILVER),))
    silver = TierState(tier_id=SILVER, since=date(2027, 1, 9), valid_until=ENDED)
    have = counted({on: Qualifying(0, spent_minor, 1)}, latest=THE_DAY_AFTER)
    decision = review(silver, have, ladder, THE_DAY_AFTER)
    assert decision is not None
    assert decision.details["why"] == why


def test_a_task_of_another_tier_keeps_nothing() -> None:
    ladder = a_ladder(keep_tasks=(KeepTask(name="当季1250元", amount_minor=125_000, every="quarter", tier_id=SILVER),))
    have = counted({ENDED: Qualifying(0, 125_000, 1)}, latest=THE_DAY_AFTER)
    decision = review(OF_GOLD, have, ladder, THE_DAY_AFTER)
    assert decision is not None
    assert decision.details["why"] == "lowered"


@pytest.mark.parametrize(
    ("period", "ended", "first_day"),
    [
        ("calendar_year", date(2027, 12, 31), date(2027, 1, 1)),
        ("membership_year", date(2028, 5, 4), date(2027, 5, 5)),
    ],
)
def test_a_year_is_judged_by_its_own_days(period: str, ended: date, first_day: date) -> None:
    ladder = a_ladder(period=period)
    of_gold = TierState(tier_id=GOLD, since=date(2027, 1, 9), valid_until=ended)
    today = ended + timedelta(days=1)
    for on, why in ((first_day, "kept"), (first_day - timedelta(days=1), "lowered")):
        decision = review(of_gold, counted({on: 8_000}, latest=today), ladder, today)
        assert decision is not None
        assert decision.details["why"] == why
        assert decision.tier.valid_until == date(ended.year + 1, ended.month, ended.day)
