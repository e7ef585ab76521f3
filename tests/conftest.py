"""Fixtures that all suites share: the engine once per run, fresh tables per test."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from shared.ledger.store import Ledger
from shared.runtime.settings import Tables
from tests import profile as _profile  # noqa: F401 says how random tests run
from tests.engine import create_tables, dynamodb_client, running_engine

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def engine_url() -> Iterator[str]:
    with running_engine() as url:
        yield url


@pytest.fixture(scope="session")
def engine(engine_url: str) -> Any:
    """Give a low-level DynamoDB client to the engine."""
    return dynamodb_client(engine_url)


@pytest.fixture
def tables(engine: Any) -> Tables:
    """Create three empty tables of the test's own, and give their names."""
    return create_tables(engine, f"-{next(_numbers)}")


@pytest.fixture
def ledger(engine: Any, tables: Tables) -> Ledger:
    return Ledger(client=engine, tables=tables)
