"""Members enrol, see and change themselves, and choose how they are told things; tills look them up."""

from typing import Any

from functions.members import message_routes, routes
from functions.members.dependencies import build
from shared import names
from shared.http.api import build_api
from shared.runtime.settings import setting

api = build_api([routes.routes, message_routes.routes], built=build(), member_client_id=setting(names.MEMBER_CLIENT_ID))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return api.resolve(event, context)
