"""A DynamoDB engine on this machine, in memory: for load, for races, for a replay without any deployment."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from cli.laptop.places import ACCESS_KEY, LOOPBACK, REGION, ROOT
from shared import names
from shared.runtime.settings import Tables

BINARY: Final = ROOT / "node_modules" / "@dynoxide" / "linux-x64" / "dynoxide"
_TRIES: Final = 500


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_engine() -> Iterator[str]:
    """Start an engine, give its endpoint, and end it by its own process. Raises TimeoutError."""
    port = free_port()
    server = subprocess.Popen(
        [str(BINARY), "serve", "--host", LOOPBACK, "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"http://{LOOPBACK}:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(_TRIES):
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("the DynamoDB engine did not start")


def engine_client(endpoint: str, *, connections: int = 80) -> Any:
    """Give a low-level DynamoDB client to an engine."""
    from botocore.config import Config  # noqa: PLC0415 as in `cli.connection`
    from botocore.session import get_session  # noqa: PLC0415

    return get_session().create_client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=ACCESS_KEY,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 2},
            max_pool_connections=connections,
            parameter_validation=False,
            user_agent="jifen",
        ),
    )


def create_tables(client: Any, suffix: str = "") -> Tables:
    """Create the three tables as the data stack does, under names with a suffix."""
    tables = Tables(accounts=f"accounts{suffix}", ledger=f"ledger{suffix}", members=f"members{suffix}")
    _create(client, tables.accounts, _keys(names.ACCOUNT_KEY))
    by_member = {
        "IndexName": names.ENTRIES_BY_MEMBER,
        "KeySchema": _keys(names.MEMBER_ATTRIBUTE, names.POSTED_ATTRIBUTE),
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(names.ENTRY_SUMMARY_ATTRIBUTES)},
    }
    pair = _keys(names.PARTITION_KEY, names.SORT_KEY)
    _create(client, tables.ledger, pair, GlobalSecondaryIndexes=[by_member])
    _create(client, tables.members, pair)
    return tables


def _keys(*attributes: str) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")[: len(attributes)]
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(attributes, kinds, strict=True)]


def _create(client: Any, table: str, key: list[dict[str, str]], **more: Any) -> None:
    schemas = [key, *(index["KeySchema"] for index in more.get("GlobalSecondaryIndexes", []))]
    attributes = sorted({part["AttributeName"] for schema in schemas for part in schema})
    client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        KeySchema=key,
        **more,
    )
