"""The real stacks, deployed into an emulator of the tests' own: another port and another folder than `make up` has."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from cli.connection import Connection, connect
from cli.laptop.deploy import client
from cli.laptop.places import BUILD, ROOT
from tests.e2e.shop import Shop
from tests.e2e.told import ListeningApi

STATE: Final = BUILD / "e2e"
LAST: Final = "test_logs.py"
"""It looks at what all others left behind."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("e2e")
    items.sort(key=lambda item: item.path.name == LAST)


def laptop(what: str) -> subprocess.CompletedProcess[str]:
    """Run `make up` or `make down` for the folder of the tests."""
    return subprocess.run(
        [sys.executable, "-m", "cli.laptop", what],
        check=False,
        cwd=ROOT,
        env=os.environ | {"JIFEN_LAPTOP_STATE": str(STATE)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="session")
def connection() -> Iterator[Connection]:
    """Deploy, and end everything at the end: the emulator's group of processes with what it started."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another run of the tests in this folder comes first
        laptop("down")  # what a run that was killed has left behind
        try:
            up = laptop("up")
            assert up.returncode == 0, up.stdout
            yield connect(STATE / "local.json")
        finally:
            laptop("down")


@pytest.fixture(scope="session")
def shop(connection: Connection) -> Shop:
    return Shop(connection=connection, api=ListeningApi(url=connection.api_url))


@pytest.fixture(scope="session")
def aws(connection: Connection) -> Iterator[dict[str, Any]]:
    """Clients of the emulator's AWS, by service."""
    clients = {name: client(str(connection.endpoint_url), name) for name in ("events", "logs", "sqs")}
    yield clients
    for one in clients.values():
        one.close()


@pytest.fixture
def heard(aws: dict[str, Any], connection: Connection) -> str:
    """Let a queue of the test's own listen to the bus for stock that runs low; give its URL."""
    return listening(aws, connection.local["event_bus"], "heard", {"detail-type": ["reward.stock_low"]})


@pytest.fixture(scope="session", autouse=True)
def published(aws: dict[str, Any], connection: Connection) -> str:
    """Let a queue listen to all that the bus is told while these tests run; give its URL."""
    return listening(aws, connection.local["event_bus"], "published", {})


def listening(aws: dict[str, Any], bus: str, name: str, wanted: dict[str, Any]) -> str:
    queue: str = aws["sqs"].create_queue(QueueName=name)["QueueUrl"]
    arn = aws["sqs"].get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["jifen"], **wanted})
    aws["events"].put_rule(Name=name, EventBusName=bus, EventPattern=pattern)
    aws["events"].put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return queue
