"""The staff keeps the catalogue: rewards and their stock."""

from typing import Any

from functions.catalog.dependencies import build
from functions.catalog.routes import routes
from shared import names
from shared.http.api import build_api
from shared.runtime.settings import setting

api = build_api([routes], built=build(), member_client_id=setting(names.MEMBER_CLIENT_ID))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return api.resolve(event, context)
