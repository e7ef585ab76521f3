"""A member's redemptions, with what became of each. Every read of them stands here."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shared import keys
from shared.errors import RedemptionNotFoundError
from shared.keys import Key
from shared.ledger.batch_reads import read_items
from shared.ledger.entries import EntryKind
from shared.ledger.store import HistoryFilters, Ledger
from shared.redemption.redemptions import Redemption, Status, is_redemption_id, redemption_in, status_of
from shared.runtime.attributes import AttributeValue
from shared.runtime.patience import Patience


class Fate(NamedTuple):
    """A redemption, and the key of the entry that returned its points, where it was cancelled."""

    redemption: Redemption
    status: Status
    returned: Key | None


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


def _fates(ledger: Ledger, redeemed: Iterable[Key], member_id: str, patience: Patience) -> list[Fate]:
    """Read redemptions and their outcomes by key."""
    pairs = [(key, Key(key.pk, keys.OUTCOME)) for key in redeemed]
    items = read_items(ledger, [key for pair in pairs for key in pair], patience, consistent=False)
    fates = []
    for key, outcome_key in pairs:
        redemption = redemption_in(items.get(key), member_id)
        if redemption:
            status = status_of(items.get(outcome_key))
            fates.append(Fate(redemption, status, outcome_key if status is Status.CANCELLED else None))
    return fates
