"""Start a run, as a schedule asks for it: `{"kind": "expiry", "at": "2026-12-31T16:05:00Z"}`."""

from collections.abc import Mapping
from typing import Any, Final

from functions.sweep_planner.dependencies import Dependencies
from shared.names import RUN_AT, RUN_KIND, SCHEDULED_TIME
from shared.runtime import telemetry
from shared.sweeps.tasks import Kind, Run, plan, read_run

HEARTBEATS: Final[Mapping[Kind, telemetry.Metric]] = {
    Kind.EXPIRY: "ExpiryPlanned",
    Kind.TIER_REVIEW: "TierReviewPlanned",
    Kind.REMINDERS: "RemindersPlanned",
    Kind.AUDIT: "AuditPlanned",
    Kind.FULL_AUDIT: "AuditPlanned",
}


def start(event: Mapping[str, Any], built: Dependencies) -> dict[str, Any]:
    """Put a task per segment into the queue. Whatever it raises makes Lambda try again, and put the event aside.

    Raises UnreadableRunError, RunTooEarlyError and NotSentError.
    """
    telemetry.forget()
    try:
        run = _run_of(event, built)
        telemetry.note(run=run.name, items=built.segments)
        built.queue_of(run.kind).send(plan(run, built.segments))
    except Exception as error:
        telemetry.write_line("run not planned", level="error", error=error)
        raise
    telemetry.count(HEARTBEATS[run.kind])
    telemetry.write_line("run planned")
    return {"run": run.name, "segments": built.segments}


def _run_of(event: Mapping[str, Any], built: Dependencies) -> Run:
    now = built.clock()
    at = event.get(RUN_AT)
    if at == SCHEDULED_TIME and built.time_travel:
        at = now.isoformat()  # the laptop's scheduler leaves the word as it is
    return read_run(event.get(RUN_KIND), at, now=now, time_travel=built.time_travel)
