"""Rebuild an account that differs from its entries, by these: after a restore, or a change by hand. An operator's act.

What was read decides what is written, and the account's version guards it: who moves meanwhile is looked at anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.audit.check import is_entry
from shared.audit.look import Looking, items_of_member, look
from shared.errors import MemberNotFoundError
from shared.ledger.account import Account
from shared.ledger.entries import Entry
from shared.ledger.items import account_item, account_of, entry_of
from shared.ledger.rebuild import Beginning, UnsoundEntriesError, rebuilt
from shared.messages.store import Recipients
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.tiers.time_rules import TimeRules
from shared.trail.deeds import Deed, What
from shared.trail.store import recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilding:
    """What rebuilding works with. The profiles say when a member enrolled whose account is gone."""

    looking: Looking
    profiles: Recipients
    rules: TimeRules


class Plan(NamedTuple):
    """What differs, the account's item as it was read (None: there is none), and the account to put in its place."""

    differences: Sequence[str]
    stands: Item | None
    account: Account


def plan_rebuild(member_id: str, rebuilding: Rebuilding, patience: Patience) -> Plan | None:
    """Say what a member's account must become; None where it equals its entries.

    Raises UnsoundEntriesError where the entries do not add up or the account is not at fault, MemberNotFoundError
    where nothing at all is known of the member, and BusyError.
    """
    ledger = rebuilding.looking.ledger
    stands = ledger.account_item(member_id)
    differences = look(member_id, rebuilding.looking, patience).differences
    if stands is not None and not differences:
        return None
    items = items_of_member(member_id, ledger, patience, consistent=True)
    entries = _readable_entries(items)
    beginning = _beginning(member_id, entries, rebuilding)
    rules = rebuilding.rules.at(max((entry.posted_at for entry in entries), default=beginning.at))
    account = rebuilt(member_id, _readable(stands), entries, beginning, rules)
    if stands == account_item(account):
        raise UnsoundEntriesError("the account follows from its entries; what differs lies in them")
    return Plan(differences or [f"{member_id}: INV-5 has no account"], stands, account)


def rebuild_account(plan: Plan, rebuilding: Rebuilding, patience: Patience, *, author: str, at: datetime) -> None:
    """Put the planned account in its place and record who did it. Raises StaleReadError: plan again, and BusyError."""
    ledger, member_id = rebuilding.looking.ledger, plan.account.member_id
    deed = Deed(what=What.ACCOUNT_REBUILT, at=at, who=author, about=member_id, member_id=member_id)
    recorded = recording(deed, table=ledger.tables.ledger)
    ledger.replace_account(plan.stands, plan.account, patience, beside=[recorded])


def _readable(item: Item | None) -> Account | None:
    try:
        return account_of(item) if item else None
    except (KeyError, TypeError, ValueError):
        return None


def _readable_entries(items: Sequence[Item]) -> list[Entry]:
    try:
        return [entry_of(item) for item in items if is_entry(item)]
    except (KeyError, TypeError, ValueError) as error:
        raise UnsoundEntriesError("an entry cannot be read") from error


def _beginning(member_id: str, entries: Sequence[Entry], rebuilding: Rebuilding) -> Beginning:
    """Give how the account began: by the profile, else by the first entry. Raises MemberNotFoundError."""
    recipient = rebuilding.profiles.read(member_id)
    if recipient is not None:
        at = recipient.profile.enrolled_at
    elif entries:
        at = min(entry.posted_at for entry in entries)
    else:
        raise MemberNotFoundError
    moment = rebuilding.rules.moment(at)
    return Beginning(at=at, enrolled_on=moment.today, tier_id=moment.program.lowest_tier)
