"""What the trail tells of a day."""

from datetime import date

from shared.ledger.store import Ledger
from shared.trail.deeds import Deed
from shared.trail.store import Trail


def deeds_on(day: date, ledger: Ledger) -> list[Deed]:
    """Read all deeds of a day (UTC), newest first."""
    trail = Trail(client=ledger.client, table=ledger.tables.ledger)
    return trail.page(day, lambda _: True, limit=1000).deeds


def told(deeds: list[Deed]) -> list[tuple[str, str, str]]:
    """Say what was done by whom to which member."""
    return [(deed.what.value, deed.who, deed.member_id) for deed in deeds]
