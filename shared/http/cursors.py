"""Cursors: where the next page begins, sealed so that it serves only who got it, for what it was given for.

A cursor is the last key of a page, the instant it was made, and a MAC over both and over route, principal and
filters. A changed cursor, another's, another route's, another query's or yesterday's is refused alike.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from shared.errors import BadCursorError
from shared.runtime.clock import Clock

MAC_BYTES: Final = 16
LONGEST_CURSOR: Final = 2048
VALID_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """Seals and opens cursors with `Keys.key_for("cursors")`. `filters` are all parameters but cursor and limit."""

    key: bytes
    clock: Clock

    def seal(
        self, last_key: Mapping[str, Any] | None, *, route: str, principal: str, filters: Mapping[str, Any]
    ) -> str | None:
        """Give the cursor after `last_key` (plain values of LastEvaluatedKey); None where there is no next page."""
        if not last_key:
            return None
        content = json.dumps([int(self.clock().timestamp()), last_key], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(content, route, principal, filters) + content).decode().rstrip("=")

    def open(
        self, cursor: str | None, *, route: str, principal: str, filters: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Give the key after which the page begins; None for the first page. Raises BadCursorError."""
        if cursor is None:
            return None
        mac, content = _parted(cursor)
        if not hmac.compare_digest(mac, self._mac(content, route, principal, filters)):
            raise BadCursorError
        made_at_seconds, last_key = json.loads(content)
        if self.clock().timestamp() > made_at_seconds + VALID_FOR.total_seconds():
            raise BadCursorError
        return dict(last_key)

    def _mac(self, content: bytes, route: str, principal: str, filters: Mapping[str, Any]) -> bytes:
        bound = json.dumps([route, principal, filters], sort_keys=True, default=str).encode()
        mac = hmac.new(self.key, len(bound).to_bytes(8) + bound + content, hashlib.sha256)
        return mac.digest()[:MAC_BYTES]


def _parted(cursor: str) -> tuple[bytes, bytes]:
    """Part the MAC from the content. Only the one spelling that `seal` makes is taken."""
    if len(cursor) > LONGEST_CURSOR:
        raise BadCursorError
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise BadCursorError from None
    if base64.urlsafe_b64encode(sealed).decode().rstrip("=") != cursor:
        raise BadCursorError
    return sealed[:MAC_BYTES], sealed[MAC_BYTES:]
