"""An authority, a receiver with a certificate of it, and what posts to it."""

import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from tests.integration.outgoing.post_office import PostOffice
from tests.receiver import Authority, Receiver, receiving


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def shown(authority: Authority) -> ssl.SSLContext:
    """Give what the receiver's host shows."""
    return authority.issued()


@pytest.fixture
def receiver(shown: ssl.SSLContext) -> Iterator[Receiver]:
    with receiving(shown) as listening:
        yield listening


@pytest.fixture(scope="session")
def clients() -> tuple[Any, Any]:
    """Give clients of SQS and of Secrets Manager; each test's moto begins empty."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    session = get_session()
    sqs, secrets = (session.create_client(name, region_name="us-east-1", **keys) for name in ("sqs", "secretsmanager"))
    return sqs, secrets


@pytest.fixture
def office(clients: tuple[Any, Any], authority: Authority) -> Iterator[PostOffice]:
    with mock_aws():
        yield PostOffice(*clients, authority)
