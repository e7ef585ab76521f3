"""Members redeem rewards and cancel what they have redeemed; tills claim benefits; the staff decides on redemptions."""

from typing import Any

from functions.redemptions import benefit_routes, staff_routes
from functions.redemptions.dependencies import build
from functions.redemptions.routes import routes
from shared import names
from shared.http.api import build_api
from shared.runtime.settings import setting

api = build_api(
    [routes, benefit_routes.routes, staff_routes.routes],
    built=build(),
    member_client_id=setting(names.MEMBER_CLIENT_ID),
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return api.resolve(event, context)
