"""The ladder: which tier is reached when, and what a return undoes. S0-13, E12."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.ledger.account import Qualifying, TierState
from shared.tiers.ladder import reached, undone
from tests.builders import GOLD, NORMAL, SILVER, a_ladder
from tests.unit.tiers.days import TODAY, counted, day

LADDER = a_ladder()


def state(tier: str) -> TierState:
    return TierState(tier_id=tier)


@pytest.mark.parametrize(
    ("have", "tier", "more", "then"),
    [
        (0, NORMAL, 1_999, None),
        (0, NORMAL, 2_000, SILVER),
        (1_999, NORMAL, 1, SILVER),
        (7_999, SILVER, 2_000, None),
        (8_000, SILVER, 2_000, GOLD),
        (9_998, SILVER, 1, None),
        (9_999, SILVER, 1, GOLD),
        (0, NORMAL, 10_000, GOLD),
        (0, NORMAL, 1_000_000, GOLD),
        (20_000, GOLD, 20_000, None),
        (0, GOLD, 2_000, None),
    ],
)
def test_s0_13_a_tier_is_reached_with_the_entry_that_reaches_it(
    have: int, tier: str, more: int, then: str | None
) -> None:
    """S0-13, E12: 9 999 points stay silver, 10 000 are gold at once; several steps at once count too."""
    then_state = reached(state(tier), counted({day(-1): have, day(0): more}), LADDER, TODAY)
    assert (then_state.tier_id if then_state else None) == then


def test_a_tier_is_kept_for_twelve_months_from_the_day_that_reached_it() -> None:
    assert reached(state(NORMAL), counted({day(0): 2_000}), LADDER, TODAY) == TierState(
        tier_id=SILVER, since=TODAY, valid_until=date(2027, 12, 16), before=state(NORMAL)
    )


def test_a_tier_reached_on_a_leap_day_is_kept_until_the_28th() -> None:
    leap = date(2028, 2, 29)
    now = reached(state(NORMAL), counted({leap: 2_000}), LADDER, leap)
    assert now is not None
    assert (now.since, now.valid_until) == (leap, date(2029, 2, 28))


@pytest.mark.parametrize(
    ("period", "valid_until"),
    [("calendar_year", date(2027, 12, 31)), ("membership_year", date(2028, 5, 4))],
)
def test_a_year_s_tier_is_kept_to_the_end_of_the_following_year(period: str, valid_until: date) -> None:
    """Enrolled on 5 May: a membership year ends on 4 May."""
    now = reached(state(NORMAL), counted({day(0): 2_000}), a_ladder(period=period), TODAY)
    assert now is not None
    assert now.valid_until == valid_until


def test_a_tier_that_the_program_no_longer_knows_stands_at_the_bottom() -> None:
    now = reached(state("platinum"), counted({day(0): 2_000}), LADDER, TODAY)
    assert now is not None
    assert now.tier_id == SILVER


@pytest.mark.parametrize(
    ("on", "tier"), [(date(2027, 1, 9), GOLD), (date(2027, 1, 10), None), (date(2027, 1, 11), None)]
)
def test_e12_the_window_is_twelve_months_to_the_day(on: date, tier: str | None) -> None:
    """E12: +4 000 on 10 January 2026, +4 000 on 10 June, +2 000: gold on 9 January 2027, not on the 11th."""
    have = counted({date(2026, 1, 10): 4_000, date(2026, 6, 10): 4_000, on: 2_000})
    now = reached(state(SILVER), have, LADDER, on)
    assert (now.tier_id if now else None) == tier


def test_days_are_read_only_where_they_decide() -> None:
    have = counted({date(2026, 1, 10): 4_000, date(2026, 6, 10): 4_000, date(2027, 1, 9): 1_999})
    assert reached(state(SILVER), have, LADDER, date(2027, 1, 9)) is None
    assert have.read == []
    more = counted({date(2026, 1, 10): 4_000, date(2026, 6, 10): 8_000, date(2027, 1, 9): 2_000})
    assert reached(state(SILVER), more, LADDER, date(2027, 1, 9)) is not None
    assert more.read == []


@pytest.mark.parametrize(("measure", "tier"), [("points_earned", None), ("amount_spent", SILVER), ("visits", None)])
def test_s3_10_s3_27_a_ladder_counts_what_it_measures(measure: str, tier: str | None) -> None:
    """S3-10, S3-27: points, money or visits, each alone, can be what qualifies."""
    have = counted({day(0): Qualifying(1_999, 2_000, 3)})
    now = reached(state(NORMAL), have, a_ladder(measure=measure), TODAY)
    assert (now.tier_id if now else None) == tier


@pytest.mark.parametrize(
    ("spend_minor", "tier"), [(499_999, None), (500_000, SILVER), (1_999_999, SILVER), (2_000_000, GOLD)]
)
def test_s3_10_tiers_by_yearly_spend(spend_minor: int, tier: str | None) -> None:
    """S3-10: below 5 000 regular, 4 999.99 too; 5 000.00 silver; from 20 000 gold."""
    ladder = a_ladder(silver=500_000, gold=2_000_000, measure="amount_spent")
    now = reached(state(NORMAL), counted({day(0): Qualifying(0, spend_minor, 1)}), ladder, TODAY)
    assert (now.tier_id if now else None) == tier


@pytest.mark.parametrize(
    ("june", "july", "tier", "since"),
    [
        (2_000, 0, SILVER, date(2026, 6, 30)),
        (1_999, 0, None, None),
        (1_000, 1_000, SILVER, date(2026, 7, 2)),
        (2_000, 8_000, GOLD, date(2026, 7, 2)),
        (10_000, 5_000, GOLD, date(2026, 6, 30)),
    ],
)
def test_a_late_sale_counts_for_its_own_day_and_for_today(
    june: int, july: int, tier: str | None, since: date | None
) -> None:
    today = date(2026, 7, 2)
    have = counted({date(2026, 6, 30): june, today: july}, latest=today)
    now = reached(state(NORMAL), have, LADDER, date(2026, 6, 30), today)
    assert (now and now.tier_id, now and now.since) == (tier, since)


class TestUndone:
    """A ladder where an upgrade can be undone for thirty days."""

    LADDER = a_ladder(revoke_within_days=30)
    UPGRADED = TierState(tier_id=GOLD, since=TODAY, valid_until=date(2027, 12, 16), before=TierState(tier_id=SILVER))

    @pytest.mark.parametrize(("left", "tier"), [(10_000, None), (9_999, SILVER), (1_999, SILVER), (0, SILVER)])
    def test_e12_a_return_that_takes_10_000_to_9_999_takes_the_tier(self, left: int, tier: str | None) -> None:
        now = undone(self.UPGRADED, counted({day(0): left}), self.LADDER, TODAY)
        assert (now.tier_id if now else None) == tier

    @pytest.mark.parametrize(("days", "tier"), [(30, SILVER), (31, None)])
    def test_e12_only_within_thirty_days(self, days: int, tier: str | None) -> None:
        today = TODAY + timedelta(days=days)
        now = undone(self.UPGRADED, counted({day(0): 9_999}, latest=today), self.LADDER, today)
        assert (now.tier_id if now else None) == tier

    def test_what_was_earned_since_counts(self) -> None:
        today = TODAY + timedelta(days=5)
        have = counted({day(0): 9_000, day(5): 1_000}, latest=today)
        assert undone(self.UPGRADED, have, self.LADDER, today) is None

    def test_the_tier_before_comes_back_with_its_own_dates(self) -> None:
        before = TierState(tier_id=SILVER, since=date(2026, 3, 1), valid_until=date(2027, 3, 1))
        upgraded = TierState(tier_id=GOLD, since=TODAY, valid_until=date(2027, 12, 16), before=before)
        assert undone(upgraded, counted({day(0): 9_999}), self.LADDER, TODAY) == before

    @pytest.mark.parametrize(("left", "tier"), [(9_999, SILVER), (2_000, SILVER), (1_999, NORMAL), (0, NORMAL)])
    def test_t17_two_upgrades_by_two_sales_are_undone_together(self, left: int, tier: str) -> None:
        silver = reached(state(NORMAL), counted({day(0): 2_000}), self.LADDER, TODAY)
        assert silver
        gold = reached(silver, counted({day(0): 2_000, day(3): 8_000}), self.LADDER, TODAY + timedelta(days=3))
        assert gold
        now = undone(gold, counted({day(0): left}), self.LADDER, TODAY + timedelta(days=5))
        assert (now.tier_id if now else None) == tier

    def test_an_upgrade_that_stands_for_good_is_not_undone_with_the_next(self) -> None:
        silver = reached(state(NORMAL), counted({day(0): 2_000}), self.LADDER, TODAY)
        assert silver
        later = TODAY + timedelta(days=40)
        gold = reached(silver, counted({day(0): 2_000, day(40): 8_000}, latest=later), self.LADDER, later)
        assert gold
        assert undone(gold, counted({}, latest=later), self.LADDER, later) == replace(silver, before=None)

    def test_an_upgrade_by_two_steps_can_be_undone_by_one(self) -> None:
        upgraded = TierState(
            tier_id=GOLD, since=TODAY, valid_until=date(2027, 12, 16), before=TierState(tier_id=NORMAL)
        )
        now = undone(upgraded, counted({day(0): 2_000}), self.LADDER, TODAY)
        assert now == TierState(
            tier_id=SILVER, since=TODAY, valid_until=date(2027, 12, 16), before=TierState(tier_id=NORMAL)
        )

    def test_a_tier_that_no_sale_gave_is_not_undone(self) -> None:
        by_hand = TierState(tier_id=GOLD, since=TODAY, valid_until=date(2027, 12, 16))
        assert undone(by_hand, counted({}), self.LADDER, TODAY) is None
