"""The laptop's OpenID provider: a key under `build/` and two public documents in a bucket of the emulator.

Cognito's own tokens cannot be given a subject, a store or an expiry of one's choice; a test and a tour need that. So
the stage `local` is deployed with this issuer, through the same setting with which a chain brings its own provider.
The authorizer reads the documents over HTTP and verifies signature, issuer, audience and times for itself.
"""

import base64
import json
import os
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cli.laptop.places import BUILD

BUCKET: Final = "jifen-issuer"
MEMBER_CLIENT_ID: Final = "jifen-member"
STAFF_CLIENT_ID: Final = "jifen-staff"
KEY_FILE: Final = BUILD / "issuer.pem"
_KEY_ID: Final = "laptop"
_KEY_BITS: Final = 2048


def issuer_url(endpoint: str) -> str:
    return f"{endpoint}/{BUCKET}"


def public_documents(endpoint: str) -> dict[str, dict[str, Any]]:
    """Return what an OpenID provider publishes, by the path below its URL."""
    url = issuer_url(endpoint)
    numbers = _key().public_key().public_numbers()
    key = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": _KEY_ID,
        "n": _encoded(numbers.n.to_bytes(_KEY_BITS // 8, "big")),
        "e": _encoded(numbers.e.to_bytes(3, "big")),
    }
    return {
        ".well-known/openid-configuration": {"issuer": url, "jwks_uri": f"{url}/.well-known/jwks.json"},
        ".well-known/jwks.json": {"keys": [key]},
    }


def signed(claims: dict[str, Any]) -> str:
    """Return the claims as a token that the authorizer accepts."""
    header = {"alg": "RS256", "kid": _KEY_ID, "typ": "JWT"}
    text = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    signature = _key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{_encoded(signature)}"


def _key() -> rsa.RSAPrivateKey:
    if not KEY_FILE.exists():
        made = rsa.generate_private_key(public_exponent=65_537, key_size=_KEY_BITS)
        encoded = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        KEY_FILE.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(encoded)
    key = serialization.load_pem_private_key(KEY_FILE.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{KEY_FILE} holds no RSA key")
    return key


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
