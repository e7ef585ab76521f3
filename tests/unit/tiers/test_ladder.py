"""The ladder: which tier is reached when, and what is missing (S0-13, E12)."""

from datetime import date

import pytest

from shared.ledger.account import Qualifying, TierState
from shared.tiers.ladder import qualifying_value, reached, standing
from tests.builders import GOLD, NORMAL, SILVER, a_ladder, an_account

LADDER = a_ladder()
TODAY = date(2026, 12, 16)
THIS_MONTH = "2612"


def points(number: int, month: str = THIS_MONTH) -> dict[str, Qualifying]:
    return {month: Qualifying(number, 0, 0)}


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
    account = an_account(tier=tier, qualifying=points(have))
    state = reached(account, points(more), LADDER, TODAY)
    assert (state.tier_id if state else None) == then


def test_a_tier_is_kept_for_twelve_months_from_the_day_that_reached_it() -> None:
    state = reached(an_account(), points(2_000), LADDER, TODAY)
    assert state == TierState(tier_id=SILVER, since=TODAY, valid_until=date(2027, 12, 16))


def test_a_tier_reached_on_a_leap_day_is_kept_until_the_28th() -> None:
    state = reached(an_account(), points(2_000, "2802"), LADDER, date(2028, 2, 29))
    assert state == TierState(tier_id=SILVER, since=date(2028, 2, 29), valid_until=date(2029, 2, 28))


def test_a_tier_that_the_program_no_longer_knows_stands_at_the_bottom() -> None:
    state = reached(an_account(tier="platinum"), points(2_000), LADDER, TODAY)
    assert state is not None
    assert state.tier_id == SILVER


@pytest.mark.parametrize(
    ("on", "tier"),
    [(date(2027, 1, 9), GOLD), (date(2027, 1, 31), GOLD), (date(2027, 2, 1), None)],
)
def test_e12_a_rolling_window_counts_whole_months(on: date, tier: str | None) -> None:
    """E12: +4 000 in January 2026, +4 000 in June; +2 000 a year later is gold while January still counts."""
    account = an_account(tier=SILVER, qualifying={**points(4_000, "2601"), **points(4_000, "2606")})
    state = reached(account, points(2_000, f"{on:%y%m}"), LADDER, on)
    assert (state.tier_id if state else None) == tier


def test_months_after_the_day_asked_about_do_not_count() -> None:
    qualifying = {**points(5, "2605"), **points(7, "2606"), **points(11, "2607")}
    assert qualifying_value(qualifying, LADDER, date(2026, 6, 3)) == 12


def test_a_calendar_year_begins_in_january() -> None:
    ladder = a_ladder(period="calendar_year")
    qualifying = {**points(5, "2512"), **points(7, "2601"), **points(11, "2612")}
    assert qualifying_value(qualifying, ladder, date(2026, 12, 31)) == 18
    assert qualifying_value(qualifying, ladder, date(2025, 12, 31)) == 5


@pytest.mark.parametrize(("measure", "value"), [("points_earned", 1), ("amount_spent", 200), ("visits", 3)])
def test_a_ladder_counts_what_it_measures(measure: str, value: int) -> None:
    assert qualifying_value({THIS_MONTH: Qualifying(1, 200, 3)}, a_ladder(measure=measure), TODAY) == value


@pytest.mark.parametrize(
    ("value", "tier", "missing", "missing_to_keep"),
    [
        (0, NORMAL, 2_000, 0),
        (1_999, NORMAL, 1, 0),
        (2_500, SILVER, 7_500, 0),
        (999, SILVER, 9_001, 1),
        (12_000, SILVER, 0, 0),
        (7_999, GOLD, 0, 1),
        (8_000, GOLD, 0, 0),
    ],
)
def test_a_standing_says_what_is_missing(value: int, tier: str, missing: int, missing_to_keep: int) -> None:
    now = standing(an_account(tier=tier, qualifying=points(value)), LADDER, TODAY)
    assert (now.value, now.current.id, now.missing, now.missing_to_keep) == (value, tier, missing, missing_to_keep)


def test_the_highest_tier_has_none_to_follow() -> None:
    assert standing(an_account(tier=GOLD), LADDER, TODAY).following is None


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
    account = an_account(qualifying=points(july, "2607"))
    state = reached(account, points(june, "2606"), LADDER, date(2026, 6, 30), date(2026, 7, 2))
    assert (state and state.tier_id, state and state.since) == (tier, since)
