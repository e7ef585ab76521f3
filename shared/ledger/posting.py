"""A posting: the account as loaded, brought up to the present, and the entries that one transaction will add.

`begin` is where every command and query starts: points whose day has come become usable, lots whose last day is
over lapse or are extended, tiers whose last day is over are reviewed, in that order. A query looks at the account
that results; a command adds its entries and commits them all together, so that an expired point is never shown or
spent, and a lost tier never counts, even where no sweep has run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from shared import keys
from shared.keys import Key
from shared.ledger.account import Account, Movement, Qualifying, add_days
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.lots import Lots, add, has_lapsed, negated, read_pending_lot
from shared.ledger.movements import credit
from shared.ledger.retention import open_counters, recent_months
from shared.ledger.rules import Rules

MOST_SETTLED: Final = 12
"""How many entries activations, and lapses, make at most each: a member may come back after a hundred lots lapsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Use `begin` to make one. `loaded_version` is the version that must still stand when it is committed."""

    account: Account
    loaded_version: int
    at: datetime
    today: date
    rules: Rules
    entries: tuple[Entry, ...] = ()

    @property
    def fresh(self) -> Mapping[str, Qualifying]:
        """What this posting's own entries count for the tier, by day: nobody can have read it yet."""
        counted: Mapping[str, Qualifying] = {}
        for entry in self.entries:
            counted = add_days(counted, entry.movement.qualifying)
        return counted

    def entry_at(self, key: Key) -> Entry:
        """Give the entry of this posting that has a key."""
        return next(entry for entry in self.entries if entry.key == key)

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
        due = [lot for lot in sorted(self.account.pending) if read_pending_lot(lot).activates_on <= self.today]
        for together in _in_entries(due):
            pending = {pending_lot: self.account.pending[pending_lot] for pending_lot in together}
            movement = replace(credit(posting.account, _joined(pending)), pending=negated(pending))
            key = keys.activated(self.account.member_id, together[-1], posting._sequence)
            posting = posting._with(EntryKind.ACTIVATED, key, movement, occurred_at=self.at)
        posting = posting._extended()  # noqa: SLF001 its own class
        over = [lot for lot in sorted(posting.account.lots) if has_lapsed(lot, self.today)]
        for together in _in_entries(over):
            movement = Movement(lots={lot: -posting.account.lots[lot] for lot in together})
            key = keys.expired(self.account.member_id, together[-1], posting._sequence)  # noqa: SLF001
            posting = posting._with(EntryKind.EXPIRED, key, movement, occurred_at=self.at)  # noqa: SLF001
        return posting._reviewed()  # noqa: SLF001

    def _extended(self) -> "Posting":
        """Give lapsing lots more time, where the rules do."""
        moves = {
            lot: to
            for lot in self.account.lots
            if has_lapsed(lot, self.today) and (to := self.rules.extended(self.account, lot))
        }
        if not moves:
            return self
        changes = negated({lot: self.account.lots[lot] for lot in moves})
        for lot, to in moves.items():
            changes = add(changes, {to: self.account.lots[lot]})
        key = keys.extended(self.account.member_id, max(moves), self._sequence)
        return self._with(EntryKind.EXTENDED, key, Movement(lots=changes), occurred_at=self.at)

    def _reviewed(self) -> "Posting":
        """Decide on the tier as often as a decision is due: a member may come back after years."""
        posting = self
        while review := self.rules.review(posting.account, self.today):
            ended = posting.account.tier.valid_until or self.today
            key = keys.reviewed(self.account.member_id, f"{ended:%y%m%d}", posting._sequence)
            movement = Movement(tier=review.tier)
            posting = posting._with(
                EntryKind.REVIEWED, key, movement, occurred_at=self.at, label=review.label, details=review.details
            )
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


def _in_entries(lots: Sequence[str]) -> Iterator[Sequence[str]]:
    """Give each lot an entry of its own, or several one, where there are more than a transaction should hold."""
    size = max(1, -(-len(lots) // MOST_SETTLED))
    return (lots[start : start + size] for start in range(0, len(lots), size))


def _joined(pending: Lots) -> Lots:
    """Give the lots that pending lots become, with their points."""
    joined: dict[str, int] = {}
    for pending_lot, points in pending.items():
        joined = add(joined, {read_pending_lot(pending_lot).lot: points})
    return joined


def begin(account: Account, now: datetime, rules: Rules) -> Posting:
    """Bring an account up to the present: activate what is due, lapse what is over, review the tier.

    `now` is aware; an account that has seen a later instant stays there, so that its time never goes back.
    """
    at = max(now, account.as_of)
    today = rules.day_of(at)
    posting = Posting(  # noqa: SLF001 the other half of this module
        account=replace(account, version=account.version + 1, as_of=at),
        loaded_version=account.version,
        at=at,
        today=today,
        rules=rules,
    )._settled()
    qualifying = recent_months(posting.account.qualifying, today)
    counters = open_counters(posting.account.counters, today)
    if qualifying is posting.account.qualifying and counters is posting.account.counters:
        return posting
    return replace(posting, account=replace(posting.account, qualifying=qualifying, counters=counters))


def as_of(account: Account, now: datetime, rules: Rules) -> Account:
    """Give the account as it truly stands at an instant, for a query: nothing is written."""
    return replace(begin(account, now, rules).account, version=account.version)
