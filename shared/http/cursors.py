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
from shared.runtime.attributes import AttributeValue, decode, encode
from shared.runtime.clock import Clock

MAC_BYTES: Final = 16
LONGEST_CURSOR: Final = 2048
VALID_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """Seals and opens cursors with `Keys.key_for("cursors")`. `filters` are all parameters but cursor and limit."""

    key: bytes
    clock: Clock

    def listing(self, *, route: str, principal: str, filters: Mapping[str, Any]) -> "Listing":
        """Give a list that a caller pages through."""
        return Listing(cursors=self, route=route, principal=principal, filters=filters)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list, page by page: what its cursors are bound to. Its pages are a query of DynamoDB."""

    cursors: Cursors
    route: str
    principal: str
    filters: Mapping[str, Any]

    def start(self, cursor: str | None) -> Mapping[str, AttributeValue] | None:
        """Give the ExclusiveStartKey of a page; None for the first one. Raises BadCursorError."""
        key = self.cursors.open(cursor, route=self.route, principal=self.principal, filters=self.filters)
        return encode(key) if key else None

    def next_cursor(self, following: Mapping[str, AttributeValue] | None) -> str | None:
        """Give the cursor of the page behind a LastEvaluatedKey; None behind the last one."""
        last_key = decode(following) if following else None
        return self.cursors.seal(last_key, route=self.route, principal=self.principal, filters=self.filters)


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
