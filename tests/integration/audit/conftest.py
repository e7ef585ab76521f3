import pytest

from tests.builders import Till
from tests.integration.audit.shop import Shop
from tests.integration.redemption.world import World


@pytest.fixture
def shop(till: Till, engine_url: str) -> Shop:
    return Shop(till, World(till.ledger, now=till.clock()), engine_url)
