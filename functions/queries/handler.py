"""Members look at their entries, tier, rewards, redemptions and messages, the staff at members; tills ask for quotes.

It reads; all that it writes is the trail of whose personal data the staff saw.
"""

from typing import Any

from functions.queries import (
    entry_routes,
    message_routes,
    quote_routes,
    reward_routes,
    staff_history,
    staff_routes,
    tier_routes,
)
from functions.queries.dependencies import build
from shared import names
from shared.http.api import build_api
from shared.runtime.settings import setting

api = build_api(
    [
        entry_routes.routes,
        tier_routes.routes,
        reward_routes.routes,
        message_routes.routes,
        quote_routes.routes,
        staff_routes.routes,
        staff_history.routes,
    ],
    built=build(),
    member_client_id=setting(names.MEMBER_CLIENT_ID),
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return api.resolve(event, context)
