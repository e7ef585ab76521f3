"""A posting brings an account up to the present: activation, lapse, their order, a time that never goes back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.keys import Key
from shared.ledger.account import Account, Balance, Movement, Qualifying
from shared.ledger.entries import EntryKind
from shared.ledger.lots import NEVER
from shared.ledger.movements import credit, debit
from shared.ledger.posting import Posting, as_of, begin
from shared.ledger.rules import Rules
from tests.builders import an_account, shanghai

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = Rules(zone=SHANGHAI)
START = shanghai("2026-01-01 09:00")
JANUARY, MARCH, DECEMBER = "260131", "260331", "261231"


def page(posting: Posting) -> list[tuple[str, int, int, int]]:
    """Read a posting as a ledger page: kind, points, pending points, balance after."""
    return [
        (entry.kind.value, entry.movement.points, entry.movement.points_pending, entry.balance.available)
        for entry in posting.entries
    ]


def holding(**fields: Any) -> Account:
    return an_account(at=START, **fields)


def test_nothing_due_makes_no_entry() -> None:
    assert page(begin(holding(lots={MARCH: 5}, pending={f"260110>{MARCH}": 3}), START, RULES)) == []


def test_pending_points_become_usable_at_the_midnight_of_their_day() -> None:
    account = holding(pending={f"260115>{MARCH}": 30})
    assert as_of(account, shanghai("2026-01-14 23:59"), RULES).balance == Balance(0, 30, 0, 0)
    assert as_of(account, shanghai("2026-01-15 00:00"), RULES).balance == Balance(30, 0, 0, 0)


def test_activation_comes_before_lapse_so_what_waited_too_long_comes_and_goes() -> None:
    account = holding(lots={JANUARY: 20}, pending={f"260115>{JANUARY}": 30, f"260116>{MARCH}": 5})
    assert page(begin(account, shanghai("2026-02-01 00:00"), RULES)) == [
        ("activated", 30, -30, 50),
        ("activated", 5, -5, 55),
        ("expired", -50, 0, 5),
    ]


def test_e6_activation_pays_debt_first() -> None:
    posting = begin(holding(debt=150, pending={f"260115>{MARCH}": 600}), shanghai("2026-01-15 00:00"), RULES)
    assert page(posting) == [("activated", 600, -600, 450)]
    assert posting.account.lots == {MARCH: 450}


def test_e10_a_debit_is_bound_to_its_lots() -> None:
    """E10: earn 100 until 31 January, spend 80, earn 50 until 31 December; on 1 February 20 lapse and 50 stay."""
    account = holding()
    table = [
        ("2026-01-05 10:00", Movement(lots={JANUARY: 100}), [("earned", 100, 0, 100)]),
        ("2026-01-10 10:00", Movement(lots={JANUARY: -80}), [("earned", -80, 0, 20)]),
        ("2026-01-20 10:00", Movement(lots={DECEMBER: 50}), [("earned", 50, 0, 70)]),
        ("2026-02-01 00:00", Movement(), [("expired", -20, 0, 50), ("earned", 0, 0, 50)]),
    ]
    for at, movement, expected in table:
        posting = begin(account, shanghai(at), RULES).add(EntryKind.EARNED, Key("A", at), movement)
        assert page(posting) == expected
        account = posting.account


def test_e8_what_returns_to_a_lot_that_has_lapsed_meanwhile_lapses_at_once() -> None:
    """E8: A 100 until 31 January, B 100 until 31 December; 150 spent on 15 January come back on 10 February."""
    before = holding(lots={JANUARY: 100, DECEMBER: 100})
    spent = begin(before, shanghai("2026-01-15 10:00"), RULES)
    movement = debit(spent.account, 150, halved_through=None)
    spent = spent.add(EntryKind.REDEEMED, Key("R", "1"), movement)
    back = begin(spent.account, shanghai("2026-02-10 10:00"), RULES)
    lots = {lot: -points for lot, points in movement.lots.items()}
    back = back.add(EntryKind.RETURNED, Key("R", "2"), credit(back.account, lots))
    assert page(back) == [("returned", 150, 0, 200), ("expired", -100, 0, 100)]
    assert back.account.lots == {DECEMBER: 100}


ZONES = [
    # zone, lot, the instant (UTC) from which it is gone
    ("Asia/Shanghai", "260331", "2026-03-31T16:00:00"),
    ("America/New_York", "270314", "2027-03-15T04:00:00"),  # summer time starts on the 14th
    ("America/New_York", "270313", "2027-03-14T05:00:00"),
    ("America/New_York", "271106", "2027-11-07T04:00:00"),
    ("America/New_York", "271107", "2027-11-08T05:00:00"),  # summer time ends on the 7th
    ("Europe/London", "270327", "2027-03-28T00:00:00"),
    ("Europe/London", "270328", "2027-03-28T23:00:00"),  # summer time starts on the 28th
    ("Europe/London", "271031", "2027-11-01T00:00:00"),  # summer time ends on the 31st
    ("Asia/Shanghai", "280228", "2028-02-28T16:00:00"),
    ("Asia/Shanghai", "280229", "2028-02-29T16:00:00"),
    ("America/New_York", "280229", "2028-03-01T05:00:00"),
    ("Asia/Shanghai", "261231", "2026-12-31T16:00:00"),
    ("Europe/London", "261231", "2027-01-01T00:00:00"),
    ("America/New_York", "261231", "2027-01-01T05:00:00"),
    ("America/Sao_Paulo", "181103", "2018-11-04T03:00:00"),  # that midnight does not exist: the change is at it
]


@pytest.mark.parametrize(("zone", "lot", "gone"), ZONES)
def test_e9_l9_a_lot_is_usable_until_the_last_millisecond_of_its_day(zone: str, lot: str, gone: str) -> None:
    gone_at = datetime.fromisoformat(gone).replace(tzinfo=UTC)
    account = an_account(at=datetime(2018, 1, 1, tzinfo=UTC), lots={lot: 100})
    assert as_of(account, gone_at - timedelta(milliseconds=1), Rules(zone=ZoneInfo(zone))).spendable == 100
    assert as_of(account, gone_at, Rules(zone=ZoneInfo(zone))).spendable == 0


def test_e9_a_second_sweep_finds_nothing_to_lapse() -> None:
    first = begin(holding(lots={JANUARY: 20}), shanghai("2026-02-01 00:00"), RULES)
    assert page(first) == [("expired", -20, 0, 0)]
    assert page(begin(first.account, shanghai("2026-02-01 00:00"), RULES)) == []


def test_a_lot_that_never_lapses_never_does() -> None:
    assert as_of(holding(lots={NEVER: 1}), shanghai("2099-12-31 23:59"), RULES).spendable == 1


def test_each_lot_lapses_with_an_entry_of_its_own() -> None:
    posting = begin(holding(lots={JANUARY: 1, MARCH: 2, DECEMBER: 4}), shanghai("2026-04-01 00:00"), RULES)
    assert [entry.movement.lots for entry in posting.entries] == [{JANUARY: -1}, {MARCH: -2}]


def test_time_never_goes_back() -> None:
    """A container whose clock is behind posts at the instant that the account has seen already."""
    account = holding(lots={JANUARY: 20}, pending={f"260115>{MARCH}": 5})
    seen = begin(account, shanghai("2026-02-01 00:00"), RULES).account
    later = begin(seen, shanghai("2026-01-10 00:00"), RULES).add(EntryKind.EARNED, Key("A", "1"), Movement())
    assert later.at == shanghai("2026-02-01 00:00")
    assert later.entries[0].posted_at == shanghai("2026-02-01 00:00")
    assert later.account.as_of == shanghai("2026-02-01 00:00")


def test_every_posting_makes_the_next_version_and_remembers_the_one_it_read() -> None:
    posting = begin(holding(version=7), START, RULES)
    assert (posting.loaded_version, posting.account.version) == (7, 8)


def test_a_query_writes_no_version() -> None:
    assert as_of(holding(version=7), START, RULES).version == 7


def test_entries_of_a_posting_stand_in_their_places() -> None:
    posting = begin(holding(lots={JANUARY: 1}, version=3), shanghai("2026-02-01 00:00"), RULES)
    posting = posting.add(EntryKind.EARNED, Key("A", "1"), Movement(lots={MARCH: 1}))
    assert [(entry.account_version, entry.position) for entry in posting.entries] == [(4, 0), (4, 1)]


def test_lapses_of_one_lot_have_keys_that_cannot_come_twice() -> None:
    """A lot that has lapsed gets points again (a late sale, a cancellation): each lapse is an entry of its own."""
    at = shanghai("2026-02-01 00:00")
    posting = begin(holding(lots={JANUARY: 1}, version=3), at, RULES)
    posting = posting.add(EntryKind.EARNED, Key("A", "1"), Movement(lots={JANUARY: 2}))
    posting = posting.add(EntryKind.EARNED, Key("A", "2"), Movement(lots={JANUARY: 4}))
    assert [entry.key.sk for entry in posting.entries if entry.kind is EntryKind.EXPIRED] == [
        "EXPIRED#260131#4.0",
        "EXPIRED#260131#4.2",
        "EXPIRED#260131#4.4",
    ]


def test_old_months_and_closed_counters_are_forgotten_without_an_entry() -> None:
    account = holding(
        qualifying={"2410": Qualifying(1, 1, 1), "2512": Qualifying(2, 2, 2)},
        counters={"mug:251231": 1, "mug:261231": 1},
    )
    posting = begin(account, START, RULES)
    assert posting.entries == ()
    assert posting.account.qualifying == {"2512": Qualifying(2, 2, 2)}
    assert posting.account.counters == {"mug:261231": 1}


def test_a_hundred_lots_that_lapse_at_once_share_a_dozen_entries() -> None:
    """A transaction holds a hundred writes, and others are to go with it."""
    lots = {f"26{month:02d}{day:02d}": day for month in range(1, 5) for day in range(1, 26)}
    pending = {f"25{month:02d}{day:02d}>{NEVER}": 1 for month in range(1, 5) for day in range(1, 26)}
    posting = begin(holding(lots=lots, pending=pending), shanghai("2026-06-01 00:00"), RULES)
    assert [entry.kind for entry in posting.entries] == [EntryKind.ACTIVATED] * 12 + [EntryKind.EXPIRED] * 12
    assert posting.account.balance == Balance(100, 0, 0, 0)
    assert len({entry.key for entry in posting.entries}) == 24


def test_e6_lots_that_are_activated_together_pay_debt_first() -> None:
    pending = {f"2501{day:02d}>{lot}": 10 for day in range(1, 16) for lot in (DECEMBER, MARCH)}
    posting = begin(holding(debt=155, pending=pending), START, RULES)
    assert posting.account.balance == Balance(145, 0, 0, 0)
    assert sum(entry.movement.points for entry in posting.entries) == 300
    assert sum(entry.movement.debt for entry in posting.entries) == -155
