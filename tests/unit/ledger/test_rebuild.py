"""An account is rebuilt from its entries bit for bit, and never from entries that do not add up. L6, K6."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.ledger.account import Balance, Movement, TierState
from shared.ledger.entries import Entry
from shared.ledger.rebuild import Beginning, UnsoundEntriesError, rebuilt
from shared.ledger.rules import Rules
from shared.program.zones import zone_named
from tests.builders import ZONE, an_account
from tests.unit.ledger.test_ledger_audit import ACCOUNT, ENTRIES, SILVER

RULES = Rules(zone=zone_named(ZONE))
BEGINNING = Beginning(at=an_account().as_of, enrolled_on=ACCOUNT.enrolled_on, tier_id="normal")


def test_l6_whatever_stands_the_entries_make_the_same_account() -> None:
    for stands in (None, ACCOUNT, replace(ACCOUNT, lots={"261231": 9_999}, version=99, tier=SILVER)):
        assert rebuilt(ACCOUNT.member_id, stands, ENTRIES[::-1], BEGINNING, RULES) == ACCOUNT


def test_a_freeze_stays_and_an_enrolment_day_too() -> None:
    stands = replace(ACCOUNT, frozen=True, enrolled_on=ACCOUNT.enrolled_on.replace(year=2025))
    made = rebuilt(ACCOUNT.member_id, stands, ENTRIES, BEGINNING, RULES)
    assert (made.frozen, made.enrolled_on) == (True, stands.enrolled_on)


@pytest.mark.parametrize(("stands", "tier_id"), [("gold", "gold"), (None, "normal")])
def test_a_tier_that_no_entry_tells_of_stays_where_it_has_no_end(stands: str | None, tier_id: str) -> None:
    tier = TierState(tier_id=stands) if stands else SILVER
    assert rebuilt("mem_A", replace(an_account(), tier=tier), [], BEGINNING, RULES).tier == TierState(tier_id=tier_id)


def test_a_limit_of_the_day_stays_counted_in_the_evening_of_a_shop_that_is_behind_utc() -> None:
    """Nine in the evening of the 15th in New York is the 16th in UTC: a member who had all of it gets no more."""
    at = datetime(2026, 12, 16, 2, 0, tzinfo=UTC)
    movement = Movement(lots={"271231": 5}, counters={"daily:261215": 1, "daily:261214": 1})
    entry = replace(
        ENTRIES[0], account_version=1, position=0, posted_at=at, movement=movement, balance=Balance(5, 0, 0, 0)
    )
    made = rebuilt(ACCOUNT.member_id, None, [entry], BEGINNING, Rules(zone=zone_named("America/New_York")))
    assert made.counters == {"daily:261215": 1}


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
        rebuilt(ACCOUNT.member_id, ACCOUNT, entries, BEGINNING, RULES)
