"""The routes of the API: the one table that the stack deploys and that the contract tests compare with OpenAPI."""

import dataclasses
from typing import Final, Literal

FunctionName = Literal["webhooks", "members", "queries", "redemptions", "activities", "desk", "catalog", "public"]
Caller = Literal["token", "signature", "anyone"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method and path, the function that answers it, and how its caller is known.

    `token`: the API verifies a JWT, the function checks its scopes. `signature`: the function verifies the body.
    """

    method: str
    path: str
    function: FunctionName
    caller: Caller

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


def _routes(function: FunctionName, caller: Caller, *keys: str) -> tuple[Route, ...]:
    split = (key.split(" ", 1) for key in keys)
    return tuple(Route(method=method, path=path, function=function, caller=caller) for method, path in split)


ROUTES: Final = (
    *_routes("webhooks", "signature", "POST /v1/webhooks/{subscription_id}"),
    *_routes(
        "members",
        "token",
        "POST /v1/me",
        "GET /v1/me",
        "PATCH /v1/me",
        "POST /v1/members/lookup",
        "GET /v1/me/message-settings",
        "PUT /v1/me/message-settings",
    ),
    *_routes(
        "queries",
        "token",
        "GET /v1/me/entries",
        "GET /v1/me/entries/{id}",
        "GET /v1/me/tier",
        "GET /v1/me/rewards",
        "GET /v1/me/redemptions",
        "GET /v1/me/redemptions/{id}",
        "GET /v1/me/messages",
        "POST /v1/sales/quote",
        "POST /v1/admin/members/search",
        "GET /v1/admin/members/{id}",
        "GET /v1/admin/members/{id}/entries",
        "GET /v1/admin/members/{id}/redemptions",
        "GET /v1/admin/members/{id}/sales",
    ),
    *_routes(
        "redemptions",
        "token",
        "POST /v1/me/redemptions",
        "POST /v1/me/redemptions/{id}/cancel",
        "POST /v1/benefits/claims",
        "POST /v1/redemptions/{id}/fulfil",
        "GET /v1/admin/redemptions",
        "POST /v1/admin/redemptions/{id}/approve",
        "POST /v1/admin/redemptions/{id}/reject",
        "POST /v1/admin/redemptions/{id}/fulfil",
        "POST /v1/admin/redemptions/{id}/cancel",
    ),
    *_routes("activities", "token", "POST /v1/me/check-ins", "GET /v1/me/tasks", "GET /v1/me/referral"),
    *_routes("activities", "token", "POST /v1/me/tasks/{task_id}/completions"),
    *_routes("activities", "token", "GET /v1/me/tasks/{task_id}/completions"),
    *_routes("activities", "token", "POST /v1/me/receipt-claims"),
    *_routes("activities", "token", "POST /v1/admin/members/{id}/receipt-claims"),
    *_routes("activities", "token", "GET /v1/admin/completions"),
    *_routes("activities", "token", "POST /v1/admin/completions/{completion_id}/approve"),
    *_routes("activities", "token", "POST /v1/admin/completions/{completion_id}/reject"),
    *_routes(
        "desk",
        "token",
        "POST /v1/admin/members/{id}/adjustments",
        "GET /v1/admin/adjustments",
        "GET /v1/admin/adjustments/{id}",
        "POST /v1/admin/adjustments/{id}/approve",
        "POST /v1/admin/adjustments/{id}/reject",
        "PUT /v1/admin/members/{id}/tier",
        "POST /v1/admin/members/{id}/freeze",
        "POST /v1/admin/members/{id}/unfreeze",
        "GET /v1/admin/audit-log",
    ),
    *_routes(
        "catalog",
        "token",
        "GET /v1/admin/rewards",
        "POST /v1/admin/rewards",
        "PUT /v1/admin/rewards/{id}",
        "POST /v1/admin/rewards/{id}/stock",
        "POST /v1/admin/rewards/{id}/archive",
    ),
    *_routes(
        "public",
        "anyone",
        "GET /v1/program",
        "GET /v1/campaigns",
        "GET /v1/rewards",
        "GET /v1/stores",
        "GET /v1/health",
        "GET /v1/openapi.json",
    ),
)

# Every other path, so that the answer to it is a problem+json too and not the gateway's own.
UNKNOWN_PATHS_GO_TO: Final[FunctionName] = "public"
