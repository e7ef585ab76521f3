"""Audits at night: a page of the accounts per message. It may read, and write nothing."""

from typing import Any

from functions.auditor.dependencies import build
from functions.auditor.records import take_batch
from shared.runtime.patience import Patience
from shared.sweeps.work import TIME_TO_SEND_MS

built = build()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 Lambda's context has no type
    patience = Patience(remaining_ms=lambda: context.get_remaining_time_in_millis() - TIME_TO_SEND_MS)
    return take_batch(event["Records"], built, patience)
