"""A desk at which programs are published, on tables of the test's own."""

from pathlib import Path

import pytest

from shared.ledger.store import Ledger
from tests.integration.program.rules_desk import Desk


@pytest.fixture
def desk(engine_url: str, ledger: Ledger, tmp_path: Path) -> Desk:
    return Desk(engine_url, ledger, tmp_path)
