"""What a function says about itself: one JSON line per invocation on stderr, which carries its metrics too.

A line holds ids and numbers, never a name, phone, body, token, code or signature: `note` takes the fields listed in
`Fields` and drops every other one, and an exception is told by its type and its place in the code, because its text
may quote what was sent. Metrics stand in the same line as CloudWatch's embedded metric format, so that they cost no
second line; their only dimension is the function.

One thread serves one request at a time, so what is noted lives in this module, a note per thread, until the line is
written. It is written here and not by a logging library, which took a quarter of a request's CPU: 50 µs a line for
what takes 10.
"""

import json
import sys
import threading
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import PurePath
from typing import Any, Final, Literal, TypedDict, Unpack

from shared import names
from shared.runtime.clock import Clock, utc_now
from shared.runtime.settings import optional_setting

DEEPEST_TRACE_LINES: Final = 12

Metric = Literal[
    "SalesRecorded",
    "PointsEarned",
    "PointsRedeemed",
    "PointsTakenBack",
    "PointsExpired",
    "Expiries",
    "BenefitsClaimed",
    "CheckIns",
    "AdjustmentsApplied",
    "AdjustmentsWaiting",
    "ReceiptsClaimed",
    "Redemptions",
    "Refunds",
    "RefundsParked",
    "SaleConflicts",
    "Quarantined",
    "Ignored",
    "Duplicates",
    "SignaturesRefused",
    "MembersEnrolled",
    "RewardsLow",
    "EventsPublished",
    "RecordsPutAside",
    "WebhooksDelivered",
    "WebhooksPostponed",
    "WebhooksDropped",
    "EndpointsGone",
    "MessagesMade",
    "MessagesSent",
    "MessagesDelayed",
    "MessagesSkipped",
    "SmsLimitReached",
    "ExpiredWithoutReminder",
    "ExpiryPlanned",
    "TierReviewPlanned",
    "RemindersPlanned",
    "AuditPlanned",
    "SweepDue",
    "SweepDone",
    "SweepLeft",
    "AccountsAudited",
    "LedgerMismatch",
    "GiftsMissing",
]
"""Every metric there is: counts, `Points…` of points. The line names no unit, which is paid for by the byte."""

Level = Literal["info", "warning", "error"]


class Fields(TypedDict, total=False):
    """What a log line may say: ids that the product made or stores chose, codes and numbers."""

    route: str
    status: int
    code: str
    request_id: str
    elapsed_ms: int
    replayed: bool
    member_id: str
    redemption_id: str
    reward_id: str
    adjustment_id: str
    store_id: str
    subscription_id: str
    delivery_id: str
    kept_as: str
    endpoint_id: str
    message_id: str
    result: str
    reason: str
    points: int
    items: int
    run: str
    segment: int
    page: int


_ALLOWED: Final = frozenset(Fields.__annotations__)


class _Noted(threading.local):
    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.counts: dict[str, int] = {}


_noted: Final = _Noted()


def note(**fields: Unpack[Fields]) -> None:
    """Add fields to this invocation's line."""
    _noted.fields.update(fields)


def count(metric: Metric, value: int = 1) -> None:
    """Add to a metric of this invocation; `value` 0 publishes a zero, which a rate needs as its floor."""
    _noted.counts[metric] = _noted.counts.get(metric, 0) + value


def forget() -> None:
    """Drop what an earlier invocation noted and never wrote."""
    _noted.fields.clear()
    _noted.counts.clear()


def write_line(
    message: str, *, level: Level = "info", error: BaseException | None = None, clock: Clock = utc_now
) -> None:
    """Write this invocation's line and start a new one. `message` is a constant phrase in the past tense."""
    now = clock()
    line: dict[str, Any] = {
        "level": level.upper(),
        "message": message,
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **{name: value for name, value in _noted.fields.items() if name in _ALLOWED},
    }
    if _noted.counts:
        line |= _embedded_metrics(_noted.counts, int(now.timestamp() * 1000))
    if error is not None:
        line |= told(error)
    forget()
    sys.stderr.write(json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=str) + "\n")


def told(error: BaseException) -> dict[str, Any]:
    """Give the type, cause and place of an exception, without its text."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST_TRACE_LINES:]
    causes: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < DEEPEST_TRACE_LINES:
        causes.append(type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    about: dict[str, Any] = {
        "exception": type(error).__qualname__,
        "trace": [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if causes:
        about["caused_by"] = causes
    return about


def _embedded_metrics(counts: Mapping[str, int], timestamp_ms: int) -> dict[str, Any]:
    """Give the members that make a log line a metric too.

    Source: CloudWatch User Guide, "Specification: Embedded metric format".
    """
    metrics = [{"Name": name} for name in counts]
    directive = {"Namespace": names.METRICS_NAMESPACE, "Dimensions": [["service"]], "Metrics": metrics}
    return {
        "_aws": {"Timestamp": timestamp_ms, "CloudWatchMetrics": [directive]},
        "service": _service(),
        **counts,
    }


@cache
def _service() -> str:
    """Give the name of the function, by which Powertools knows it too."""
    return optional_setting(names.SERVICE, "jifen")
