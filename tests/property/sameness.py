"""Does an account say what the model says? Compared field by field."""

from collections.abc import Mapping
from datetime import date

from shared.ledger.account import Account
from shared.ledger.items import account_item
from tests.ledger_standing import FOREVER, TIERS, Standing


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


def _day(lot: str) -> date:
    return FOREVER if lot == "~" else date(2000 + int(lot[:2]), int(lot[2:4]), int(lot[4:]))


def _pending(key: str) -> tuple[date, date]:
    activates, lot = key.split(">")
    return _day(activates), _day(lot)
