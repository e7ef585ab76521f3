"""The pure core alone: what the use cases decide, in their order, with dictionaries where they have tables.

Nothing here decides anything. A posting is kept whole or, where it raises, not at all; keys are taken once, accounts
go on from the version that was read, and what was kept is never touched again: that is all that tables promise.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from shared import keys
from shared.adjustments.adjustment import Adjustment, Reason, movement_of
from shared.earning.acting import Action, details_of, earned, evaluate, label_of
from shared.earning.events import ReturnEvent
from shared.earning.grants import Posted, grant, take_back, with_return
from shared.earning.history import Buyer, facts_of_sale
from shared.earning.receipts import Receipt, receipt_of, return_digest
from shared.earning.record_action import key_of
from shared.earning.referrals import for_enrolling, hand_out
from shared.earning.sale import Sale
from shared.earning.sale_items import sale_digest
from shared.keys import Key
from shared.ledger.account import Account, Qualifying, add_days, new_account
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_item
from shared.ledger.movements import credit, debit
from shared.ledger.posting import Posting, as_of, begin
from shared.program.actions import CHECK_IN
from shared.program.model import Program
from shared.redemption.redemptions import Redemption, redemption_details, redemption_of, written_pieces
from shared.redemption.rewards import Reward, obstacles
from shared.redemption.shards import take_from
from shared.runtime.attributes import Item
from shared.tiers.time_rules import ProgramRules

FROM_OUTSIDE: Final = "issued"
SPENT: Final = "spent"
LAPSED: Final = "lapsed"
_PURSE_OF: Final = {EntryKind.REDEEMED: SPENT, EntryKind.RETURNED: SPENT, EntryKind.EXPIRED: LAPSED}


class KeyTwiceError(Exception):
    """Two entries wanted one key."""


@dataclass(slots=True)
class Book:
    """A member: the account, what is in the table of its entries, and what follows from those alone."""

    account: Account
    written: list[Item] = field(default_factory=list)
    replayed: Account = field(init=False)
    days: dict[str, Qualifying] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.replayed = self.account

    def keep(self, posting: Posting) -> None:
        for entry in posting.entries:
            self.written.append(entry_item(entry))
            self.replayed = self.replayed.moved(entry.movement)
            if entry.movement.qualifying:
                self.days = dict(add_days(self.days, entry.movement.qualifying))
        self.account = posting.account


@dataclass(slots=True)
class Core:
    """A program, a reward with its pieces by shard, members, and the counterparts of their points (`purses`)."""

    program: Program
    reward: Reward
    stock: dict[int, int]
    books: dict[str, Book] = field(default_factory=dict)
    purses: Counter[str] = field(default_factory=Counter)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    redemptions: dict[str, Redemption] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    taken: set[Key] = field(default_factory=set)

    def chain_wide(self, _at: datetime) -> Program:
        return self.program

    def rules(self) -> ProgramRules:
        return ProgramRules(self.program, cast("Any", self), self._days)

    def open(self, member: str, now: datetime) -> None:
        rules = self.rules()
        self.books[member] = Book(new_account(member, at=now, enrolled_on=rules.day_of(now), tier_id="normal"))

    def account(self, member: str, now: datetime) -> Account:
        """Show an account as it stands now."""
        return as_of(self.books[member].account, now, self.rules())

    def sell(self, member: str, sale: Sale, now: datetime) -> Entry | None:
        """Record a sale; None where it is known already."""
        content = sale_digest(sale)
        known = self.receipts.get(sale.receipt_id)
        if known:
            assert known.digest == content
            return None
        posting = self._begin(member, now)
        buyer = Buyer(account=posting.account, today=posting.today)
        facts = facts_of_sale(sale, buyer, self.program, self.program.business_zone)
        posted = grant(posting, sale, facts, self.program, content=content)
        self._keep(posted.posting)
        self.receipts[sale.receipt_id] = receipt_of(entry_item(posted.entry))
        return posted.entry

    def take_back(self, event: ReturnEvent, now: datetime) -> Entry | None:
        """Record a return; None where it is known already. Raises RefundExceedsSaleError."""
        receipt = self.receipts[event.receipt_id]
        known = receipt.find(event.return_id)
        if known:
            assert known.digest == return_digest(event)
            return None
        posted: Posted = take_back(
            self._begin(str(receipt.item["m"]), now), receipt, event, lambda _number: self.program
        )
        self._keep(posted.posting)
        self.receipts[event.receipt_id] = with_return(receipt, posted)
        return posted.entry

    def redeem(self, member: str, redemption_id: str, quantity: int, now: datetime) -> Redemption | None:
        """Redeem; None where it is done already. Raises the first obstacle, and OutOfStockError."""
        if redemption_id in self.redemptions:
            return None
        posting = self._begin(member, now)
        for obstacle in obstacles(self.reward, quantity, posting.account, posting.today):
            raise obstacle
        pieces = take_from(self.stock, quantity, min, reward_id=self.reward.id)
        key = keys.redemption(redemption_id)
        posting = posting.add(
            EntryKind.REDEEMED,
            key,
            debit(posting.account, self.reward.points * quantity, halved_through=None),
            label=self.reward.name,
            details={**redemption_details(self.reward, quantity, "CNY", pieces, None), "g": "d"},
        )
        self._keep(posting)
        for shard, taken in pieces.items():
            self.stock[shard] -= taken
        self.redemptions[redemption_id] = redemption_of(_at(key, posting))
        return self.redemptions[redemption_id]

    def cancel(self, redemption_id: str, now: datetime) -> Entry | None:
        """Undo a redemption; None where it is undone already."""
        if redemption_id in self.cancelled:
            return None
        redemption = self.redemptions[redemption_id]
        posting, key = self._begin(redemption.member_id, now), keys.outcome(redemption_id)
        details = {"g": "c", "r": redemption.reward_id, "sh": written_pieces(redemption.taken)}
        posting = posting.add(EntryKind.RETURNED, key, credit(posting.account, redemption.lots), details=details)
        self._keep(posting)
        for shard, pieces in redemption.taken.items():
            self.stock[shard] += pieces
        self.cancelled.add(redemption_id)
        return _at(key, posting)

    def act(self, member: str, action: str, event_id: str, now: datetime) -> Entry | None:
        """Record what a member did; None where it is known already."""
        posting = self._begin(member, now)
        event_id = f"{posting.today:%y%m%d}" if action == CHECK_IN else event_id
        acted = Action(member_id=member, action=action, event_id=event_id, occurred_at=now)
        key = key_of(acted, self.program)
        if key in self.taken:
            return None
        award = evaluate(acted, posting.account, posting.today, self.program)
        movement = earned(award, acted, posting.account, posting.today, self.program)
        details = details_of(acted, award, self.program, {})
        posting = posting.add(EntryKind.ACTED, key, movement, label=label_of(award, self.program), details=details)
        self._keep(posting)
        return _at(key, posting)

    def refer(self, friend: str, referrer: str, now: datetime) -> tuple[int, int]:
        """Let a friend join by a member's code; give what each gets."""
        self.open(friend, now)
        postings = {friend: self._begin(friend, now), referrer: self._begin(referrer, now)}
        handed = hand_out(for_enrolling(friend, referrer, now), postings, self.program).postings
        self._keep(*handed.values())
        ours, theirs = (handed[one].entries[-1].movement.points for one in (friend, referrer))
        return ours, theirs

    def adjust(self, member: str, adjustment_id: str, points: int, now: datetime) -> Entry | None:
        """Give or take points by hand; None where it is done already. Raises InsufficientPointsError."""
        key = keys.adjustment_decided(adjustment_id)
        if key in self.taken:
            return None
        posting = self._begin(member, now)
        adjustment = Adjustment(
            id=adjustment_id,
            digest="d",
            member_id=member,
            store_id="SH001",
            points=points,
            reason=Reason.GOODWILL,
            author="li",
            requested_at=now,
            valid_through=None,
            needs_approval=False,
        )
        movement = movement_of(adjustment, posting.account, posting.today, self.program.points.expire)
        posting = posting.add(EntryKind.ADJUSTED, key, movement)
        self._keep(posting)
        return _at(key, posting)

    def sweep(self, member: str, now: datetime) -> bool:
        """Write down what is due, as a sweep does; say whether anything was."""
        posting = self._begin(member, now)
        if posting.entries:
            self._keep(posting)
        return bool(posting.entries)

    def _begin(self, member: str, now: datetime) -> Posting:
        return begin(self.books[member].account, now, self.rules())

    def _keep(self, *postings: Posting) -> None:
        made = [entry for posting in postings for entry in posting.entries]
        new = {entry.key for entry in made}
        if len(new) < len(made) or new & self.taken:
            raise KeyTwiceError(new & self.taken)
        self.taken |= new
        for posting in postings:
            book = self.books[posting.account.member_id]
            assert book.account.version == posting.loaded_version
            book.keep(posting)
        for entry in made:
            self.purses[_PURSE_OF.get(entry.kind, FROM_OUTSIDE)] -= entry.movement.points

    def _days(self, member: str, month: str) -> dict[str, Qualifying]:
        return {day: counted for day, counted in self.books[member].days.items() if day[:4] == month}


def _at(key: Key, posting: Posting) -> Entry:
    return next(entry for entry in posting.entries if entry.key == key)
