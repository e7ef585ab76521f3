"""What dashboards and alarms are told of the business, counted where every entry comes by.

A request's own line would carry its metrics in two hundred bytes, which cost as much as a sixth of a write unit; here
they take them once a batch. A batch that the bus took and Lambda brings again is counted again.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from shared.ledger.entries import EntryKind
from shared.ledger.published import Event, type_of
from shared.program.actions import CHECK_IN
from shared.runtime import telemetry

CHECKED_IN: Final[Mapping[str, str]] = {"type": "action", "id": CHECK_IN}
_COUNTED: Final[Mapping[str, tuple[telemetry.Metric, telemetry.Metric]]] = {
    type_of(EntryKind.EARNED): ("SalesRecorded", "PointsEarned"),
    type_of(EntryKind.REVERSED): ("Refunds", "PointsTakenBack"),
    type_of(EntryKind.REDEEMED): ("Redemptions", "PointsRedeemed"),
    type_of(EntryKind.EXPIRED): ("Expiries", "PointsExpired"),
}
"""Type of event → metrics of how many there were, and of how many points they moved, whichever way."""


def count(events: Iterable[Event]) -> None:
    """Add events that the bus has taken to the metrics of this batch. A guest's sale is no entry and no event."""
    for event in events:
        if counted := _COUNTED.get(event.type):
            happened, points = counted
            telemetry.count(happened)
            telemetry.count(points, abs(event.detail["points"] + event.detail["points_pending"]))
        elif event.detail.get("source") == CHECKED_IN:
            telemetry.count("CheckIns")
