"""Publishes what happened: from the ledger's stream to the event bus."""

from typing import Any, Final

from functions.publisher.dependencies import build
from functions.publisher.records import take_batch
from shared.runtime.patience import Patience

TIME_TO_ANSWER_MS: Final = 10_000
"""A call that is under way when the time is up, with the repetitions that the SDK makes of it."""

built = build()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 Lambda's context has no type
    patience = Patience(remaining_ms=lambda: context.get_remaining_time_in_millis() - TIME_TO_ANSWER_MS)
    return take_batch(event["Records"], built, patience)
