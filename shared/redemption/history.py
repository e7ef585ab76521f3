"""A member's redemptions, with what became of each. Every read of them stands here."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shared import keys
from shared.errors import RedemptionNotFoundError
from shared.keys import Key
from shared.ledger.batch_reads import read_items
from shared.ledger.entries import EntryKind
from shared.ledger.store import HistoryFilters, Ledger
from shared.redemption.redemptions import Fate, fate_in, is_redemption_id
from shared.runtime.attributes import AttributeValue, Item
from shared.runtime.patience import Patience


class RedemptionPage(NamedTuple):
    """Redemptions, newest first, and the key to start the next page from, where there is more."""

    items: list[Fate]
    following: Mapping[str, AttributeValue] | None


def redemption_page(
    ledger: Ledger,
    member_id: str,
    patience: Patience,
    *,
    limit: int,
    start: Mapping[str, AttributeValue] | None,
    stores: frozenset[str] | None = None,
) -> RedemptionPage:
    """Read a page of redemptions, newest first: history, then items. Eventually consistent.

    `stores` leaves out those that are picked up elsewhere. AP-04, AP-34.
    """
    filters = HistoryFilters(kind=EntryKind.REDEEMED, stores=stores)
    page = ledger.history(member_id, limit=limit, start=start, filters=filters)
    return RedemptionPage(
        _fates(ledger, [summary.key for summary in page.entries], member_id, patience), page.following
    )


def find_redemption(ledger: Ledger, redemption_id: str, member_id: str, patience: Patience) -> Fate:
    """Read one redemption. Raises RedemptionNotFoundError for a missing, a refused, another's one alike. AP-34."""
    if not is_redemption_id(redemption_id):
        raise RedemptionNotFoundError
    found = _fates(ledger, [keys.redemption(redemption_id)], member_id, patience)
    if not found:
        raise RedemptionNotFoundError
    return found[0]


def read_fates(ledger: Ledger, redemption_ids: Iterable[str], patience: Patience) -> list[Fate]:
    """Read redemptions of whomever with what became of them. Eventually consistent. AP-34."""
    return _fates(ledger, [keys.redemption(one) for one in redemption_ids], None, patience)


def _fates(ledger: Ledger, redeemed: Iterable[Key], member_id: str | None, patience: Patience) -> list[Fate]:
    """Read redemptions and outcomes by key, and approvals where one is needed."""
    wanted = list(redeemed)
    pairs = [Key(key.pk, sk) for key in wanted for sk in (keys.REDEEMED, keys.OUTCOME)]
    items = read_items(ledger, pairs, patience, consistent=False)
    reviewed = [key for key in wanted if items.get(key, {}).get("de", {}).get("rv")]
    items |= read_items(ledger, [Key(key.pk, keys.APPROVED) for key in reviewed], patience, consistent=False)
    by_partition: dict[str, dict[str, Item]] = {key.pk: {} for key in wanted}
    for key, item in items.items():
        by_partition[key.pk][key.sk] = item
    return [fate for one in by_partition.values() if (fate := fate_in(one, member_id))]
