"""Which day it is: the program's zone says, by the instant alone, whatever clock and zone a device has. S5, L9."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.ledger.posting import as_of
from shared.program.rules import EarnRule, FixedPoints, When
from tests.builders import Till, a_program, a_sale, months, per_yuan, publish, shanghai

SATURDAY_PLUS_TEN = EarnRule(id="sat", name="周六加10", give=FixedPoints(points=10), when=When(days=frozenset({5})))
SATURDAY_NIGHT = shanghai("2026-01-31 23:30")


def till_of(till: Till, zone: str = "Asia/Shanghai") -> Till:
    publish(till.ledger, a_program(per_yuan(1, 10), SATURDAY_PLUS_TEN, expire=months(1), zone=zone))
    return till


def sold(till: Till, *instants: datetime) -> str:
    """Sell for ten points at each instant, as it comes, to one member."""
    till.clock.now = min(instants)
    member = till.a_member()
    for number, instant in enumerate(instants):
        till.clock.now = max(till.clock.now, instant)
        till.sell(a_sale(10_000, receipt_id=f"{member}-{number}", occurred_at=instant), member)
    return member


@pytest.mark.parametrize("offset_hours", [-12, -5, 0, 5.5, 8, 14])
def test_s5_the_zone_in_which_a_device_writes_its_time_changes_nothing(bare_till: Till, offset_hours: float) -> None:
    till = till_of(bare_till)
    written = SATURDAY_NIGHT.astimezone(timezone(timedelta(hours=offset_hours)))
    account = till.account(sold(till, written))
    assert dict(account.lots) == {"260228": 20}
    assert set(account.qualifying) == {"2601"}


def test_s5_a_clock_a_day_fast_earns_nothing_yet(bare_till: Till) -> None:
    till = till_of(bare_till)
    member = till.a_member()
    ahead = a_sale(10_000, occurred_at=till.clock() + timedelta(days=1))
    assert till.sell(ahead, member).result == "quarantined"
    assert till.balance(member) == (0, 0, 0, 0)


def test_s5_a_clock_a_day_slow_dates_the_points_from_its_day_and_not_the_tier_of_now(bare_till: Till) -> None:
    till = till_of(bare_till)
    till.clock.now = SATURDAY_NIGHT
    member = till.a_member()
    till.sell(a_sale(10_000, occurred_at=SATURDAY_NIGHT - timedelta(days=1)), member)
    assert dict(till.account(member).lots) == {"260228": 10}  # Friday the 30th: no bonus, clamped like the 31st


def test_s5_two_sales_around_midnight_are_of_two_days(bare_till: Till) -> None:
    till = till_of(bare_till)
    midnight = shanghai("2026-02-01 00:00")
    member = sold(till, midnight - timedelta(milliseconds=1), midnight)
    assert {month: of.visits for month, of in till.account(member).qualifying.items()} == {"2601": 1, "2602": 1}
    assert dict(till.account(member).lots) == {"260228": 20, "260301": 10}


@pytest.mark.parametrize(
    ("instants", "lot"),
    [
        # 14 March 2027 has 23 hours in New York, 7 November 25: one o'clock comes twice.
        (("2027-03-14T05:00:00", "2027-03-14T06:59:59", "2027-03-14T07:00:00", "2027-03-15T03:59:59"), "270414"),
        (("2027-11-07T04:00:00", "2027-11-07T05:30:00", "2027-11-07T06:30:00", "2027-11-08T04:59:59"), "271207"),
    ],
)
def test_s5_a_day_of_another_length_is_one_day(bare_till: Till, instants: tuple[str, ...], lot: str) -> None:
    till = till_of(bare_till, "America/New_York")
    member = sold(till, *(datetime.fromisoformat(one).replace(tzinfo=UTC) for one in instants))
    assert dict(till.account(member).lots) == {lot: 40}


@pytest.mark.parametrize(
    ("zone", "sold_at", "gone"),
    [
        ("America/New_York", "2027-02-14T17:00:00", "2027-03-15T04:00:00"),
        ("America/New_York", "2027-10-07T16:00:00", "2027-11-08T05:00:00"),
        ("Asia/Shanghai", "2028-01-31T04:00:00", "2028-02-29T16:00:00"),
        ("Asia/Shanghai", "2026-11-30T16:00:00", "2027-01-01T16:00:00"),
        ("Asia/Shanghai", "2026-11-30T15:59:59", "2026-12-30T16:00:00"),
    ],
)
def test_l9_e9_a_sale_s_points_last_to_the_last_millisecond_of_a_local_day(
    bare_till: Till, zone: str, sold_at: str, gone: str
) -> None:
    till = till_of(bare_till, zone)
    member = sold(till, datetime.fromisoformat(sold_at).replace(tzinfo=UTC))
    gone_at = datetime.fromisoformat(gone).replace(tzinfo=UTC)
    before, after = (
        as_of(till.account(member), at, till.earning.rules.at(at))
        for at in (gone_at - timedelta(milliseconds=1), gone_at)
    )
    assert (before.spendable > 0, after.spendable) == (True, 0)
