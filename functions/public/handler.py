"""What everybody may know, and the answer to every path that there is not."""

from typing import Any

from functions.public.dependencies import build
from functions.public.routes import routes
from shared.http.api import build_api

built = build()
api = build_api([routes], built=built, member_client_id="", elsewhere=built.document.methods_by_path)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return api.resolve(event, context)
