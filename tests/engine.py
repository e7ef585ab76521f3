"""A DynamoDB engine for tests: a native server on loopback, and the three tables in it."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from shared import names
from shared.runtime.settings import Tables

BINARY = Path(__file__).parent.parent / "node_modules" / "@dynoxide" / "linux-x64" / "dynoxide"
REGION = "us-east-1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_engine() -> Iterator[str]:
    """Start an engine in memory, give its endpoint, and end it by its own process."""
    port = free_port()
    server = subprocess.Popen(
        [str(BINARY), "serve", "-p", str(port), "--host", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("the DynamoDB engine did not start")


def dynamodb_client(endpoint: str) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}, max_pool_connections=80),
    )


def create_tables(client: Any, suffix: str = "") -> Tables:
    """Create the three tables as the data stack does, under names with a suffix."""
    tables = Tables(accounts=f"accounts{suffix}", ledger=f"ledger{suffix}", members=f"members{suffix}")
    client.create_table(
        TableName=tables.accounts,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": names.ACCOUNT_KEY, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": names.ACCOUNT_KEY, "KeyType": "HASH"}],
    )
    client.create_table(
        TableName=tables.ledger,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in (names.PARTITION_KEY, names.SORT_KEY, names.MEMBER_ATTRIBUTE, names.POSTED_ATTRIBUTE)
        ],
        KeySchema=_PAIR,
        GlobalSecondaryIndexes=[
            {
                "IndexName": names.ENTRIES_BY_MEMBER,
                "KeySchema": [
                    {"AttributeName": names.MEMBER_ATTRIBUTE, "KeyType": "HASH"},
                    {"AttributeName": names.POSTED_ATTRIBUTE, "KeyType": "RANGE"},
                ],
                "Projection": {
                    "ProjectionType": "INCLUDE",
                    "NonKeyAttributes": list(names.ENTRY_SUMMARY_ATTRIBUTES),
                },
            }
        ],
    )
    client.create_table(
        TableName=tables.members,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in (names.PARTITION_KEY, names.SORT_KEY)
        ],
        KeySchema=_PAIR,
    )
    return tables


_PAIR = [
    {"AttributeName": names.PARTITION_KEY, "KeyType": "HASH"},
    {"AttributeName": names.SORT_KEY, "KeyType": "RANGE"},
]
