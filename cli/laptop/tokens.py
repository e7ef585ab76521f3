"""Tokens for the API that runs on the laptop, shaped like the access tokens of the user pool."""

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cli.laptop.issuer import signed

_LIFETIME_SECONDS: Final = 3_600


def mint_member_token(
    local: Mapping[str, Any], subject: str, phone: str | None = None, *, lifetime_seconds: int = _LIFETIME_SECONDS
) -> str:
    """Return a member's access token; `phone` (E.164) stands in it as a verified one. `local` is build/local.json."""
    claims: dict[str, Any] = {"scope": "openid phone" if phone else "openid"}
    if phone:
        claims |= {"phone_number": phone, "phone_number_verified": "true"}
    return _access_token(local, subject, client=local["client_id"], claims=claims, lifetime_seconds=lifetime_seconds)


def mint_staff_token(
    local: Mapping[str, Any],
    name: str,
    scopes: Sequence[str],
    stores: Sequence[str] = (),
    *,
    lifetime_seconds: int = _LIFETIME_SECONDS,
) -> str:
    """Return an access token of staff or of a till: its scopes (`pos:redeem`), and the stores that it is for."""
    claims: dict[str, Any] = {"scope": " ".join(f"jifen/{scope}" for scope in scopes), "username": name}
    if stores:
        claims["stores"] = " ".join(stores)
    client = local["staff_client_id"]
    return _access_token(local, name, client=client, claims=claims, lifetime_seconds=lifetime_seconds)


def _access_token(
    local: Mapping[str, Any], subject: str, *, client: str, claims: Mapping[str, Any], lifetime_seconds: int
) -> str:
    now = int(time.time())
    return signed(
        {
            "iss": local["issuer"],
            "sub": subject,
            "client_id": client,
            "token_use": "access",
            "iat": now - 5,
            "exp": now + lifetime_seconds,
            "jti": secrets.token_hex(16),
            **claims,
        }
    )
