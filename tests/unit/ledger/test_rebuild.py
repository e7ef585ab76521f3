"""An account is rebuilt from its entries bit for bit, and never from entries that do not add up. L6, K6."""

from dataclasses import replace

import pytest

from shared.ledger.account import Balance, Movement, TierState
from shared.ledger.entries import Entry
from shared.ledger.rebuild import Beginning, UnsoundEntriesError, rebuilt
from tests.builders import an_account
from tests.unit.ledger.test_ledger_audit import ACCOUNT, ENTRIES, SILVER

BEGINNING = Beginning(at=an_account().as_of, enrolled_on=ACCOUNT.enrolled_on, tier_id="normal")


def test_l6_whatever_stands_the_entries_make_the_same_account() -> None:
    for stands in (None, ACCOUNT, replace(ACCOUNT, lots={"261231": 9_999}, version=99, tier=SILVER)):
        assert rebuilt(ACCOUNT.member_id, stands, ENTRIES[::-1], BEGINNING) == ACCOUNT


def test_a_freeze_stays_and_an_enrolment_day_too() -> None:
    stands = replace(ACCOUNT, frozen=True, enrolled_on=ACCOUNT.enrolled_on.replace(year=2025))
    made = rebuilt(ACCOUNT.member_id, stands, ENTRIES, BEGINNING)
    assert (made.frozen, made.enrolled_on) == (True, stands.enrolled_on)


@pytest.mark.parametrize(("stands", "tier_id"), [("gold", "gold"), (None, "normal")])
def test_a_tier_that_no_entry_tells_of_stays_where_it_has_no_end(stands: str | None, tier_id: str) -> None:
    tier = TierState(tier_id=stands) if stands else SILVER
    assert rebuilt("mem_A", replace(an_account(), tier=tier), [], BEGINNING).tier == TierState(tier_id=tier_id)


UNSOUND: list[tuple[str, list[Entry]]] = [
    ("no entry made version 2", [ENTRIES[0], *ENTRIES[2:]]),
    ("no entry made version 1", ENTRIES[1:]),
    ("two entries stand at one place", [*ENTRIES, ENTRIES[-1]]),
    ("posted before", [replace(ENTRIES[0], posted_at=ENTRIES[-1].posted_at), *ENTRIES[1:]]),
    ("another balance", [replace(ENTRIES[0], balance=Balance(1, 0, 0, 0)), *ENTRIES[1:]]),
    ("something negative", [replace(ENTRIES[0], movement=Movement(lots={"~": -1})), *ENTRIES[1:]]),
]


@pytest.mark.parametrize(("why", "entries"), UNSOUND)
def test_entries_that_do_not_add_up_are_not_followed(why: str, entries: list[Entry]) -> None:
    with pytest.raises(UnsoundEntriesError, match=why):
        rebuilt(ACCOUNT.member_id, ACCOUNT, entries, BEGINNING)
