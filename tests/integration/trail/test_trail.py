"""The trail: one item per deed, put once, read by day (T11, T25, L5)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from shared.ledger.store import Ledger
from shared.runtime.transactions import commit
from shared.trail.deeds import Deed, What
from shared.trail.store import DeedRecordedError, Trail, deed_item, deed_of, recording
from tests.builders import NOW, patience

DAY = NOW.date()


def a_deed(number: int = 0, **others: Any) -> Deed:
    fields = {"what": What.TIER_SET, "at": NOW + timedelta(seconds=number), "who": "zhou", "about": f"tsr_{number}"}
    return Deed(**{**fields, **others})


@pytest.fixture
def trail(ledger: Ledger) -> Trail:
    return Trail(client=ledger.client, table=ledger.tables.ledger)


def record(trail: Trail, *deeds: Deed) -> None:
    commit(trail.client, [recording(deed, table=trail.table) for deed in deeds], patience())


def test_the_newest_deed_comes_first(trail: Trail) -> None:
    deeds = [a_deed(number) for number in range(3)]
    record(trail, *deeds)
    assert trail.page(DAY, lambda _: True, limit=10).deeds == deeds[::-1]


def test_a_deed_is_read_as_it_was_recorded(trail: Trail) -> None:
    deed = a_deed(member_id="mem_1", store_id="SH001", why="goodwill")
    assert deed_of(deed_item(deed)) == deed


def test_l5_a_second_put_of_a_deed_is_refused_and_undoes_all_that_goes_with_it(trail: Trail) -> None:
    record(trail, a_deed())
    with pytest.raises(DeedRecordedError):
        record(trail, a_deed(1), a_deed(who="li"))
    assert trail.page(DAY, lambda _: True, limit=10).deeds == [a_deed()]


def test_two_who_look_at_one_member_in_the_same_instant_are_both_recorded(trail: Trail) -> None:
    looks = [a_deed(what=What.MEMBER_SEEN, about="mem_1", who=who) for who in ("zhou", "li", "chen")]
    for look in looks:
        trail.record([look, a_deed(what=What.MEMBER_SEEN, about=f"mem_{look.who}", who=look.who)], patience())
    found = trail.page(DAY, lambda deed: deed.about == "mem_1", limit=10).deeds
    assert [deed.who for deed in found] == ["chen", "li", "zhou"]
    assert {deed.at - NOW for deed in found} == {timedelta(microseconds=later) for later in range(3)}


def test_deeds_of_one_instant_stand_beside_each_other(trail: Trail) -> None:
    record(trail, a_deed(about="a"), a_deed(about="b"), a_deed(what=What.PROGRAM_PUBLISHED, about="a"))
    assert len(trail.page(DAY, lambda _: True, limit=10).deeds) == 3


def test_a_day_is_that_of_utc(trail: Trail) -> None:
    midnight = datetime(2026, 12, 17, 0, 30, tzinfo=timezone(timedelta(hours=8)))
    record(trail, a_deed(at=midnight))
    assert trail.page(date(2026, 12, 17), lambda _: True, limit=10).deeds == []
    (deed,) = trail.page(date(2026, 12, 16), lambda _: True, limit=10).deeds
    assert deed.at == midnight


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_a4_pages_joined_have_no_gap_and_no_double_while_deeds_are_done(trail: Trail, limit: int) -> None:
    record(trail, *(a_deed(number, member_id="mem_1" if number % 3 else "mem_2") for number in range(21)))
    read: list[Deed] = []
    start: Mapping[str, Any] | None = None
    while True:
        page = trail.page(DAY, lambda deed: deed.member_id == "mem_2", limit=limit, start=start)
        read += page.deeds
        record(trail, a_deed(100 + len(read), member_id="mem_2"))
        start = page.following
        if not start:
            break
    assert [deed.about for deed in read] == [f"tsr_{number}" for number in range(18, -1, -3)]
