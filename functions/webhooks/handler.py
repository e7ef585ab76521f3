"""POST /v1/webhooks/{subscription_id}: signed sales, refunds and voids from tills."""

from typing import Any

from functions.webhooks.dependencies import build
from functions.webhooks.routes import routes
from shared.http.api import build_api

api = build_api([routes], built=build(), member_client_id="")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return api.resolve(event, context)
