"""Who may not, and what is not theirs: for each route, how it is asked by whom it should be closed to.

Each route that takes a token stands in one of the tables of what is whose: what is missing here fails its test.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from shared import keys
from shared.http.principals import Scope
from shared.ledger.entry_ids import entry_id
from tests.http_events import ISSUER, MEMBER_CLIENT, STAFF_CLIENT, member_claims, staff_claims
from tests.whole.operations import GUESTS, OPERATIONS, by_desk
from tests.whole.requests import Asked, Request, by_member
from tests.whole.story import MUG, made_by, redeems
from tools.openapi import declared_routes

EXAMPLES: Final = {one.ask.route.key: one.ask for one in OPERATIONS if isinstance(one.ask, Asked)}
SCOPES: Final = {route.key: frozenset(route.scopes) for route in declared_routes()}
EVERY_RIGHT: Final = frozenset(get_args(Scope))
HERE: Final = "SH001"
ELSEWHERE: Final = "SH002"

Claims = dict[str, str] | None


def callers(route_key: str) -> Mapping[str, tuple[Claims, int, str]]:
    """Give who is not let in to a route that takes a token, and the status and code of the refusal.

    What a token says is verified by the gateway before; the function must not believe one that says too little.
    """
    allowed = SCOPES[route_key]
    others = staff_claims(*sorted(EVERY_RIGHT - allowed))
    found: dict[str, tuple[Claims, int, str]] = {
        "nobody": (None, 401, "token-missing"),
        "a token without a subject": ({"iss": ISSUER, "client_id": MEMBER_CLIENT}, 401, "token-missing"),
        "a token without an issuer": ({"sub": "mei", "client_id": MEMBER_CLIENT}, 401, "token-missing"),
        "another app's user": ({"iss": ISSUER, "sub": "mei", "client_id": "another"}, 403, "scope-missing"),
        "scopes of another service": (_of_another_service(allowed), 403, "scope-missing"),
        "staff with every right but this": (others, 403, "scope-missing"),
    }
    if "member" not in allowed:
        found["a member"] = (member_claims("mei"), 403, "scope-missing")
    return found


def _of_another_service(allowed: frozenset[str]) -> Claims:
    scopes = " ".join(f"other/{scope}" for scope in allowed)
    return {"iss": ISSUER, "sub": "mei", "client_id": STAFF_CLIENT, "scope": scopes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The same asked about what is another's, and about what there is not. `told` are the ids that may differ."""

    others: Asked
    missing: Asked
    told: tuple[str, str]


def by_path(asked: Asked, others: str, missing: str) -> Pair:
    ((name, _),) = asked.parameters.items()
    return Pair(
        others=replace(asked, parameters={name: others}),
        missing=replace(asked, parameters={name: missing}),
        told=(others, missing),
    )


def limited(asked: Asked, *scopes: str, who: str = "zhou") -> Asked:
    """Let staff, or a till, of one store ask."""
    return replace(asked, claims=staff_claims(*scopes, subject=who, stores=HERE))


NO_REDEMPTION: Final = f"rdm_{'0' * 26}"
NO_ADJUSTMENT: Final = f"adj_{'0' * 26}"
TAKEN_ELSEWHERE: Final = redeems("mei", "grill", key="redeem-it-elsewhere", store_id=ELSEWHERE)
ASKED_ELSEWHERE: Final = by_desk(
    "POST /v1/admin/members/{id}/adjustments",
    {"points": 2_000, "reason_code": "goodwill", "store_id": ELSEWHERE, "internal_note": "排队太久"},
    key="many-points-elsewhere",
)
ASKED_ELSEWHERE_BY_ZHOU: Final = replace(ASKED_ELSEWHERE, claims=staff_claims("staff:adjust", subject="zhou"))
BEFORE: Final[tuple[Request, ...]] = (TAKEN_ELSEWHERE, ASKED_ELSEWHERE_BY_ZHOU)
"""What the other store has besides what has happened so far."""


def _by_hua(route: str) -> Asked:
    return replace(EXAMPLES[route], claims=member_claims("hua"))


def _receipt(receipt_id: str, total: int) -> Asked:
    body = GUESTS | {"receipt_id": receipt_id, "total": total}
    return by_member("hua", "POST /v1/me/receipt-claims", body)


OF_MEMBERS: Final[Mapping[str, Pair]] = {
    "GET /v1/me/entries/{id}": by_path(
        _by_hua("GET /v1/me/entries/{id}"), entry_id(keys.sale(HERE, "T-1")), entry_id(keys.sale(HERE, "T-0"))
    ),
    **{
        route: by_path(_by_hua(route), made_by(MUG, "rdm"), NO_REDEMPTION)
        for route in ("GET /v1/me/redemptions/{id}", "POST /v1/me/redemptions/{id}/cancel")
    },
    "POST /v1/me/receipt-claims": Pair(
        others=_receipt("T-1", 180_000), missing=_receipt("T-0", 180_000), told=("T-1", "T-0")
    ),
}
"""Routes on which a member names what may be another member's."""

