"""How the command reaches a deployment: the one on this laptop (`build/local.json`), or an AWS account.

On an account, tables and secrets are named by the variables that the functions have (`JIFEN_ACCOUNTS_TABLE` …),
region and credentials come from AWS' own.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from cli.errors import CommandError
from cli.laptop.places import ACCESS_KEY, LOCAL
from shared import names
from shared.runtime.secrets import Keys, load_keys, read_secret
from shared.runtime.settings import Tables, tables


class NotConnectedError(CommandError):
    """Neither a laptop's deployment nor the variables of an account."""


class UnknownSubscriptionError(CommandError):
    """The deployment has no subscription of this id."""

    def __init__(self, subscription_id: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no subscription {subscription_id!r}; there are {', '.join(known) or 'none'}")


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Clients and names of one deployment. `endpoint_url` is None on AWS."""

    tables: Tables
    subscriptions_secret: str
    keys_secret: str
    api_url: str
    quarantine_bucket: str = ""
    endpoints_secret: str = ""
    endpoint_url: str | None = None
    region: str | None = None
    local: Mapping[str, Any] = field(default_factory=dict)

    @property
    def connect_dynamodb(self) -> Callable[[], Any]:
        """Give what makes a DynamoDB client, in this process or in another one."""
        return partial(make_client, "dynamodb", self.endpoint_url, self.region)

    @cached_property
    def dynamodb(self) -> Any:
        return self.connect_dynamodb()

    @cached_property
    def secretsmanager(self) -> Any:
        return make_client("secretsmanager", self.endpoint_url, self.region)

    @cached_property
    def s3(self) -> Any:
        return make_client("s3", self.endpoint_url, self.region)

    def keys(self) -> Keys:
        return load_keys(self.secretsmanager, self.keys_secret)

    def signing_secret(self, subscription_id: str) -> str:
        """Give the newest secret of a subscription. Raises UnknownSubscriptionError."""
        listed = read_secret(self.secretsmanager, self.subscriptions_secret)["subscriptions"]
        newest = {one["id"]: str(one["secrets"][0]) for one in listed}
        if subscription_id not in newest:
            raise UnknownSubscriptionError(subscription_id, newest)
        return newest[subscription_id]


def connection_of(local: Mapping[str, Any]) -> Connection:
    """Connect to the laptop's deployment as `build/local.json` describes it."""
    return Connection(
        tables=Tables(**local["tables"]),
        subscriptions_secret=local["secrets"]["subscriptions"],
        keys_secret=local["secrets"]["keys"],
        endpoints_secret=local["secrets"]["endpoints"],
        api_url=local["api_url"],
        quarantine_bucket=local["quarantine_bucket"],
        endpoint_url=local["endpoint_url"],
        region=local["region"],
        local=local,
    )


def connect(local: Path = LOCAL) -> Connection:
    """Connect to the laptop's deployment where there is one, else to AWS. Raises NotConnectedError."""
    if local.exists():
        return connection_of(json.loads(local.read_text("utf-8")))
    if names.LEDGER_TABLE not in os.environ:
        raise NotConnectedError("nothing runs here (make up), and JIFEN_LEDGER_TABLE and the like are not set")
    return Connection(
        tables=tables(),
        subscriptions_secret=os.environ.get(names.SUBSCRIPTIONS_SECRET, ""),
        keys_secret=os.environ.get(names.KEYS_SECRET, ""),
        endpoints_secret=os.environ.get(names.ENDPOINTS_SECRET, ""),
        api_url=os.environ.get("JIFEN_API_URL", ""),
        quarantine_bucket=os.environ.get(names.QUARANTINE_BUCKET, ""),
    )


def make_client(service: str, endpoint_url: str | None, region: str | None) -> Any:
    """Make a low-level client; an emulator takes anybody's key."""
    # Half a second, for which nobody waits who checks a file and connects to nothing.
    from botocore.config import Config  # noqa: PLC0415
    from botocore.session import get_session  # noqa: PLC0415

    from shared.runtime.aws import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS  # noqa: PLC0415

    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": ACCESS_KEY} if endpoint_url else {}
    # DynamoDB is waited for as by the functions: a publication that is given up late begins before tills know of it.
    waits = (
        {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "read_timeout": READ_TIMEOUT_SECONDS}
        if service == "dynamodb"
        else {}
    )
    config = Config(retries={"mode": "standard", "total_max_attempts": 3}, max_pool_connections=32, **waits)
    return get_session().create_client(service, endpoint_url=endpoint_url, region_name=region, config=config, **keys)
