"""Reading many items of the ledger by their keys in few calls."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.keys import Key
from shared.ledger.store import Ledger
from shared.runtime.attributes import AttributeValue, Item, decode, encode
from shared.runtime.patience import Patience

MOST_KEYS: Final = 100
"""How many items one call reads by their keys."""


def read_items(ledger: Ledger, wanted: Iterable[Key], patience: Patience, *, consistent: bool) -> dict[Key, Item]:
    """Read the items that exist, 100 keys a call. Raises BusyError when some stay throttled. AP-18, AP-33, AP-34."""
    pending: list[Mapping[str, AttributeValue]] = [encode(key._asdict()) for key in wanted]
    found: dict[Key, Item] = {}
    failures = 0
    while pending:
        asked, pending = pending[:MOST_KEYS], pending[MOST_KEYS:]
        request: dict[str, Any] = {ledger.tables.ledger: {"Keys": asked, "ConsistentRead": consistent}}
        answer = ledger.client.batch_get_item(RequestItems=request)
        for attributes in answer["Responses"].get(ledger.tables.ledger, ()):
            item = decode(attributes)
            found[Key(item["pk"], item["sk"])] = item
        unread = answer.get("UnprocessedKeys", {}).get(ledger.tables.ledger, {}).get("Keys", [])
        if unread:
            pending = [*unread, *pending]
            patience.pause(failures)
            failures += 1
    return found
