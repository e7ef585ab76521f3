"""An account is frozen, and opened again, by hand: while it is frozen its points are not spent, and sales still earn.

That it is so already is no reason to write anything: whoever repeats a request is answered as the first time.
"""

from dataclasses import dataclass

from shared import keys
from shared.ledger.account import Movement
from shared.ledger.entries import EntryKind
from shared.ledger.entry_ids import entry_id
from shared.ledger.posting import begin
from shared.ledger.store import Guard, Ledger, settled, stale
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience
from shared.tiers.time_rules import TimeRules
from shared.trail.deeds import Deed, What
from shared.trail.store import recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Freezing:
    """Whose account is to be frozen or opened, why (a code), by whom, and for which store, if for one."""

    member_id: str
    frozen: bool
    reason: str
    author: str
    store_id: str = ""


def freeze_member(freezing: Freezing, rules: TimeRules, ledger: Ledger, patience: Patience, *, clock: Clock) -> bool:
    """Freeze an account, or open it; say whether that changed anything.

    Raises MemberNotFoundError, NoProgramError and BusyError.
    """
    return settled(lambda: _freeze(freezing, rules, ledger, patience, clock=clock), patience)


def _freeze(freezing: Freezing, rules: TimeRules, ledger: Ledger, patience: Patience, *, clock: Clock) -> bool:
    account = ledger.account(freezing.member_id)
    if account.frozen == freezing.frozen:
        return False
    now = clock()
    posting = begin(account, now, rules.at(now))
    kind, name, what = (
        (EntryKind.FROZEN, keys.frozen, What.MEMBER_FROZEN)
        if freezing.frozen
        else (EntryKind.UNFROZEN, keys.unfrozen, What.MEMBER_UNFROZEN)
    )
    key = name(freezing.member_id, posting.account.version)
    posting = posting.add(
        kind,
        key,
        Movement(frozen=freezing.frozen),
        store_id=freezing.store_id or None,
        details={"why": freezing.reason, "by": freezing.author},
    )
    deed = Deed(
        what=what,
        at=now,
        who=freezing.author,
        about=entry_id(key),
        member_id=freezing.member_id,
        store_id=freezing.store_id,
        why=freezing.reason,
    )
    # The entry decides before its record does: where somebody was first, both are there.
    guards = {key: Guard(refusal=stale)}
    ledger.commit(posting, patience, guards=guards, beside=[recording(deed, table=ledger.tables.ledger)])
    return True
