"""Sales without a member, and their returns: recorded, so that they can be claimed; they move no points."""

from shared import keys
from shared.earning.events import VOID_ID, ReturnEvent
from shared.earning.grants import exceeds, return_details, return_key
from shared.earning.receipts import GUEST, GUEST_RETURN, Receipt, Return
from shared.earning.sale import Sale
from shared.earning.sale_items import part_of, sale_details, sale_digest
from shared.ledger.items import instant, write_instant
from shared.runtime.attributes import Item


def guest_item(sale: Sale, reason: str) -> Item:
    return {
        **keys.sale(sale.store_id, sale.receipt_id)._asdict(),
        "k": GUEST,
        "why": reason,
        "s": sale.store_id,
        "o": write_instant(sale.occurred_at),
        "de": sale_details(sale) | {"g": sale_digest(sale)},
    }


def guest_return_item(receipt: Receipt, event: ReturnEvent) -> Item:
    details = return_details(event)
    if exceeds(receipt, event):
        details["ex"] = True
    return {
        **return_key(receipt)._asdict(),
        "k": GUEST_RETURN,
        "s": event.store_id,
        "o": write_instant(event.occurred_at),
        "de": details,
    }


def event_of(receipt: Receipt, one: Return) -> ReturnEvent:
    """Give back what a till told of a guest's return, even of one that exceeded its sale."""
    details = one.item["de"]
    return ReturnEvent(
        store_id=receipt.sale.store_id,
        receipt_id=receipt.sale.receipt_id,
        return_id=one.return_id,
        occurred_at=instant(one.item["o"]),
        part=None if one.return_id == VOID_ID else part_of(details),
        reason=details.get("why", ""),
    )
