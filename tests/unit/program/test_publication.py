"""When a version may be published, and when that would change nothing."""

from datetime import UTC, datetime

import pytest

from shared.errors import InvalidFieldError, NoticeTooShortError
from shared.program.model import Notice
from shared.program.publication import already_published, check_schedule, replaced_before_it_begins
from shared.program.timeline import Schedule, Timeline, VersionRef

NOTICE = Notice(days_before=7, text="")
NONE_YET = Timeline()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-12-{text}").replace(tzinfo=UTC)


def a_timeline(*schedules: Schedule) -> Timeline:
    refs = tuple(
        VersionRef(number=number, sha256=f"sha-{number}", published_at=at("01"), schedule=schedule)
        for number, schedule in enumerate(schedules, start=1)
    )
    return Timeline(refs=refs, revision=len(refs))


def from_(text: str, everywhere: str | None = None) -> Schedule:
    pilot = frozenset({"SH001"}) if everywhere else frozenset[str]()
    return Schedule(effective=at(text), pilot_stores=pilot, all_stores_from=at(everywhere) if everywhere else None)


ONE = a_timeline(from_("01"))
NOW = at("10 12:00:00")


@pytest.mark.parametrize(
    ("timeline", "schedule", "notice"),
    [
        (NONE_YET, from_("01"), NOTICE),
        (ONE, from_("10 12:01:00"), None),
        (ONE, from_("10 12:01:00"), Notice(days_before=0, text="")),
        (ONE, from_("17 12:00:00"), NOTICE),
        (ONE, from_("17 12:00:00", "17 12:00:00"), NOTICE),
    ],
)
def test_a_version_may_begin_from_lead_and_notice_on(
    timeline: Timeline, schedule: Schedule, notice: Notice | None
) -> None:
    check_schedule(timeline, schedule, notice, NOW)


@pytest.mark.parametrize("notice", [None, Notice(days_before=0, text="")])
def test_refuses_a_version_that_begins_before_lead(notice: Notice | None) -> None:
    with pytest.raises(InvalidFieldError) as refused:
        check_schedule(ONE, from_("10 12:00:59"), notice, NOW)
    (error,) = refused.value.fields["errors"]
    assert (error["code"], error["earliest"]) == ("too-early", "2026-12-10T12:01:00+00:00")


@pytest.mark.parametrize("begins", ["01", "10 12:01:00", "17 11:59:59"])
def test_the_notice_names_the_earliest_instant_that_satisfies_all_s2_22(begins: str) -> None:
    with pytest.raises(NoticeTooShortError) as refused:
        check_schedule(ONE, from_(begins), NOTICE, NOW)
    assert refused.value.fields["earliest"] == "2026-12-17T12:00:00+00:00"


@pytest.mark.parametrize("timeline", [NONE_YET, ONE])
def test_refuses_all_stores_before_the_pilot(timeline: Timeline) -> None:
    with pytest.raises(InvalidFieldError) as refused:
        check_schedule(timeline, from_("20", "19"), None, NOW)
    assert refused.value.fields["errors"][0]["code"] == "before-effective"


@pytest.mark.parametrize(
    ("timeline", "sha256", "schedule", "expected"),
    [
        (NONE_YET, "sha-1", from_("20"), None),
        (ONE, "sha-1", from_("01"), 1),
        (ONE, "sha-1", from_("20"), 1),
        (ONE, "sha-2", from_("01"), None),
        (a_timeline(from_("01"), from_("20")), "sha-2", from_("20"), 2),
        (a_timeline(from_("01"), from_("20")), "sha-2", from_("19"), None),
        (a_timeline(from_("01"), from_("20")), "sha-1", from_("01"), None),
        (a_timeline(from_("01"), from_("05", "15")), "sha-2", from_("12"), None),
        (a_timeline(from_("01"), from_("05", "09")), "sha-2", from_("12"), 2),
    ],
)
def test_publishing_what_is_planned_or_in_force_everywhere_changes_nothing(
    timeline: Timeline, sha256: str, schedule: Schedule, expected: int | None
) -> None:
    same = already_published(timeline, sha256, schedule, NOW)
    assert (same.number if same else None) == expected


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [(from_("18"), [2]), (from_("20"), [2]), (from_("21"), []), (from_("18", "21"), []), (from_("15", "19"), [2])],
)
def test_planned_versions_that_would_nowhere_begin_are_named(schedule: Schedule, expected: list[int]) -> None:
    planned = a_timeline(from_("01"), from_("20"))
    assert [ref.number for ref in replaced_before_it_begins(planned, schedule, NOW)] == expected
