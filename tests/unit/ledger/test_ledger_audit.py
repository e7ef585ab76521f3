"""The audit finds every corruption of an account or its entries, and nothing where all is well."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.keys import Key
from shared.ledger.account import Account, Balance, Movement, Qualifying, TierState
from shared.ledger.audit import differences
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.movements import credit, credit_pending, debit
from shared.ledger.posting import begin
from shared.ledger.rules import Rules
from tests.builders import an_account, shanghai

SHANGHAI = ZoneInfo("Asia/Shanghai")
SILVER = TierState(tier_id="silver", since=date(2026, 1, 5), valid_until=date(2027, 1, 5))


def history() -> tuple[Account, list[Entry]]:
    """Make an account with a bit of everything: pending, held, qualifying, counters, a tier, a lapse."""
    account = an_account(at=shanghai("2026-01-01 09:00"))
    entries: list[Entry] = []
    qualifying = {"2601": Qualifying(100, 10_000, 1)}
    table: list[tuple[str, EntryKind, Callable[[Account], Movement]]] = [
        ("2026-01-05 10:00", EntryKind.EARNED, lambda _: Movement(lots={"260131": 100}, qualifying=qualifying)),
        ("2026-01-05 11:00", EntryKind.EARNED, lambda _: Movement(lots={"261231": 50}, tier=SILVER)),
        ("2026-01-06 10:00", EntryKind.EARNED, lambda _: credit_pending(date(2026, 3, 1), {"261231": 30})),
        ("2026-01-07 10:00", EntryKind.REDEEMED, lambda now: replace(debit(now, 20, halved_through=None), held=20)),
        (
            "2026-01-08 10:00",
            EntryKind.REDEEMED,
            lambda now: replace(debit(now, 7, halved_through=None), counters={"mug:261231": 1}),
        ),
        ("2026-02-01 10:00", EntryKind.EARNED, lambda now: credit(now, {"261231": 5})),
    ]
    for at, kind, move in table:
        posting = begin(account, shanghai(at), Rules(zone=SHANGHAI))
        posting = posting.add(kind, Key("A", at), move(posting.account))
        account = posting.account
        entries += posting.entries
    return account, entries


ACCOUNT, ENTRIES = history()


def found(account: Account, entries: list[Entry]) -> list[str]:
    return list(differences(account, entries))


def test_nothing_is_found_where_all_is_well() -> None:
    assert found(ACCOUNT, ENTRIES) == []


def test_a_new_account_without_entries_is_well() -> None:
    assert found(an_account(), []) == []


def test_the_order_in_which_entries_are_read_does_not_matter() -> None:
    assert found(ACCOUNT, ENTRIES[::-1]) == []


def test_what_an_account_may_forget_is_not_missed() -> None:
    later = begin(ACCOUNT, shanghai("2027-06-01 10:00"), Rules(zone=SHANGHAI))
    later = later.add(EntryKind.EARNED, Key("A", "late"), Movement())
    assert later.account.qualifying == {}
    assert later.account.counters == {}
    assert found(later.account, [*ENTRIES, *later.entries]) == []


CORRUPT_ACCOUNTS: dict[str, dict[str, Any]] = {
    "a lot grew": {"lots": {"261231": 56}},
    "a lot is gone": {"lots": {}},
    "a lot has another day": {"lots": {"261230": 55}},
    "pending grew": {"pending": {"260301>261231": 31}},
    "pending has another day": {"pending": {"260302>261231": 30}},
    "pending is gone": {"pending": {}},
    "held changed": {"held": 19},
    "debt appeared": {"debt": 1},
    "lots and debt grew alike": {"lots": {"261231": 56}, "debt": 1},
    "qualifying points changed": {"qualifying": {"2601": Qualifying(99, 10_000, 1)}},
    "qualifying spend changed": {"qualifying": {"2601": Qualifying(100, 10_001, 1)}},
    "qualifying visits changed": {"qualifying": {"2601": Qualifying(100, 10_000, 0)}},
    "qualifying is gone": {"qualifying": {}},
    "another month appeared": {"qualifying": {**ACCOUNT.qualifying, "2602": Qualifying(1, 1, 1)}},
    "a counter changed": {"counters": {"mug:261231": 2}},
    "a counter is gone": {"counters": {}},
    "a counter appeared": {"counters": {"mug:261231": 1, "pen:~": 1}},
    "the tier changed": {"tier": TierState(tier_id="gold", since=SILVER.since, valid_until=SILVER.valid_until)},
    "the tier was lost": {"tier": TierState(tier_id="normal")},
    "the tier lasts longer": {"tier": replace(SILVER, valid_until=date(2028, 1, 5))},
    "the tier began earlier": {"tier": replace(SILVER, since=date(2026, 1, 4))},
    "a version too many": {"version": 7},
    "a version too few": {"version": 5},
    "it has seen another instant": {"as_of": ACCOUNT.as_of + timedelta(milliseconds=1)},
    "its time went back": {"as_of": ACCOUNT.as_of - timedelta(days=1)},
}


@pytest.mark.parametrize("corrupt", CORRUPT_ACCOUNTS.values(), ids=CORRUPT_ACCOUNTS)
def test_a_changed_account_is_found(corrupt: dict[str, Any]) -> None:
    assert found(replace(ACCOUNT, **corrupt), ENTRIES)


@pytest.mark.parametrize("at", range(len(ENTRIES)))
def test_a_missing_entry_is_found(at: int) -> None:
    assert found(ACCOUNT, ENTRIES[:at] + ENTRIES[at + 1 :])


@pytest.mark.parametrize("at", range(len(ENTRIES)))
def test_an_entry_that_counts_twice_is_found(at: int) -> None:
    again = replace(ENTRIES[at], key=Key("A", "again"))
    assert found(ACCOUNT, [*ENTRIES, again])


@pytest.mark.parametrize("at", range(len(ENTRIES) - 1))
def test_two_entries_in_each_others_place_are_found(at: int) -> None:
    one, other = ENTRIES[at], ENTRIES[at + 1]
    swapped = [
        replace(one, account_version=other.account_version, position=other.position),
        replace(other, account_version=one.account_version, position=one.position),
    ]
    assert found(ACCOUNT, ENTRIES[:at] + swapped + ENTRIES[at + 2 :])


CORRUPT_MOVEMENTS: dict[str, Movement] = {
    "a lot": Movement(lots={"261231": 1}),
    "pending": Movement(pending={"260301>261231": 1}),
    "held": Movement(held=1),
    "debt": Movement(debt=1),
    "qualifying": Movement(qualifying={"2601": Qualifying(0, 1, 0)}),
    "a counter": Movement(counters={"mug:261231": 1}),
}


@pytest.mark.parametrize("more", CORRUPT_MOVEMENTS.values(), ids=CORRUPT_MOVEMENTS)
@pytest.mark.parametrize("at", range(len(ENTRIES)))
def test_an_entry_that_moved_something_else_is_found(at: int, more: Movement) -> None:
    movement = ENTRIES[at].movement
    changed = replace(
        movement,
        lots={**movement.lots, **{lot: movement.lots.get(lot, 0) + n for lot, n in more.lots.items()}},
        pending={**movement.pending, **{lot: movement.pending.get(lot, 0) + n for lot, n in more.pending.items()}},
        held=movement.held + more.held,
        debt=movement.debt + more.debt,
        qualifying={**movement.qualifying, **more.qualifying},
        counters={**movement.counters, **{name: movement.counters.get(name, 0) + 1 for name in more.counters}},
    )
    assert found(ACCOUNT, [*ENTRIES[:at], replace(ENTRIES[at], movement=changed), *ENTRIES[at + 1 :]])


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("at", range(len(ENTRIES)))
def test_an_entry_that_says_another_balance_is_found(at: int, place: int) -> None:
    balance = list(ENTRIES[at].balance)
    balance[place] += 1
    changed = replace(ENTRIES[at], balance=Balance(*balance))
    assert found(ACCOUNT, [*ENTRIES[:at], changed, *ENTRIES[at + 1 :]])


def test_a_tier_that_an_entry_gave_and_the_account_lacks_is_found() -> None:
    gold = replace(ENTRIES[-1].movement, tier=replace(SILVER, tier_id="gold"))
    assert found(ACCOUNT, [*ENTRIES[:-1], replace(ENTRIES[-1], movement=gold)])


def test_an_entry_that_moves_more_than_there_was_is_named() -> None:
    greedy = replace(ENTRIES[0], movement=Movement(lots={"260131": -1}))
    (only,) = found(ACCOUNT, [greedy, *ENTRIES[1:]])
    assert only.startswith("INV-3 2026-01-05 10:00 of A makes something negative")


def test_another_members_entry_is_found() -> None:
    assert found(ACCOUNT, [replace(ENTRIES[0], member_id="mem_B"), *ENTRIES[1:]])


def test_an_entry_posted_before_the_one_it_follows_is_found() -> None:
    late = replace(ENTRIES[2], posted_at=ENTRIES[2].posted_at - timedelta(days=2))
    assert found(ACCOUNT, [*ENTRIES[:2], late, *ENTRIES[3:]])
