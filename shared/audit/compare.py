"""Compare the table of members with that of accounts: a restore may have left one of them behind the other."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from shared import keys
from shared.names import MEMBER_PREFIX
from shared.runtime.attributes import encode
from shared.runtime.settings import Tables


class Unmatched(NamedTuple):
    """Members with a profile and no account, and members with an account and no profile, by id."""

    without_account: list[str]
    without_profile: list[str]


def compare(client: Any, tables: Tables) -> Unmatched:  # noqa: ANN401 a botocore client
    """Read who has an account and who has a profile, as it stands; a hundred bytes of memory each. AP-74."""
    accounts = {item["id"]["S"] for item in _scan(client, tables.accounts, ProjectionExpression="id")}
    profiles = {
        item["pk"]["S"].removeprefix(MEMBER_PREFIX)
        for item in _scan(
            client,
            tables.members,
            ProjectionExpression="pk",
            FilterExpression="sk = :profile",
            ExpressionAttributeValues=encode({":profile": keys.profile("").sk}),
        )
    }
    return Unmatched(sorted(profiles - accounts), sorted(accounts - profiles))


def _scan(client: Any, table: str, **request: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 a botocore client
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **request)
    return (item for page in pages for item in page["Items"])