OF_STORES: Final[Mapping[str, Pair]] = {
    **{
        route: by_path(
            limited(EXAMPLES[route], "staff:approve", who="qian"), made_by(TAKEN_ELSEWHERE, "rdm"), NO_REDEMPTION
        )
        for route in (f"POST /v1/admin/redemptions/{{id}}/{verb}" for verb in ("approve", "reject", "fulfil", "cancel"))
    },
    "POST /v1/redemptions/{id}/fulfil": by_path(
        limited(EXAMPLES["POST /v1/redemptions/{id}/fulfil"], "pos:redeem"),
        made_by(TAKEN_ELSEWHERE, "rdm"),
        NO_REDEMPTION,
    ),
    **{
        route: by_path(
            limited(EXAMPLES[route], "staff:approve", who="qian"),
            made_by(ASKED_ELSEWHERE_BY_ZHOU, "adj"),
            NO_ADJUSTMENT,
        )
        for route in (
            "GET /v1/admin/adjustments/{id}",
            "POST /v1/admin/adjustments/{id}/approve",
            "POST /v1/admin/adjustments/{id}/reject",
        )
    },
}
"""Routes on which staff or a till names an object that may be another store's."""


def _for_elsewhere(route: str, *scopes: str) -> Asked:
    asked = EXAMPLES[route]
    return limited(replace(asked, body={**asked.body, "store_id": ELSEWHERE}), *scopes)


FOR_STORES: Final[Mapping[str, Asked]] = {
    "POST /v1/sales/quote": _for_elsewhere("POST /v1/sales/quote", "pos:write"),
    "POST /v1/benefits/claims": _for_elsewhere("POST /v1/benefits/claims", "pos:redeem"),
    **{
        route: _for_elsewhere(route, "staff:adjust")
        for route in ("POST /v1/admin/members/{id}/adjustments", "POST /v1/admin/members/{id}/receipt-claims")
    },
    **{
        route: _for_elsewhere(route, "staff:approve")
        for route in (
            "PUT /v1/admin/members/{id}/tier",
            "POST /v1/admin/members/{id}/freeze",
            "POST /v1/admin/members/{id}/unfreeze",
        )
    },
}
"""Routes on which staff or a till says for which store it acts."""

LISTED: Final[Mapping[str, frozenset[str]]] = {
    "GET /v1/admin/redemptions": frozenset({"staff:read"}),
    "GET /v1/admin/adjustments": frozenset({"staff:approve"}),
    "GET /v1/admin/audit-log": frozenset({"ops"}),
    **{
        f"GET /v1/admin/members/{{id}}/{what}": frozenset({"staff:read"})
        for what in ("entries", "redemptions", "sales")
    },
}
"""Lists of which staff of a store see what is of it, or of no store."""

OF_THE_CHAIN: Final[frozenset[str]] = frozenset(
    {
        "POST /v1/members/lookup",
        "POST /v1/admin/members/search",
        "GET /v1/admin/members/{id}",
        "GET /v1/admin/completions",
        "POST /v1/admin/completions/{completion_id}/approve",
        "POST /v1/admin/completions/{completion_id}/reject",
        "GET /v1/admin/rewards",
        "POST /v1/admin/rewards",
        "PUT /v1/admin/rewards/{id}",
        "POST /v1/admin/rewards/{id}/stock",
        "POST /v1/admin/rewards/{id}/archive",
    }
)
"""Routes of the staff about what is no store's: members, what they hand in, the catalogue."""

OF_ONESELF: Final[frozenset[str]] = frozenset(
    {
        "POST /v1/me",
        "GET /v1/me",
        "PATCH /v1/me",
        "GET /v1/me/message-settings",
        "PUT /v1/me/message-settings",
        "GET /v1/me/entries",
        "GET /v1/me/tier",
        "GET /v1/me/rewards",
        "GET /v1/me/redemptions",
        "POST /v1/me/redemptions",
        "GET /v1/me/messages",
        "POST /v1/me/check-ins",
        "GET /v1/me/tasks",
        "GET /v1/me/referral",
        "POST /v1/me/tasks/{task_id}/completions",
        "GET /v1/me/tasks/{task_id}/completions",
    }
)
"""Routes on which a member can name nothing but what is the chain's: the token says whose all else is."""


def without_ids(answer: Mapping[str, Any], told: tuple[str, str]) -> tuple[int, Mapping[str, str], str]:
    """Give an answer with the ids that were asked for made alike."""
    body = answer["body"]
    for one in told:
        body = body.replace(one, "…")
    return answer["statusCode"], answer["headers"], body
