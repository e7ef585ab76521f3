"""Fixtures of the integration tests: a client that a test may break, tills, and several containers at once."""

from typing import Any

import pytest

from shared.ledger.store import Ledger
from shared.runtime.settings import Tables
from tests.builders import Till, a_program, publish
from tests.containers import Containers, containers_of
from tests.engine import dynamodb_client


@pytest.fixture
def client(engine_url: str) -> Any:
    """Give a client of the test's own, so that hooks on it concern nobody else."""
    return dynamodb_client(engine_url)


@pytest.fixture
def till(client: Any, tables: Tables) -> Till:
    """Give a till of a store where ten yuan are a point (R1)."""
    ledger = Ledger(client=client, tables=tables)
    publish(ledger, a_program())
    return Till(ledger=ledger)


@pytest.fixture
def bare_till(client: Any, tables: Tables) -> Till:
    """Give a till whose test publishes a program of its own."""
    return Till(ledger=Ledger(client=client, tables=tables))


@pytest.fixture(scope="session")
def containers(engine_url: str) -> Containers:
    return containers_of(engine_url)
