"""Endpoints: which systems of the chain are told of events, where, and signed with which secrets.

They stand in one secret of Secrets Manager, `{"endpoints": [{"id", "url", "events", "secrets"}]}`, which is read once
per container and then
- again after a minute, so that whatever is changed holds within that time;
- again where an id is unknown, so that an event waiting for a new endpoint is not taken for one of a removed endpoint.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from shared.runtime.clock import Clock
from shared.runtime.secrets import read_secret

EVERY_EVENT: Final = "*"
READ_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Two secrets are active while one is rotated, newest first; each signs."""

    id: str
    url: str
    events: frozenset[str]
    secrets: tuple[str, ...] = field(repr=False)

    def wants(self, event_type: str) -> bool:
        return EVERY_EVENT in self.events or event_type in self.events


def endpoint_of(item: Mapping[str, Any]) -> Endpoint:
    return Endpoint(id=item["id"], url=item["url"], events=frozenset(item["events"]), secrets=tuple(item["secrets"]))


class EndpointBook:
    """The endpoints of a container. `client` is Secrets Manager's."""

    def __init__(self, *, client: Any, secret_id: str, clock: Clock) -> None:  # noqa: ANN401 a botocore client
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._read_at: datetime | None = None
        self._endpoints: dict[str, Endpoint] = {}

    def wanting(self, event_type: str) -> list[Endpoint]:
        """Give the endpoints that are told of events of a type. Raises DependencyUnavailableError."""
        self._refresh()
        return [endpoint for endpoint in self._endpoints.values() if endpoint.wants(event_type)]

    def find(self, endpoint_id: str) -> Endpoint | None:
        """Give an endpoint, None where it was removed. Raises DependencyUnavailableError."""
        self._refresh()
        if endpoint_id not in self._endpoints:
            self._read()
        return self._endpoints.get(endpoint_id)

    def _refresh(self) -> None:
        if self._read_at is None or self._clock() - self._read_at >= READ_EVERY:
            self._read()

    def _read(self) -> None:
        listed = read_secret(self._client, self._secret_id)["endpoints"]
        self._endpoints = {item["id"]: endpoint_of(item) for item in listed}
        self._read_at = self._clock()
