"""What the staff does for members by hand, and the log of all that."""

from typing import Any, Final

from functions.desk import adjustment_routes, member_routes, trail_routes
from functions.desk.dependencies import build
from shared import names
from shared.http.api import build_api
from shared.runtime.settings import setting

ROUTES: Final = (adjustment_routes.routes, member_routes.routes, trail_routes.routes)

api = build_api(ROUTES, built=build(), member_client_id=setting(names.MEMBER_CLIENT_ID))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return api.resolve(event, context)
