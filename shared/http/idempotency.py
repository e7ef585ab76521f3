"""The Idempotency-Key: what it must be, and the ids and digests that are made from it.

The key is scoped to who asks and what for, so that nobody meets another's answer. What the request creates takes its
id from the key, so the key holds for ever: the second try finds the first one's object under its own primary key.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel

from shared.errors import IdempotencyKeyMissingError
from shared.runtime.ids import id_of_digest

HEADER: Final = "idempotency-key"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
"""`true` in an answer that was given to the same key before, a refusal too."""
SHORTEST: Final = 8
LONGEST: Final = 128


def idempotency_key(headers: Mapping[str, str]) -> str:
    """Read the key: 8 to 128 visible ASCII characters. Raises IdempotencyKeyMissingError for anything else."""
    key = headers.get(HEADER, "").strip(" ")
    if not SHORTEST <= len(key) <= LONGEST or not all("!" <= character <= "~" for character in key):
        raise IdempotencyKeyMissingError
    return key


def scoped_digest(principal: str, route: str, key: str) -> str:
    """Give 64 hexadecimal digits that stand for this key of this principal on this route, and no other."""
    return _digest(principal, route, key).hexdigest()


def derived_id(prefix: str, principal: str, route: str, key: str) -> str:
    """Give the id of what this key creates: the prefix and 26 characters of Crockford's base 32 (130 bits)."""
    return id_of_digest(prefix, _digest(principal, route, key).digest())


def request_digest(request: BaseModel, **path: str) -> str:
    """Give 32 hexadecimal digits of what was asked, equal for equal content whatever its spelling in JSON.

    What is left as usual does not count: so a field that is added later changes nothing for who asked before.
    """
    content = {**path, **request.model_dump(mode="json", exclude_defaults=True)}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def _digest(*parts: str) -> "hashlib._Hash":
    """Hash the parts with their lengths, so that no two lists of parts hash alike."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8))
        digest.update(encoded)
    return digest
