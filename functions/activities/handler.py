"""Members do things that earn points: they check in, invite friends, hand in what they did; staff decides on that."""

from typing import Any

from functions.activities import claim_routes, completion_routes
from functions.activities.dependencies import build
from functions.activities.routes import routes
from shared import names
from shared.http.api import build_api
from shared.runtime.settings import setting

api = build_api(
    [routes, completion_routes.routes, claim_routes.routes],
    built=build(),
    member_client_id=setting(names.MEMBER_CLIENT_ID),
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return api.resolve(event, context)
