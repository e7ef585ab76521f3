"""Members who are told things: the ledger on the engine, SNS and SQS by moto, a clock that the test sets."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from shared.ledger.store import Ledger
from shared.messages.settings import Settings
from shared.runtime.settings import Tables
from tests.builders import a_program, publish
from tests.integration.messages.people import EVERY_CHANNEL, NOON, Messenger, Post, Shop, reminding_policy

Reminded = Callable[..., str]


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


@pytest.fixture
def reminded(shop: Shop) -> Reminded:
    """Give a member who has been reminded of 300 points, a day before; the message waits in the stream."""

    def reminding(settings: Settings | None = None, *, at: str = "2026-12-31 12:00", **others: Any) -> str:
        publish(shop.ledger, a_program(expire=reminding_policy(*EVERY_CHANNEL)))
        shop.clock.now = NOON
        member = shop.member(settings=settings, **others)
        shop.buy(member, 300)
        shop.at(at)
        shop.remind(member)
        return member

    return reminding
