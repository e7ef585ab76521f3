"""Does an account equal its entries? Rebuild it from nothing and compare. Pure.

Checked for one member: INV-1 the sum of entries is lots + held - debt, pending kept apart; INV-3 nothing is ever
negative; INV-5 replaying the entries rebuilds the account field by field; and that there is an entry for every
version of the account, so that none is missing, none is another's, and none was posted before its predecessor.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

from shared.ledger.account import Account, ImpossibleMovementError, new_account
from shared.ledger.entries import Entry
from shared.ledger.lots import has_lapsed
from shared.ledger.retention import oldest_month

T = TypeVar("T")


def differences(account: Account, entries: Iterable[Entry]) -> Iterator[str]:
    """Name what differs between an account and its entries; nothing where all is well.

    The tier that enrolment gave is in no entry: an account whose entries name none may have any, without dates.
    """
    ordered = sorted(entries, key=lambda entry: (entry.account_version, entry.position))
    yield from _missing_versions(account, ordered)
    yield from _misplaced(account, ordered)
    rebuilt = new_account(
        account.member_id, at=account.as_of, enrolled_on=account.enrolled_on, tier_id=account.tier.tier_id
    )
    for entry in ordered:
        try:
            rebuilt = rebuilt.moved(entry.movement)
        except ImpossibleMovementError as error:
            yield f"INV-3 {entry.key.sk} of {entry.key.pk} makes something negative: {error}"
            return
        if rebuilt.balance != entry.balance:
            yield f"INV-1 {entry.key.sk} of {entry.key.pk} says {entry.balance}, the sum is {rebuilt.balance}"
    yield from _field_differences(account, replace(rebuilt, version=account.version))
    points = sum(entry.movement.points for entry in ordered)
    if points != account.balance.available + account.held:
        yield f"INV-1 entries add up to {points}, the account to {account.balance.available + account.held}"


def _missing_versions(account: Account, ordered: Sequence[Entry]) -> Iterator[str]:
    told = {entry.account_version for entry in ordered}
    missing = sorted(set(range(1, account.version + 1)) - told)
    if missing:
        yield f"INV-5 no entry made version {', '.join(map(str, missing[:5]))} of the account"
    unknown = sorted(told - set(range(1, account.version + 1)))
    if unknown:
        yield f"INV-5 entries made version {', '.join(map(str, unknown[:5]))}, the account is at {account.version}"


def _misplaced(account: Account, ordered: Sequence[Entry]) -> Iterator[str]:
    for entry in ordered:
        if entry.member_id != account.member_id:
            yield f"INV-1 {entry.key.sk} of {entry.key.pk} is another member's"
    for before, entry in pairwise(ordered):
        if entry.posted_at < before.posted_at:
            yield f"INV-5 {entry.key.sk} of {entry.key.pk} was posted before the entry that it follows"
    if ordered and ordered[-1].posted_at != account.as_of:
        yield f"INV-5 as_of is {account.as_of}, its last entry was posted at {ordered[-1].posted_at}"


def _field_differences(account: Account, rebuilt: Account) -> Iterator[str]:
    latest = account.as_of.date() + timedelta(days=1)  # no zone is further ahead of UTC than a day
    kept = replace(
        rebuilt,
        qualifying=_remembered(rebuilt.qualifying, account.qualifying, lambda month: month < oldest_month(latest)),
        counters=_remembered(
            rebuilt.counters, account.counters, lambda name: has_lapsed(name.rpartition(":")[2], latest)
        ),
    )
    for field in ("lots", "pending", "held", "debt", "qualifying", "counters", "tier", "frozen"):
        stands, should = getattr(account, field), getattr(kept, field)
        if stands != should:
            yield f"INV-5 {field} is {stands}, its entries make it {should}"


def _remembered(rebuilt: Mapping[str, T], account: Mapping[str, T], forgettable: Callable[[str], bool]) -> dict[str, T]:
    """Leave out what the account was allowed to forget, and did."""
    return {name: value for name, value in rebuilt.items() if name in account or not forgettable(name)}
