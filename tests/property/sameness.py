"""Does an account say what the model says, and does all hold that must? Compared field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from shared.ledger.account import Account
from shared.ledger.audit import differences
from shared.ledger.items import account_item, entry_of
from tests.ledger_model import Model
from tests.ledger_standing import FOREVER, TIERS, Standing
from tests.property.core import Core

LARGEST: Final = 2**53


def same(account: Account, expected: Standing) -> None:
    """L1, L3, L4, L8: lots, pending points, debt and tier, as they stand now."""
    assert {_day(lot): points for lot, points in account.lots.items()} == expected.lots
    assert {_pending(key): points for key, points in account.pending.items()} == expected.pending
    assert (account.debt, account.held) == (expected.debt, 0)
    assert account.balance.available == expected.available
    assert account.tier.tier_id == TIERS[expected.tier]
    assert (account.tier.since, account.tier.valid_until) == (expected.since, expected.until)
    assert not (account.debt and account.spendable)


def same_months(account: Account, expected: Standing) -> None:
    """Compare what counts for the tier in the months that the account still remembers."""
    kept: Mapping[str, list[int]] = account_item(account).get("q", {})
    for month, counts in kept.items():
        assert counts == expected.month(month)


def hold(core: Core, model: Model, members: Iterable[str], now: datetime) -> None:
    """L1 to L4, L6, L8, L10, L13, of some members, and L2 and L11 of all."""
    for member in members:
        book = core.books[member]
        account = book.account if book.account.as_of >= now else core.account(member, now)
        same(account, model.standing(member, now))
        replayed = book.replayed
        assert (replayed.lots, replayed.pending) == (book.account.lots, book.account.pending)
        assert (replayed.debt, replayed.tier) == (book.account.debt, book.account.tier)
        assert all(0 < points <= LARGEST for points in (*account.lots.values(), *account.pending.values()))
    total = sum(book.account.spendable - book.account.debt for book in core.books.values())
    assert total + sum(core.purses.values()) == 0
    assert min(core.stock.values()) >= 0


def stands_as_written(core: Core, model: Model, now: datetime) -> None:
    """L5, L6: what was written makes the account when it is read again, in its order, each by the one before it."""
    for member, book in core.books.items():
        read = [entry_of(item) for item in book.written]
        account = replace(book.account, as_of=read[-1].posted_at) if read else book.account
        assert list(differences(account, read)) == []
        same_months(book.account, model.standing(member, now))


def _day(lot: str) -> date:
    return FOREVER if lot == "~" else date(2000 + int(lot[:2]), int(lot[2:4]), int(lot[4:]))


def _pending(key: str) -> tuple[date, date]:
    activates, lot = key.split(">")
    return _day(activates), _day(lot)
