"""Sends webhooks: from the queue that listens to the bus to the endpoints of the chain's other systems."""

from typing import Any, Final

from functions.webhook_sender.dependencies import build
from functions.webhook_sender.records import take_batch
from shared.runtime.patience import Patience

TIME_FOR_A_POST_MS: Final = 12_000
"""A name that is resolved slowly, a POST that takes all it may, and a call to the queue."""

built = build()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 Lambda's context has no type
    patience = Patience(remaining_ms=lambda: context.get_remaining_time_in_millis() - TIME_FOR_A_POST_MS)
    return take_batch(event["Records"], built, patience)
