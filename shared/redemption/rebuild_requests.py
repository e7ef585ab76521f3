"""Set right the list of redemptions that wait for the staff, where it says something else than they do.

LIST-1 A redemption and its fate are right; the list follows from them (INV-11). It stands in another table: after one
       of the two was restored, it may lack what waits and hold what was decided.
LIST-2 List and redemptions are read one after the other, so what looks wrong is looked at once more; and it is set
       right only as long as nobody has decided.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from shared import keys
from shared.errors import RedemptionNotFoundError
from shared.ledger.store import Ledger, stale
from shared.redemption.decide_redemption import find_fate
from shared.redemption.redemptions import Redemption, Status
from shared.redemption.requests import Listed, Requests
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, check, commit
from shared.trail.deeds import Deed, What
from shared.trail.store import recording

WAITING: Final = frozenset({Status.REQUESTED, Status.APPROVED})


class Mislisted(NamedTuple):
    """A redemption, how it is listed, and how it waits; None: not at all. `redemption` None: there is no such one."""

    redemption_id: str
    listed: Listed | None
    status: Status | None
    redemption: Redemption | None

    def __str__(self) -> str:
        listed = f"listed as {self.listed.status}" if self.listed else "not listed"
        return f"{self.redemption_id}: {listed}, and it {f'is {self.status}' if self.status else 'waits for nobody'}"


def mislisted(waiting: Iterable[str], requests: Requests, ledger: Ledger) -> list[Mislisted]:
    """Name what is listed wrongly, of the list and of the redemptions that may wait (their ids)."""
    listed = requests.everything()
    found = {one.redemption_id: one for one in _differing({*waiting, *listed}, listed, ledger)}
    if not found:
        return []
    return [one for one in _differing(found, requests.everything(), ledger) if one == found[one.redemption_id]]


def list_right(
    found: Mislisted, requests: Requests, ledger: Ledger, patience: Patience, *, author: str, at: datetime
) -> None:
    """List a redemption as it is, or no more, and record who did it.

    Raises StaleReadError where somebody decided meanwhile, and BusyError. AP-97.
    """
    member_id = found.redemption.member_id if found.redemption else ""
    deed = Deed(what=What.REQUEST_REBUILT, at=at, who=author, about=found.redemption_id, member_id=member_id)
    table = ledger.tables.ledger
    right = requests.righting(found.listed, found.redemption, found.status)
    commit(ledger.client, [*_undecided(found, table), right, recording(deed, table=table)], patience)


def _differing(ids: Iterable[str], listed: dict[str, Listed], ledger: Ledger) -> Iterator[Mislisted]:
    for redemption_id in sorted(ids):
        try:
            fate = find_fate(redemption_id, ledger)
        except RedemptionNotFoundError:
            status = redemption = None
        else:
            status, redemption = fate.status if fate.status in WAITING else None, fate.redemption
        place = listed.get(redemption_id)
        if status != (place.status if place else None):
            yield Mislisted(redemption_id, place, status, redemption)


def _undecided(found: Mislisted, table: str) -> Iterator[ConditionalWrite]:
    """Check that what waits was not decided since; what has its fate keeps it."""
    absent = "attribute_not_exists(pk)"
    if found.status:
        yield check(table, keys.outcome(found.redemption_id)._asdict(), condition=absent, refusal=stale)
    if found.status is Status.REQUESTED:
        yield check(table, keys.approval(found.redemption_id)._asdict(), condition=absent, refusal=stale)
