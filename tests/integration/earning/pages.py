"""A ledger page as a test reads it: one row per event, and what it did to the balance."""

from shared.earning.events import ReturnEvent
from shared.earning.sale import Sale
from tests.builders import Till, a_refund


def balances(till: Till, member: str, events: list[Sale | ReturnEvent]) -> list[int]:
    """Tell events one by one; give what is available after each."""
    after = []
    for event in events:
        till.tell(event, member)
        after.append(till.available(member))
    assert till.audit(member) == []
    return after


def refunds(*amounts: int) -> list[ReturnEvent]:
    return [a_refund(amount, refund_id=f"R-{at}") for at, amount in enumerate(amounts, start=1)]
