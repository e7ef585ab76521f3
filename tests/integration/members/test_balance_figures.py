"""P3: what a look at one's balance costs."""

from cli.figures import BALANCE
from shared.members.profile import Profile
from shared.members.store import Members, profile_item
from shared.runtime.attributes import encode
from shared.runtime.ids import MemberId
from tests.builders import Till, patience
from tests.observed import observed


def test_p3_a_balance_takes_one_call(till: Till) -> None:
    member_id = MemberId(till.a_member(points=5))
    client, tables = till.ledger.client, till.ledger.tables
    profile = profile_item(Profile(member_id=member_id, enrolled_at=till.clock()))
    client.put_item(TableName=tables.members, Item=encode(profile))
    with observed(client) as traffic:
        Members(client=client, tables=tables, key=b"k" * 32).overview(member_id, patience())
    assert traffic.calls == ["BatchGetItem"]
    assert traffic.read_units == BALANCE.read_units
