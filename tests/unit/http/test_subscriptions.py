"""Subscriptions of tills: W6 and W7."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from shared.errors import DependencyUnavailableError, SignatureInvalidError, SubscriptionNotFoundError
from shared.http.subscriptions import Subscription, SubscriptionBook

NOW = datetime(2026, 12, 16, 2, 21, tzinfo=UTC)


class SecretsManager:
    """A secret in memory that counts how often it is read."""

    def __init__(self, *subscriptions: dict[str, Any]) -> None:
        self.subscriptions = list(subscriptions)
        self.reads = 0
        self.is_down = False

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: ARG002, N803 as botocore's client has it
        self.reads += 1
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="https://secretsmanager")
        return {"SecretString": json.dumps({"subscriptions": self.subscriptions})}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def item(subscription_id: str = "sub-1", *secrets: str, stores: tuple[str, ...] = ("SH001",)) -> dict[str, Any]:
    return {"id": subscription_id, "format": "house", "stores": list(stores), "secrets": list(secrets or ("new",))}


def signed_with(secret: str) -> Any:
    """Make the verification of a delivery that this secret signed."""

    def verify(subscription: Subscription) -> None:
        if secret not in subscription.secrets:
            raise SignatureInvalidError

    return verify


@pytest.fixture
def clock() -> Clock:
    return Clock()


def book(secrets: SecretsManager, clock: Clock) -> SubscriptionBook:
    return SubscriptionBook(client=secrets, secret_id="subscriptions", clock=clock)


def test_reads_once_per_container(clock: Clock) -> None:
    secrets = SecretsManager(item())
    tills = book(secrets, clock)
    for _ in range(100):
        assert tills.authenticate("sub-1", signed_with("new")).id == "sub-1"
    assert secrets.reads == 1


def test_w7_stores_come_from_the_subscription(clock: Clock) -> None:
    tills = book(SecretsManager(item(), item("chain", stores=("*",))), clock)
    one, chain = (tills.authenticate(name, signed_with("new")) for name in ("sub-1", "chain"))
    assert one.may_use("SH001")
    assert not one.may_use("SH002")
    assert chain.may_use("SH002")


def test_a_new_subscription_works_after_at_most_15_seconds(clock: Clock) -> None:
    secrets = SecretsManager(item())
    tills = book(secrets, clock)
    tills.authenticate("sub-1", signed_with("new"))
    secrets.subscriptions.append(item("sub-2"))
    clock.advance(15)
    assert tills.authenticate("sub-2", signed_with("new")).id == "sub-2"


def test_w6_a_new_secret_works_after_at_most_15_seconds(clock: Clock) -> None:
    secrets = SecretsManager(item("sub-1", "old"))
    tills = book(secrets, clock)
    tills.authenticate("sub-1", signed_with("old"))
    secrets.subscriptions[:] = [item("sub-1", "new", "old")]
    clock.advance(15)
    assert tills.authenticate("sub-1", signed_with("new"))
    assert tills.authenticate("sub-1", signed_with("old"))


def test_w6_a_retired_secret_stops_working_within_5_minutes(clock: Clock) -> None:
    secrets = SecretsManager(item("sub-1", "new", "old"))
    tills = book(secrets, clock)
    tills.authenticate("sub-1", signed_with("old"))
    secrets.subscriptions[:] = [item("sub-1", "new")]
    clock.advance(300)
    with pytest.raises(SignatureInvalidError):
        tills.authenticate("sub-1", signed_with("old"))


def test_forgeries_cost_at_most_one_read_in_15_seconds(clock: Clock) -> None:
    secrets = SecretsManager(item())
    tills = book(secrets, clock)
    for _ in range(150):
        clock.advance(0.1)
        with pytest.raises(SignatureInvalidError):
            tills.authenticate("sub-1", signed_with("forged"))
        with pytest.raises(SubscriptionNotFoundError):
            tills.authenticate("unknown", signed_with("new"))
    assert secrets.reads <= 2


def test_a_removed_subscription_is_not_found(clock: Clock) -> None:
    secrets = SecretsManager(item())
    tills = book(secrets, clock)
    tills.authenticate("sub-1", signed_with("new"))
    secrets.subscriptions.clear()
    clock.advance(300)
    with pytest.raises(SubscriptionNotFoundError):
        tills.authenticate("sub-1", signed_with("new"))


def test_does_not_serve_from_an_old_reading_when_the_secret_cannot_be_read(clock: Clock) -> None:
    secrets = SecretsManager(item())
    tills = book(secrets, clock)
    tills.authenticate("sub-1", signed_with("new"))
    secrets.is_down = True
    clock.advance(299)
    assert tills.authenticate("sub-1", signed_with("new"))
    clock.advance(1)
    with pytest.raises(DependencyUnavailableError):
        tills.authenticate("sub-1", signed_with("new"))


def test_never_shows_a_secret() -> None:
    shown = repr(Subscription(id="a", format="house", stores=frozenset(), secrets=("whsec_secret",)))
    assert "whsec_secret" not in shown
