"""Signatures of the house format: Standard Webhooks 1.0.0, symmetric (`v1`), over the raw bytes of the body.

What is signed is `id.timestamp.body`. The grammar is taken strictly, because a lenient reading gives an attacker
spellings to play with: one space between signatures, one comma in each, an integer timestamp. Signatures are
compared in their base64 form, so that only one spelling of each is right. Other versions (`v1a`) are passed over.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from shared.errors import SignatureInvalidError

DELIVERY_ID: Final = "webhook-id"
TOLERANCE_SECONDS: Final = 300
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 what a secret begins with
LONGEST_HEADER: Final = 2048

_ID: Final = re.compile(r"[!-~]{1,256}", re.ASCII)
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE: Final = re.compile(r"([a-z0-9]{1,8}),([A-Za-z0-9+/]{1,128}={0,2})", re.ASCII)


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: datetime) -> str:
    """Give the `webhook-id` of a delivery that one of the secrets signed within 300 seconds of `now`.

    Header names are lower case, as API Gateway gives them; it joins a repeated header with commas, which no part
    allows. Raises SignatureInvalidError for whatever is not exactly right.
    """
    delivery_id = _header(headers, DELIVERY_ID, _ID)
    timestamp = _header(headers, "webhook-timestamp", _TIMESTAMP)
    given = _signatures(headers)
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureInvalidError
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    # Every secret meets every signature, so that the time taken does not say which one nearly fitted.
    fits = [hmac.compare_digest(signature_of(signed, secret), signature) for secret in secrets for signature in given]
    if not any(fits):
        raise SignatureInvalidError
    return delivery_id


def sign(delivery_id: str, timestamp_seconds: int, body: bytes, secret: str) -> str:
    """Give the value of `webhook-signature` for a delivery. For outgoing webhooks, sample data and tests."""
    return f"v1,{signature_of(f'{delivery_id}.{timestamp_seconds}.'.encode() + body, secret).decode()}"


def signature_of(signed: bytes, secret: str) -> bytes:
    """Give the base64 of the HMAC-SHA256 of what is signed. Raises SignatureInvalidError for an unusable secret."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX) + "==")
    except ValueError:
        raise SignatureInvalidError from None
    if not key:
        raise SignatureInvalidError
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256))


def _header(headers: Mapping[str, str], name: str, form: re.Pattern[str]) -> str:
    value = headers.get(name, "")
    if len(value) > LONGEST_HEADER or not form.fullmatch(value):
        raise SignatureInvalidError
    return value


def _signatures(headers: Mapping[str, str]) -> list[bytes]:
    """Read the signatures of version 1. Raises SignatureInvalidError where any part has another form."""
    value = headers.get("webhook-signature", "")
    if len(value) > LONGEST_HEADER:
        raise SignatureInvalidError
    parts = [_SIGNATURE.fullmatch(part) for part in value.split(" ")]
    if not all(parts):
        raise SignatureInvalidError
    return [part[2].encode() for part in parts if part and part[1] == "v1"]
