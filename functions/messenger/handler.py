"""Tells members: from the ledger's stream, and from the queue of what was put off, to SNS."""

from typing import Any

from functions.messenger.dependencies import build
from functions.messenger.records import take_batch
from shared.runtime.patience import Patience

built = build()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 Lambda's context has no type
    return take_batch(event["Records"], built, Patience(remaining_ms=context.get_remaining_time_in_millis))
