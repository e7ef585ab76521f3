"""Rebuild an account from its entries alone: for a table that was restored, or that somebody changed by hand. Pure.

REBUILD-1 The entries are right. They are followed only where they are right by themselves: one for every version, in
time, each with the balance that the sum of those before it gives.
REBUILD-2 What no entry tells stays as it stands, where an account stands: the day of enrolment, a tier that nothing
has changed yet, a freeze. Otherwise it is as enrolment made it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby, pairwise

from shared.ledger.account import Account, ImpossibleMovementError, new_account
from shared.ledger.entries import Entry
from shared.ledger.retention import open_counters, recent_months
from shared.ledger.rules import Rules


class UnsoundEntriesError(Exception):
    """A member's entries do not add up by themselves: no account can be rebuilt from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How enrolment made the account: the instant, the local day, the lowest tier of that time."""

    at: datetime
    enrolled_on: date
    tier_id: str


def rebuilt(
    member_id: str, stands: Account | None, entries: Iterable[Entry], beginning: Beginning, rules: Rules
) -> Account:
    """Give the account that a member's entries make; `rules` say on which day the last one was posted.

    Raises UnsoundEntriesError.
    """
    ordered = sorted(entries, key=lambda entry: (entry.account_version, entry.position))
    _check_order(ordered)
    account = _at_first(member_id, stands, beginning)
    for entry in ordered:
        try:
            account = account.moved(entry.movement)
        except ImpossibleMovementError as error:
            raise UnsoundEntriesError(f"{entry.key.sk} of {entry.key.pk} makes something negative") from error
        if account.balance != entry.balance:
            raise UnsoundEntriesError(f"{entry.key.sk} of {entry.key.pk} has another balance than the sum up to it")
    if not ordered:
        return account
    last = ordered[-1]
    today = rules.day_of(last.posted_at)
    return replace(
        account,
        version=last.account_version,
        as_of=last.posted_at,
        qualifying=recent_months(account.qualifying, today),
        counters=open_counters(account.counters, today),
    )


def _at_first(member_id: str, stands: Account | None, beginning: Beginning) -> Account:
    tier_id = stands.tier.tier_id if stands and stands.tier.since is None else beginning.tier_id
    enrolled_on = stands.enrolled_on if stands else beginning.enrolled_on
    account = new_account(member_id, at=beginning.at, enrolled_on=enrolled_on, tier_id=tier_id)
    return replace(account, frozen=bool(stands and stands.frozen))


def _check_order(ordered: Sequence[Entry]) -> None:
    versions = [version for version, _ in groupby(entry.account_version for entry in ordered)]
    if versions != list(range(1, len(versions) + 1)):
        missing = sorted(set(range(1, max(versions))) - set(versions))
        raise UnsoundEntriesError(f"no entry made version {', '.join(map(str, missing[:5]))}")
    places = [(entry.account_version, entry.position) for entry in ordered]
    if len(set(places)) != len(places):
        raise UnsoundEntriesError("two entries stand at one place of the account's history")
    if any(after.posted_at < before.posted_at for before, after in pairwise(ordered)):
        raise UnsoundEntriesError("an entry was posted before the one that it follows")
