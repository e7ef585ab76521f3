"""A shop of which an audit has everything to look at, and hands that change items behind the ledger's back."""

from functools import partial
from typing import Any

from shared import keys
from shared.audit.check import Findings
from shared.audit.look import Looking
from shared.audit.scan import Reach, audit
from shared.keys import Key
from shared.ledger.store import Ledger
from shared.runtime.attributes import encode
from tests.builders import Till, a_refund, a_sale
from tests.engine import dynamodb_client
from tests.integration.redemption.world import World, a_reward

RECEIPT = keys.sale("SH001", "R-1")


class Shop:
    """Tables with a bit of everything: a sale, its refund, a guest, a redemption that lives and one that does not."""

    def __init__(self, till: Till, world: World, engine_url: str) -> None:
        self.till = till
        self._engine_url = engine_url
        self._reach = Reach(connect=partial(dynamodb_client, engine_url), tables=till.ledger.tables)
        self.member = till.a_member()
        till.sell(a_sale(10_000, receipt_id="R-1"), self.member)
        till.take_back(a_refund(4_000, receipt_id="R-1"))
        till.sell(a_sale(10_000, receipt_id="R-2"), None)
        world.now = till.clock()
        world.offer(a_reward(points=2, stock=10, shards=2))
        world.redeem(self.member, key="lives")
        world.cancel(self.member, world.redeem(self.member, key="dies").redemption.id)

    @property
    def looking(self) -> Looking:
        return Looking(ledger=self.till.ledger, programs=self.till.earning.programs, clock=self.till.clock)

    def other_till(self) -> Till:
        """Give a till of a container of its own, with a client that no hook of this one's concerns."""
        client = dynamodb_client(self._engine_url)
        return Till(ledger=Ledger(client=client, tables=self.till.ledger.tables), clock=self.till.clock)

    def audit(self) -> Findings:
        return audit(self._reach, processes=1, progress=lambda *_: None)

    def change(self, table: str, key: dict[str, str], expression: str, **values: Any) -> None:
        """Change an item behind the ledger's back."""
        self.till.ledger.client.update_item(
            TableName=table,
            Key=encode(key),
            UpdateExpression=expression,
            **({"ExpressionAttributeNames": {"#left": "left"}} if "#left" in expression else {}),
            ExpressionAttributeValues=encode({f":{name}": value for name, value in values.items()}),
        )

    def change_account(self, expression: str, **values: Any) -> None:
        self.change(self.till.ledger.tables.accounts, {"id": self.member}, expression, **values)

    def change_item(self, key: Key, expression: str, **values: Any) -> None:
        self.change(self.till.ledger.tables.ledger, key._asdict(), expression, **values)

    def delete(self, key: Key) -> None:
        self.till.ledger.client.delete_item(TableName=self.till.ledger.tables.ledger, Key=encode(key._asdict()))
