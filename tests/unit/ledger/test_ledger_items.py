"""Accounts and entries survive the way to the table and back, field by field."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keys import Key
from shared.ledger.account import Account, Balance, Movement, Qualifying, TierState
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import account_item, account_of, entry_item, entry_of, entry_summary_of, write_instant
from shared.ledger.lots import NEVER
from shared.names import ENTRY_SUMMARY_ATTRIBUTES
from shared.runtime.attributes import decode, encode
from tests.builders import an_account

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
LOTS = st.one_of(DAYS.map("{:%y%m%d}".format), st.just(NEVER))
PENDING = st.tuples(DAYS.map("{:%y%m%d}".format), LOTS).map(">".join)
MONTHS = DAYS.map("{:%y%m}".format)
POINTS = st.integers(-(2**53), 2**53)
SOME = POINTS.filter(bool)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
TIERS = st.one_of(
    st.builds(TierState, tier_id=TEXTS), st.builds(TierState, tier_id=TEXTS, since=DAYS, valid_until=DAYS)
)
QUALIFYING = st.dictionaries(MONTHS, st.builds(Qualifying, POINTS, POINTS, POINTS), max_size=3)
AMOUNTS: dict[str, Any] = {
    "lots": st.dictionaries(LOTS, SOME, max_size=4),
    "pending": st.dictionaries(PENDING, SOME, max_size=4),
    "held": POINTS,
    "debt": POINTS,
    "qualifying": QUALIFYING,
    "counters": st.dictionaries(TEXTS, SOME, max_size=3),
}
ACCOUNTS = st.builds(
    Account,
    member_id=TEXTS,
    version=st.integers(0, 9_999_999),
    as_of=INSTANTS,
    enrolled_on=DAYS,
    tier=TIERS,
    frozen=st.booleans(),
    **AMOUNTS,
)
DETAILS = st.dictionaries(TEXTS, st.one_of(POINTS, TEXTS, st.binary(max_size=8), st.lists(POINTS, max_size=3)))
ENTRIES = st.builds(
    Entry,
    key=st.builds(Key, TEXTS, TEXTS),
    kind=st.sampled_from(EntryKind),
    member_id=TEXTS,
    posted_at=INSTANTS,
    account_version=st.integers(1, 9_999_999),
    position=st.integers(0, 99),
    occurred_at=INSTANTS,
    movement=st.builds(
        Movement, tier=st.one_of(st.none(), TIERS), frozen=st.one_of(st.none(), st.booleans()), **AMOUNTS
    ),
    balance=st.builds(Balance, POINTS, POINTS, POINTS, POINTS),
    store_id=st.one_of(st.none(), TEXTS),
    label=st.one_of(st.just(""), TEXTS),
    details=DETAILS,
)


@given(ACCOUNTS)
def test_an_account_comes_back_as_it_went(account: Account) -> None:
    assert account_of(decode(encode(account_item(account)))) == account


@given(ENTRIES)
def test_an_entry_comes_back_as_it_went(entry: Entry) -> None:
    assert entry_of(decode(encode(entry_item(entry)))) == entry


@given(ENTRIES)
def test_what_the_index_holds_is_enough_for_the_summary(entry: Entry) -> None:
    projected = {name: value for name, value in entry_item(entry).items() if name in PROJECTED}
    assert entry_summary_of(decode(encode(projected))) == entry.summary


PROJECTED = {"pk", "sk", "m", "t", *ENTRY_SUMMARY_ATTRIBUTES}


def test_an_empty_account_has_no_empty_attributes() -> None:
    assert account_item(an_account(at=datetime(2026, 12, 16, tzinfo=UTC))) == {
        "id": "mem_A",
        "v": 0,
        "a": "2026-12-16T00:00:00.000Z",
        "e": "260101",
        "t": ["normal"],
    }


@given(INSTANTS, INSTANTS)
def test_instants_sort_as_text_as_they_do_in_time(one: datetime, other: datetime) -> None:
    assert (write_instant(one) < write_instant(other)) == (one < other)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 12, 16, 10, 21, 3, 120999, tzinfo=timezone(timedelta(hours=8))),
        datetime(2026, 12, 16, 2, 21, 3, 120000, tzinfo=UTC),
    ],
)
def test_an_instant_is_written_in_utc_and_cut_to_milliseconds(at: datetime) -> None:
    assert write_instant(at) == "2026-12-16T02:21:03.120Z"


@given(st.lists(st.tuples(st.integers(1, 9_999_999), st.integers(0, 99)), min_size=2, max_size=2, unique=True))
def test_entries_of_one_instant_sort_by_version_and_place(places: list[tuple[int, int]]) -> None:
    keys = [entry_item(_at_place(*place))["t"] for place in places]
    assert (keys[0] < keys[1]) == (places[0] < places[1])


def _at_place(version: int, position: int) -> Entry:
    at = datetime(2026, 12, 16, tzinfo=UTC)
    return Entry(
        key=Key("A", "1"),
        kind=EntryKind.EARNED,
        member_id="mem_A",
        posted_at=at,
        account_version=version,
        position=position,
        occurred_at=at,
        movement=Movement(),
        balance=Balance(0, 0, 0, 0),
    )
