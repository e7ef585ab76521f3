"""Members who are told things: the ledger on the engine, SNS and SQS by moto, a clock that the test sets."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from shared.ledger.store import Ledger
from shared.runtime.settings import Tables
from tests.integration.messages.people import Messenger, Post, Shop


@pytest.fixture
def shop(client: Any, tables: Tables) -> Shop:
    """Give a shop whose test publishes a program."""
    return Shop(Ledger(client=client, tables=tables))


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """Give the services that messages leave by."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        session = get_session()
        clients = [session.create_client(name, region_name="us-east-1") for name in ("sns", "sqs", "kms")]
        yield Post(*clients)


@pytest.fixture
def messenger(shop: Shop, post: Post) -> Messenger:
    return Messenger(shop, post)
