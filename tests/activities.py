"""What the activities function is built from, around a test's own clock."""

from functions.activities.dependencies import Dependencies
from shared.earning.assembly import Earning
from shared.earning.claim_tries import ClaimTries
from shared.earning.completion_store import Completions
from shared.members.store import Members


def activities_of(members: Members, earning: Earning) -> Dependencies:
    client, table = members.client, members.tables.members
    return Dependencies(
        members=members,
        earning=earning,
        completions=Completions(client=client, table=table),
        claim_tries=ClaimTries(client=client, table=table),
        codes_key=b"c" * 32,
    )
