"""Sales that a person must look at: dated in the future, handed in after the claim window, or known otherwise.

They are kept as they came, without personal data, until somebody accepts or dismisses them (`jifen review`). A sale
that is known with other content can only be dismissed: what was recorded stands, and is corrected by a return.
"""

from datetime import datetime
from typing import Final, NamedTuple

from shared import keys
from shared.earning.sale import Sale
from shared.earning.sale_items import sale_details, sale_digest, sale_of
from shared.ledger.items import instant, write_instant
from shared.ledger.store import Guard, Ledger
from shared.runtime.attributes import Item, encode
from shared.runtime.patience import Patience

TOO_EARLY: Final = "dated-in-the-future"
TOO_LATE: Final = "outside-the-claim-window"
KNOWN_OTHERWISE: Final = "sale-conflict"


class Reviewed(NamedTuple):
    """A sale that waits, whose it would be (a member id, or None), and why it waits. The id is the content's digest."""

    id: str
    sale: Sale
    member_id: str | None
    reason: str
    received_at: datetime


class _KeptAlreadyError(Exception):
    pass


def keep_for_review(
    sale: Sale, member_id: str | None, reason: str, ledger: Ledger, patience: Patience, *, now: datetime
) -> None:
    """Keep a sale for review; the same content is kept once."""
    digest = sale_digest(sale)
    item: Item = {
        **keys.review(sale.store_id, sale.receipt_id, digest)._asdict(),
        "k": "review",
        "why": reason,
        "o": write_instant(sale.occurred_at),
        "at": write_instant(now),
        "de": sale_details(sale) | {"g": digest},
        **({"who": member_id} if member_id else {}),
    }
    try:
        ledger.put([(item, Guard(refusal=lambda _old: _KeptAlreadyError()))], patience)
    except _KeptAlreadyError:
        return


def list_reviewed(ledger: Ledger) -> list[Reviewed]:
    """Read all sales that wait. AP-41."""
    return [_reviewed(item) for item in ledger.collection(keys.REVIEW)]


def drop_reviewed(ledger: Ledger, sale: Sale) -> None:
    """Take a sale off the list, once it is accepted or dismissed; only an operator's own rights allow it. AP-42."""
    key = keys.review(sale.store_id, sale.receipt_id, sale_digest(sale))
    ledger.client.delete_item(TableName=ledger.tables.ledger, Key=encode(key._asdict()))


def _reviewed(item: Item) -> Reviewed:
    store_id, receipt_id, digest = item["sk"].split("#")
    sale = sale_of(item["de"], store_id=store_id, receipt_id=receipt_id, occurred_at=instant(item["o"]))
    return Reviewed(digest, sale, item.get("who"), item["why"], instant(item["at"]))
