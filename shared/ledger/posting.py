"""A posting: the account as loaded, brought up to the present, and the entries that one transaction will add.

`begin` is where every command and query starts: points whose day has come become usable, lots whose last day is
over lapse, in that order. A query looks at the account that results; a command adds its entries and commits them
all together, so that an expired point is never shown or spent even where no sweep has run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared import keys
from shared.keys import Key
from shared.ledger.account import Account, Movement
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.lots import has_lapsed, read_pending_lot
from shared.ledger.movements import credit
from shared.ledger.retention import open_counters, recent_months


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Use `begin` to make one. `loaded_version` is the version that must still stand when it is committed."""

    account: Account
    loaded_version: int
    at: datetime
    today: date
    entries: tuple[Entry, ...] = ()

    def add(
        self,
        kind: EntryKind,
        key: Key,
        movement: Movement,
        *,
        occurred_at: datetime | None = None,
        store_id: str | None = None,
        label: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> "Posting":
        """Give the posting with one more entry, and with what lapses at once because of it."""
        after = self._with(
            kind,
            key,
            movement,
            occurred_at=occurred_at or self.at,
            store_id=store_id,
            label=label,
            details=details or {},
        )
        return after._settled()  # noqa: SLF001 its own class

    def _settled(self) -> "Posting":
        posting = self
        for pending_lot in sorted(self.account.pending):
            activates_on, lot = read_pending_lot(pending_lot)
            if activates_on > self.today:
                break
            points = posting.account.pending[pending_lot]
            usable = credit(posting.account, {lot: points})
            key = keys.activated(self.account.member_id, pending_lot, posting._sequence)
            movement = replace(usable, pending={pending_lot: -points})
            posting = posting._with(EntryKind.ACTIVATED, key, movement, occurred_at=self.at)
        for lot, points in sorted(posting.account.lots.items()):
            if not has_lapsed(lot, self.today):
                break
            key = keys.expired(self.account.member_id, lot, posting._sequence)  # noqa: SLF001
            movement = Movement(lots={lot: -points})
            posting = posting._with(EntryKind.EXPIRED, key, movement, occurred_at=self.at)  # noqa: SLF001
        return posting

    @property
    def _sequence(self) -> str:
        """Name the place of the next entry: the account's version and the position in it. It cannot come twice."""
        return f"{self.account.version}.{len(self.entries)}"

    def _with(
        self,
        kind: EntryKind,
        key: Key,
        movement: Movement,
        *,
        occurred_at: datetime,
        store_id: str | None = None,
        label: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> "Posting":
        account = self.account.moved(movement)
        entry = Entry(
            key=key,
            kind=kind,
            member_id=account.member_id,
            posted_at=self.at,
            account_version=account.version,
            position=len(self.entries),
            occurred_at=occurred_at,
            movement=movement,
            balance=account.balance,
            store_id=store_id,
            label=label,
            details=details or {},
        )
        return replace(self, account=account, entries=(*self.entries, entry))


def begin(account: Account, now: datetime, zone: ZoneInfo) -> Posting:
    """Bring an account up to the present: activate what is due, then lapse what is over.

    `now` is aware; an account that has seen a later instant stays there, so that its time never goes back.
    """
    at = max(now, account.as_of)
    today = at.astimezone(zone).date()
    posting = Posting(
        account=replace(
            account,
            version=account.version + 1,
            as_of=at,
            qualifying=recent_months(account.qualifying, today),
            counters=open_counters(account.counters, today),
        ),
        loaded_version=account.version,
        at=at,
        today=today,
    )
    return posting._settled()  # noqa: SLF001 the other half of this module


def as_of(account: Account, now: datetime, zone: ZoneInfo) -> Account:
    """Give the account as it truly stands at an instant, for a query: nothing is written."""
    return replace(begin(account, now, zone).account, version=account.version)
