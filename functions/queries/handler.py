"""Answer that the function is deployed, until its routes are written."""

import json
from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    body = json.dumps({"status": "ok", "event": event})
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body}
