"""Put into a Cognito token what the API decides by (trigger: pre token generation, version 2).

1. A scope of the project stays in the token only if the user is in the group of that name.
2. `stores` is the attribute that an administrator set; it is absent where none was set.
3. A verified telephone number goes into the access token of whoever signed in by it, so that a member can be found.
"""

from typing import Any

_SCOPE_PREFIX = "jifen/"
_STORES_ATTRIBUTE = "custom:stores"


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    request = event["request"]
    attributes = request["userAttributes"]
    groups = (request.get("groupConfiguration") or {}).get("groupsToOverride") or []
    allowed = {f"{_SCOPE_PREFIX}{group}" for group in groups}
    asked = request.get("scopes") or []
    claims = {}
    if attributes.get(_STORES_ATTRIBUTE):
        claims["stores"] = attributes[_STORES_ATTRIBUTE]
    if attributes.get("phone_number_verified") == "true":
        claims["phone_number"] = attributes["phone_number"]
        claims["phone_number_verified"] = "true"
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "accessTokenGeneration": {
            "claimsToAddOrOverride": claims,
            "scopesToSuppress": [scope for scope in asked if scope.startswith(_SCOPE_PREFIX) and scope not in allowed],
        }
    }
    return event
