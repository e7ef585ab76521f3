"""A sale's first read of the account may be a moment old; what it decides is never (P20)."""

from tests.builders import Till, a_sale
from tests.observed import lagging, observed


def test_a_sale_that_saw_an_old_account_reads_again_and_loses_nothing(till: Till) -> None:
    member = till.a_member()
    before = till.ledger.account_item(member)
    till.sell(a_sale(10_000, receipt_id="T-1"), member)
    with observed(till.ledger.client) as traffic, lagging(till.ledger.client, item=before):
        outcome = till.sell(a_sale(5_000, receipt_id="T-2"), member)
    assert (outcome.result, outcome.points) == ("applied", 5)
    assert till.available(member) == 15
    assert traffic.calls == ["TransactWriteItems", "GetItem", "TransactWriteItems"]
    assert till.audit(member) == []


def test_a_sale_right_after_the_enrolment_is_no_guests(till: Till) -> None:
    till.sell(a_sale(10_000, receipt_id="warm"), till.a_member())
    member = till.a_member()
    with observed(till.ledger.client) as traffic, lagging(till.ledger.client, item=None):
        assert till.sell(a_sale(10_000), member).points == 10
    assert traffic.calls == ["GetItem", "TransactWriteItems"]


def test_a_sale_is_repeated_whatever_account_it_saw(till: Till) -> None:
    member = till.a_member()
    before = till.ledger.account_item(member)
    first = till.sell(a_sale(10_000), member)
    with lagging(till.ledger.client, item=before):
        again = till.sell(a_sale(10_000), member)
    assert again == first.repeated()


def test_a_day_of_sales_that_all_saw_the_same_old_account_counts_each_once(till: Till) -> None:
    member = till.a_member()
    before = till.ledger.account_item(member)
    for number in range(5):
        with lagging(till.ledger.client, item=before):
            till.sell(a_sale(10_000, receipt_id=f"T-{number}"), member)
    assert till.available(member) == 50
    assert till.audit(member) == []
