"""Subscriptions: which tills may post sales, for which stores, signed with which secrets.

They stand in one secret of Secrets Manager, `{"subscriptions": [{"id", "format", "stores", "secrets",
"claim_days"}]}`, which is read once per container and then
- again at least every 5 minutes, so that a retired secret stops working within that time;
- again when an id is unknown or a signature fails, so that a new secret works at once, but at most every 15 seconds,
  so that a stream of forgeries costs no stream of calls.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from shared.earning.events import CLAIM_WINDOW
from shared.errors import SignatureInvalidError, SubscriptionNotFoundError
from shared.http.principals import EVERY_STORE
from shared.runtime.clock import Clock
from shared.runtime.secrets import read_secret

HOUSE_FORMAT: Final = "house"
READ_AT_LEAST_EVERY: Final = timedelta(minutes=5)
READ_AT_MOST_EVERY: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A store's or chain's right to post events. Two secrets are active while one is rotated; newest first.

    `claim_window` is how old a sale may be without a person looking at it; None, for a migration, is any age.
    """

    id: str
    format: str
    stores: frozenset[str]
    secrets: tuple[str, ...] = field(repr=False)
    claim_window: timedelta | None = CLAIM_WINDOW

    def may_use(self, store_id: str) -> bool:
        return EVERY_STORE in self.stores or store_id in self.stores


def subscription_of(item: Mapping[str, Any]) -> Subscription:
    return Subscription(
        id=item["id"],
        format=item.get("format", HOUSE_FORMAT),
        stores=frozenset(item["stores"]),
        secrets=tuple(item["secrets"]),
        claim_window=_claim_window(item.get("claim_days", CLAIM_WINDOW.days)),
    )


def _claim_window(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)


class SubscriptionBook:
    """The subscriptions of a container. `client` is Secrets Manager's."""

    def __init__(self, *, client: Any, secret_id: str, clock: Clock) -> None:  # noqa: ANN401 a botocore client
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._read_at: datetime | None = None
        self._subscriptions: dict[str, Subscription] = {}

    def authenticate(self, subscription_id: str, verify: Callable[[Subscription], None]) -> Subscription:
        """Give the subscription for which `verify` does not raise SignatureInvalidError.

        Raises SubscriptionNotFoundError, SignatureInvalidError, and DependencyUnavailableError where the secret
        cannot be read.
        """
        self._refresh(READ_AT_LEAST_EVERY)
        try:
            return self._verified(subscription_id, verify)
        except (SubscriptionNotFoundError, SignatureInvalidError):
            if not self._refresh(READ_AT_MOST_EVERY):
                raise
        return self._verified(subscription_id, verify)

    def _verified(self, subscription_id: str, verify: Callable[[Subscription], None]) -> Subscription:
        subscription = self._subscriptions.get(subscription_id)
        if subscription is None:
            raise SubscriptionNotFoundError
        verify(subscription)
        return subscription

    def _refresh(self, age: timedelta) -> bool:
        """Read again where the last reading is older than `age`; say whether it did."""
        now = self._clock()
        if self._read_at is not None and now - self._read_at < age:
            return False
        listed = read_secret(self._client, self._secret_id)["subscriptions"]
        self._subscriptions = {item["id"]: subscription_of(item) for item in listed}
        self._read_at = now
        return True
