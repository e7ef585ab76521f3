"""Entries and receipts made into what the staff sees."""

from collections.abc import Sequence

from functions.queries.dependencies import Dependencies
from functions.queries.entry_pages import entry_view
from functions.queries.staff_schemas import LeftView, ReturnView, SaleView, StaffEntryView
from shared.earning.receipts import Receipt
from shared.http.call import Call
from shared.http.views import MoneyView
from shared.keys import Key
from shared.ledger.batch_reads import read_items
from shared.ledger.entries import EntryKind, EntrySummary
from shared.ledger.entry_ids import entry_id
from shared.ledger.items import instant


def staff_entry_views(entries: Sequence[EntrySummary], built: Dependencies, call: Call) -> list[StaffEntryView]:
    """Add who answers for each, which the entries themselves say and their index does not: one more call a page."""
    items = read_items(built.ledger, [entry.key for entry in entries], call.patience, consistent=False)
    details = {key: item.get("de", {}) for key, item in items.items()}
    return [
        StaffEntryView(
            **entry_view(entry, call.language).model_dump(),
            author=None if entry.kind is EntryKind.REFERRED else details.get(entry.key, {}).get("by"),
            approver=details.get(entry.key, {}).get("ok"),
            reason=details.get(entry.key, {}).get("why"),
        )
        for entry in entries
    ]


def sale_view(receipt: Receipt) -> SaleView:
    """Show a receipt of a member's. Bonuses that other sales' returns took are no longer left of it."""
    sale, item = receipt.sale, receipt.item
    earned, undone = (receipt.grant.earned if receipt.grant else 0), sum(one["de"]["tk"] for one in receipt.undone)
    left_minor = int(sum(line.net_minor for line in receipt.left_before().lines))
    return SaleView(
        store_id=sale.store_id,
        receipt_id=sale.receipt_id,
        occurred_at=sale.occurred_at,
        total=MoneyView(amount=sale.total_minor, currency=sale.currency),
        points=earned,
        returns=[
            ReturnView(id=one.return_id, occurred_at=instant(one.item["o"]), points=one.taken, void=one.is_void)
            for one in receipt.returns
        ],
        left=LeftView(
            amount=MoneyView(amount=left_minor, currency=sale.currency), points=earned - receipt.taken - undone
        ),
        entry_id=entry_id(Key(item["pk"], item["sk"])),
    )
