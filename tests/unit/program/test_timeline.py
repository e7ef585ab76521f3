"""Which version is in force where and when, and how long a cached timeline may be trusted."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.connection import make_client
from shared.errors import NoProgramError
from shared.program.items import timeline_item, timeline_of
from shared.program.store import publishing_patience
from shared.program.timeline import (
    LEAD,
    MARGIN,
    PUBLISH_WITHIN,
    Schedule,
    Timeline,
    VersionRef,
    is_exact_for,
    live,
    next_change,
    pick,
)


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=UTC)


def a_ref(
    number: int, effective: datetime, *, pilot: tuple[str, ...] = (), everywhere: datetime | None = None
) -> VersionRef:
    schedule = Schedule(effective=effective, pilot_stores=frozenset(pilot), all_stores_from=everywhere)
    return VersionRef(number=number, sha256=f"{number:064d}", published_at=at(1), schedule=schedule)


PILOTED = Timeline(refs=(a_ref(1, at(1)), a_ref(2, at(8), pilot=("SH001",), everywhere=at(15))), revision=2)


@pytest.mark.parametrize(
    ("instant", "store", "expected"),
    [
        (at(8) - timedelta(microseconds=1), "SH001", 1),
        (at(8), "SH001", 2),
        (at(8), "SH002", 1),
        (at(15) - timedelta(microseconds=1), "SH002", 1),
        (at(15), "SH002", 2),
        (at(2), "SH001", 1),
    ],
)
def test_a_pilot_begins_in_its_stores_first_s3_23(instant: datetime, store: str, expected: int) -> None:
    assert pick(PILOTED, instant, store).number == expected


def test_a_late_sale_gets_the_rules_of_its_own_instant_e15() -> None:
    assert pick(PILOTED, at(7, 12), "SH001").number == 1


def test_refuses_when_no_version_has_begun() -> None:
    with pytest.raises(NoProgramError):
        pick(PILOTED, at(1) - timedelta(seconds=1), "SH001")
    assert live(PILOTED, at(1) - timedelta(seconds=1), "SH001") is None


def test_a_newer_version_replaces_those_that_are_planned() -> None:
    timeline = Timeline(refs=(a_ref(1, at(1)), a_ref(2, at(20)), a_ref(3, at(18))))
    assert [pick(timeline, at(day), "SH001").number for day in (17, 18, 20, 25)] == [1, 3, 3, 3]


def test_the_next_change_is_told_per_store() -> None:
    assert next_change(PILOTED, at(2), "SH001") == (at(8), PILOTED.refs[1])
    assert next_change(PILOTED, at(2), "SH002") == (at(15), PILOTED.refs[1])
    assert next_change(PILOTED, at(15), "SH002") is None


@pytest.mark.parametrize(("seconds", "expected"), [(39.9, True), (40, False), (-86_400, True)])
def test_a_timeline_is_exact_for_instants_before_lead_less_margin(seconds: float, *, expected: bool) -> None:
    assert is_exact_for(at(1), at(1) + timedelta(seconds=seconds)) is expected


def test_the_margin_covers_a_publication_and_whole_seconds_of_its_clock() -> None:
    assert timedelta(seconds=1) + PUBLISH_WITHIN < MARGIN < LEAD


def test_a_publication_that_nobody_answers_is_given_up_before_a_cached_timeline_may_lack_it() -> None:
    config = make_client("dynamodb", "http://127.0.0.1:9", "us-east-1").meta.config
    attempts = config.retries["total_max_attempts"]
    pauses = 2 ** (attempts - 1) - 1  # seconds at most between them: 1, 2, 4 …
    longest_call = attempts * (config.connect_timeout + config.read_timeout) + pauses
    assert publishing_patience().remaining_ms() / 1000 + longest_call <= PUBLISH_WITHIN.total_seconds()


def test_the_timeline_survives_its_item() -> None:
    assert timeline_of(timeline_item(PILOTED)) == PILOTED
    assert timeline_of(None) == Timeline()
