"""A shop whose ledger has a stream, and the publisher that reads it."""

from typing import Any

import pytest

from shared.ledger.store import Ledger
from shared.runtime.settings import Tables
from tests.integration.events.shop import Shop


@pytest.fixture
def shop(client: Any, tables: Tables, engine_url: str) -> Shop:
    return Shop(Ledger(client=client, tables=tables), engine_url)
