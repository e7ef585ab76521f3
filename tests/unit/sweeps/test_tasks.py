"""Runs and tasks: what is written can be read, what is not ours is refused, and segments are spread."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from shared.sweeps.tasks import (
    Kind,
    Member,
    Run,
    RunTooEarlyError,
    Segment,
    Task,
    UnreadableRunError,
    UnreadableTaskError,
    plan,
    read_run,
    read_task,
    written,
)

AT = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)
RUN = Run(kind=Kind.EXPIRY, at=AT)


@pytest.mark.parametrize(
    "task",
    [
        Segment(run=RUN, number=0, of=1),
        Segment(run=RUN, number=63, of=64, after="mem_A", page=7),
        Member(run=Run(kind=Kind.REMINDERS, at=AT), member_id="mem_A"),
    ],
)
def test_a_task_is_read_as_it_was_written(task: Task) -> None:
    assert read_task(written(task)) == task


def test_a_task_is_written_for_people_too() -> None:
    assert json.loads(written(Segment(run=RUN, number=3, of=64, after="mem_A", page=2))) == {
        "kind": "expiry",
        "at": "2026-12-31T16:05:00Z",
        "segment": 3,
        "of": 64,
        "page": 2,
        "after": "mem_A",
    }


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '{"kind": "expiry"}',
        '{"kind": "expiry", "at": "today", "segment": 0, "of": 1, "page": 1}',
        '{"kind": "draw", "at": "2026-12-31T16:05:00Z", "segment": 0, "of": 1, "page": 1}',
        '{"kind": "expiry", "at": "2026-12-31T16:05:00Z", "segment": 1, "of": 1, "page": 1}',
        '{"kind": "expiry", "at": "2026-12-31T16:05:00Z", "segment": "one", "of": 1, "page": 1}',
    ],
)
def test_q1_a_message_that_holds_no_task_is_refused(body: str) -> None:
    with pytest.raises(UnreadableTaskError):
        read_task(body)


@pytest.mark.parametrize("segments", [1, 2, 3, 10, 64, 100])
def test_a_plan_has_every_segment_once(segments: int) -> None:
    tasks = plan(RUN, segments)
    assert sorted(task.number for task in tasks) == list(range(segments))
    assert {task.of for task in tasks} == {segments}


def test_segments_that_are_worked_off_together_lie_far_apart() -> None:
    first = [task.number for task in plan(RUN, 64)][:8]
    assert sorted(first) == [0, 8, 16, 24, 32, 40, 48, 56]


def test_a_run_is_named_by_its_kind_and_instant() -> None:
    assert RUN.name == "expiry@2026-12-31T16:05:00Z"
    assert read_run("expiry", "2027-01-01T00:05:00+08:00", now=AT) == RUN


@pytest.mark.parametrize(
    ("kind", "at"),
    [
        ("expiry", "2026-12-31T16:05:00"),
        ("expiry", None),
        ("expiry", "<aws.scheduler.scheduled-time>"),
        ("draw", "2026-12-31T16:05:00Z"),
        (None, "2026-12-31T16:05:00Z"),
    ],
)
def test_what_names_no_run_is_refused(kind: object, at: object) -> None:
    with pytest.raises(UnreadableRunError):
        read_run(kind, at, now=AT)


def test_a_run_of_five_minutes_ahead_is_a_clock_that_is_slow() -> None:
    assert read_run("expiry", AT.isoformat(), now=AT - timedelta(minutes=5)) == RUN


def test_a_run_of_a_day_that_has_not_come_is_refused() -> None:
    with pytest.raises(RunTooEarlyError):
        read_run("expiry", AT.isoformat(), now=AT - timedelta(minutes=5, seconds=1))


def test_only_time_travel_runs_what_has_not_come() -> None:
    assert read_run("expiry", AT.isoformat(), now=AT - timedelta(days=400), time_travel=True) == RUN


def test_a_run_goes_on_behind_the_last_member() -> None:
    task = Segment(run=RUN, number=1, of=2)
    assert task.behind("mem_A").behind("mem_B") == Segment(run=RUN, number=1, of=2, after="mem_B", page=3)
