"""Key material: one root in Secrets Manager, from which every key of the product is derived for its one purpose.

A key that leaks from one purpose (a cursor, say) says nothing about another (the references of members), and a new
purpose needs no new secret. The root may never change: references to members are found by it.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import DependencyUnavailableError

Purpose = Literal["references", "cursors", "codes"]

KEY_BYTES: Final = 32
_SALT: Final = b"jifen/1"


@dataclass(frozen=True, slots=True)
class Keys:
    """The root and what is derived from it. Its text never shows the root."""

    root: bytes

    def __repr__(self) -> str:
        return "Keys(…)"

    def key_for(self, purpose: Purpose) -> bytes:
        """Give the 32 bytes for a purpose: the same for ever, and unrelated to those of every other purpose."""
        return hkdf_sha256(self.root, salt=_SALT, info=purpose.encode(), length=KEY_BYTES)


def hkdf_sha256(root: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """Derive `length` bytes (at most 8 160) from a root. Source: RFC 5869, sections 2.2 and 2.3."""
    pseudo_random_key = hmac.digest(salt, root, hashlib.sha256)
    derived = block = b""
    for counter in range(1, -(-length // hashlib.sha256().digest_size) + 1):
        block = hmac.digest(pseudo_random_key, block + info + bytes([counter]), hashlib.sha256)
        derived += block
    return derived[:length]


def load_keys(client: Any, secret_id: str) -> Keys:  # noqa: ANN401 a botocore client
    """Read the root. Raises DependencyUnavailableError where Secrets Manager does not answer."""
    return Keys(str(read_secret(client, secret_id)["root"]).encode())


def read_secret(client: Any, secret_id: str) -> dict[str, Any]:  # noqa: ANN401 a botocore client
    """Read a secret that is one JSON object. Raises DependencyUnavailableError where it cannot be had."""
    try:
        answer = client.get_secret_value(SecretId=secret_id)
    except (BotoCoreError, ClientError) as error:
        raise DependencyUnavailableError from error
    secret: dict[str, Any] = json.loads(answer["SecretString"])
    return secret
