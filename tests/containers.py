"""Several containers of a function that serve one till, as Lambda runs them: each its own client and caches."""

from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from shared.ledger.store import Ledger
from tests.builders import Till

Containers = Callable[[Till, int], list[Till]]


def containers_of(engine_url: str) -> Containers:
    """Give any number of containers for a till; clients are kept, because making one takes longer than a test."""
    session = get_session()
    clients: list[Any] = []

    def serve(till: Till, count: int) -> list[Till]:
        while len(clients) < count:
            clients.append(
                session.create_client(
                    "dynamodb",
                    endpoint_url=engine_url,
                    region_name="us-east-1",
                    aws_access_key_id="local",
                    aws_secret_access_key="local",
                    config=Config(retries={"mode": "standard", "total_max_attempts": 2}, parameter_validation=False),
                )
            )
        tables = till.ledger.tables
        return [Till(ledger=Ledger(client=one, tables=tables), clock=till.clock) for one in clients[:count]]

    return serve
