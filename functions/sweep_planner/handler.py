"""Plans a sweep: from a schedule to a message per segment of the table."""

from typing import Any

from functions.sweep_planner.dependencies import build
from functions.sweep_planner.start import start

built = build()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401, ARG001 Lambda's context has no type
    return start(event, built)
