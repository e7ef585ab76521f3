"""`audit` over whole tables: nothing where all is well, and every corruption that somebody could make by hand."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from shared import keys
from shared.audit.check import Findings
from shared.audit.scan import Reach, audit
from shared.keys import Key
from shared.runtime.attributes import encode
from tests.builders import Till, a_refund, a_sale
from tests.engine import dynamodb_client
from tests.integration.redemption.world import World, a_reward

RECEIPT = keys.sale("SH001", "R-1")


class Shop:
    """Tables with a bit of everything: a sale, its refund, a guest, a redemption that lives and one that does not."""

    def __init__(self, till: Till, world: World, engine_url: str) -> None:
        self.till = till
        self._reach = Reach(connect=partial(dynamodb_client, engine_url), tables=till.ledger.tables)
        self.member = till.a_member()
        till.sell(a_sale(10_000, receipt_id="R-1"), self.member)
        till.take_back(a_refund(4_000, receipt_id="R-1"))
        till.sell(a_sale(10_000, receipt_id="R-2"), None)
        world.now = till.clock()
        world.offer(a_reward(points=2, stock=10, shards=2))
        world.redeem(self.member, key="lives")
        world.cancel(self.member, world.redeem(self.member, key="dies").redemption.id)

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


@pytest.fixture
def shop(till: Till, engine_url: str) -> Shop:
    return Shop(till, World(till.ledger, now=till.clock()), engine_url)


def test_nothing_is_found_where_all_is_well(shop: Shop) -> None:
    findings = shop.audit()
    assert findings.differences == []
    assert (findings.accounts, findings.entries, findings.receipts, findings.outstanding) == (1, 5, 2, 4)
    assert dict(findings.points) == {"earned": 10, "reversed": -4, "redeemed": -4, "returned": 2}


CORRUPTIONS: list[tuple[Callable[[Shop], None], str]] = [
    (lambda shop: shop.change_account("SET d = :d", d=3), "INV-"),
    (lambda shop: shop.change_account("SET l = :l", l={"271231": 400}), "INV-"),
    (lambda shop: shop.change_account("REMOVE a SET h = :h", h=0), "INV-5 cannot be read"),
    (lambda shop: shop.change_item(RECEIPT, "SET p = :p, mv = :mv", p=11, mv={"l": {"271231": 11}}), "INV-"),
    (lambda shop: shop.delete(RECEIPT), "INV-5"),
    (lambda shop: shop.change_item(RECEIPT, "REMOVE t SET p = :p", p=10), "INV-5"),
    (lambda shop: shop.change_item(Key(RECEIPT.pk, "RETURN#0001"), "SET de.tk = :t", t=11), "INV-6"),
    (lambda shop: shop.delete(Key(RECEIPT.pk, "RETURN#0001")), "INV-5"),
    (lambda shop: shop.change_item(keys.stock("tableware", 0), "ADD given :one", one=1), "INV-7"),
    (lambda shop: shop.change_item(keys.stock("tableware", 1), "ADD #left :some", some=-90), "INV-3"),
]


@pytest.mark.parametrize(("corrupt", "found"), CORRUPTIONS)
def test_a_corruption_is_found_and_named(shop: Shop, corrupt: Callable[[Shop], None], found: str) -> None:
    corrupt(shop)
    differences = shop.audit().differences
    assert any(found in difference for difference in differences), differences
