"""Who asks: what the JWT authorizer has verified, as one value.

API Gateway verifies signature, issuer, audience and expiry before a function runs; here the claims are only read.
It hands every claim over as text: a list arrives as `[a b]`, a boolean as `true`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from shared.errors import NotFound, ScopeMissingError, StoreNotAllowedError, TokenMissingError

Scope = Literal[
    "member",
    "pos:write",
    "pos:redeem",
    "staff:read",
    "staff:pii",
    "staff:adjust",
    "staff:approve",
    "staff:catalog",
    "staff:reports",
    "program:write",
    "program:publish",
    "ops",
]

RESOURCE_SERVER_PREFIX: Final = "jifen/"
EVERY_STORE: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The caller. `stores` is None where the token names none, and then limits nothing; empty allows no store.

    `phone` is as the issuer wrote it, and only there when the issuer says that it was verified.
    """

    issuer: str
    subject: str
    scopes: frozenset[str]
    stores: frozenset[str] | None = None
    phone: str | None = None

    @property
    def identity(self) -> str:
        """Who this is among all issuers: two issuers may use the same subject for two people."""
        return f"{self.issuer}|{self.subject}"

    @property
    def only_stores(self) -> frozenset[str] | None:
        """The stores that limit what the caller sees; None where nothing does."""
        return None if self.stores is None or EVERY_STORE in self.stores else self.stores

    def require(self, *any_of: Scope) -> None:
        """Raise ScopeMissingError unless the token has one of the scopes."""
        if self.scopes.isdisjoint(any_of):
            raise ScopeMissingError(required=" | ".join(any_of))

    def may_use(self, store_id: str) -> bool:
        return self.only_stores is None or store_id in self.only_stores

    def require_store(self, store_id: str) -> None:
        """Raise StoreNotAllowedError where the caller names a store that is not the token's, to act for it."""
        if not self.may_use(store_id):
            raise StoreNotAllowedError(store_id=store_id)

    def require_own(self, store_id: str, missing: type[NotFound]) -> None:
        """Raise `missing` where an object belongs to a store that is not the token's: as if it were not there."""
        if not self.may_use(store_id):
            raise missing


def principal_of(event: Mapping[str, Any], member_client_id: str) -> Principal:
    """Read the principal of an HTTP API event (payload 2.0). Raises TokenMissingError where there is none.

    A token made for the member app's client speaks for a member without a scope that says so: ID tokens have none.
    """
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    claims: Mapping[str, str] = (authorizer.get("jwt") or {}).get("claims") or {}
    subject, issuer = claims.get("sub", ""), claims.get("iss", "")
    if not subject or not issuer:
        raise TokenMissingError
    scopes = {scope.removeprefix(RESOURCE_SERVER_PREFIX) for scope in _listed(claims.get("scope", ""))}
    clients = {claims.get("client_id", ""), *_listed(claims.get("aud", ""))}
    if member_client_id and member_client_id in clients:
        scopes.add("member")
    verified = claims.get("phone_number_verified", "").lower() == "true"
    return Principal(
        issuer=issuer,
        subject=subject,
        scopes=frozenset(scopes),
        stores=frozenset(_listed(claims["stores"])) if "stores" in claims else None,
        phone=claims.get("phone_number") or None if verified else None,
    )


def _listed(claim: str) -> list[str]:
    """Read a claim that is a list: separated by spaces or commas, perhaps in the brackets of API Gateway."""
    return claim.strip().removeprefix("[").removesuffix("]").replace(",", " ").split()
