"""`audit` over whole tables: nothing where all is well, and every corruption that somebody could make by hand."""

from collections.abc import Callable

import pytest

from shared import keys
from shared.keys import Key
from tests.integration.audit.shop import RECEIPT, Shop


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
