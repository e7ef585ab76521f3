"""One request as a route sees it, and what a route answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from shared.errors import MalformedJsonError, SignatureInvalidError
from shared.http import idempotency
from shared.http.json_body import LARGEST_JSON_BYTES, LARGEST_WEBHOOK_BYTES, raw_body
from shared.http.languages import Language, language_of
from shared.http.principals import Principal, principal_of
from shared.runtime.patience import Patience

OK: Final = 200
CREATED: Final = 201
ACCEPTED: Final = 202

B = TypeVar("B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[B]):
    """An answer that is not just the route's own status and a body.

    `replayed` says that the same key was answered before: the answer says so in `idempotency.REPLAYED_HEADER`.
    """

    body: B
    status: int | None = None
    replayed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class Call:
    """The request: who asks, with which key, in which language, and how long there is left to answer.

    `route` is the key of the route that took it, which reads bodies of up to `limit_bytes`; `body` its parsed JSON;
    `failure` what nobody foresaw.
    """

    def __init__(self, event: Mapping[str, Any], context: Any, *, member_client_id: str) -> None:  # noqa: ANN401 Lambda's context has no type
        self.event = event
        self.headers: Mapping[str, str] = event.get("headers") or {}
        self.route = ""
        self.limit_bytes = LARGEST_JSON_BYTES
        self.body: object = None
        self.failure: Exception | None = None
        self._context = context
        self._member_client_id = member_client_id

    @cached_property
    def principal(self) -> Principal:
        """Who asks. Raises TokenMissingError."""
        return principal_of(self.event, self._member_client_id)

    @cached_property
    def idempotency_key(self) -> str:
        """The caller's key. Raises IdempotencyKeyMissingError."""
        return idempotency.idempotency_key(self.headers)

    def derived_id(self, prefix: str) -> str:
        """Give the id of what this request creates: the same whenever it comes again with its key."""
        return idempotency.derived_id(prefix, self.principal.identity, self.route, self.idempotency_key)

    def scoped_digest(self) -> str:
        """Give 64 hexadecimal digits for this caller, route and key."""
        return idempotency.scoped_digest(self.principal.identity, self.route, self.idempotency_key)

    @property
    def language(self) -> Language:
        return language_of(self.headers.get("accept-language"))

    @property
    def patience(self) -> Patience:
        """How long this invocation may go on trying."""
        return Patience(remaining_ms=self._context.get_remaining_time_in_millis)

    @property
    def request_id(self) -> str:
        """The id that API Gateway gave the request; its answer carries it in `apigw-requestid` too."""
        return str(self.event.get("requestContext", {}).get("requestId", ""))

    @property
    def path(self) -> str:
        return str(self.event.get("rawPath", ""))

    @property
    def method(self) -> str:
        return str(self.event.get("requestContext", {}).get("http", {}).get("method", ""))

    def signed_body(self) -> bytes:
        """Give the bytes that a signature is over. Raises BodyTooLargeError, and SignatureInvalidError for none."""
        try:
            return raw_body(self.event, LARGEST_WEBHOOK_BYTES)
        except MalformedJsonError:  # base64 that is none: nobody can have signed it
            raise SignatureInvalidError from None
