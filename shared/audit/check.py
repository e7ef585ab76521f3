"""What must hold over everything that the ledger keeps, checked on items as they stand. Pure but for the programs.

| | |
|---|---|
| INV-1, 3, 5 | accounts equal their entries (`shared.ledger.audit`) |
| INV-2 | issued = redeemed - returned + expired + clawed back + written off + outstanding |
| INV-6 | what returns took from a sale never exceeds what it gave, and is exactly that once all is returned |
| INV-6a | the calculation, done again from what the sale keeps, gives what the sale gave |
| INV-7 | stock taken = live redemptions |
| INV-9 | budgets spent = what sales took - what returns gave back, and no budget is below zero |
| INV-10 | a member is referred once, by another one, and no chain of referrals closes |
| INV-11 | listed for the staff are the redemptions that wait (`shared.redemption.rebuild_requests`) |
| INV-8 | tiers follow from entries, program versions and the clock (`shared.tiers.audit`) |
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from shared import keys
from shared.earning.audit import (
    Referrals,
    Spent,
    referral_differences,
    referrals_in,
    reversal_differences,
    spent_of_budgets,
)
from shared.earning.explanations import explain_sale
from shared.earning.receipts import Receipt, read_collection
from shared.ledger.account import Account, ImpossibleMovementError
from shared.ledger.audit import differences
from shared.ledger.entries import Entry
from shared.ledger.items import account_of, entry_of
from shared.program.store import Programs
from shared.redemption.audit import Pieces, live_pieces, may_wait
from shared.runtime.attributes import Item
from shared.tiers.audit import tier_differences

T = TypeVar("T", Account, Entry)


@dataclass(slots=True)
class Findings:
    """What an audit of some members, or of all, found. Points by kind of entry are sums of points and pending."""

    accounts: int = 0
    entries: int = 0
    receipts: int = 0
    points: Counter[str] = field(default_factory=Counter)
    outstanding: int = 0
    taken: Pieces = field(default_factory=Counter)
    spent: Spent = field(default_factory=Counter)
    waiting: set[str] = field(default_factory=set)
    referrals: Referrals = field(default_factory=Referrals)
    differences: list[str] = field(default_factory=list)
    members: set[str] = field(default_factory=set)

    def add(self, other: "Findings") -> None:
        self.accounts += other.accounts
        self.entries += other.entries
        self.receipts += other.receipts
        self.points.update(other.points)
        self.outstanding += other.outstanding
        self.taken.update(other.taken)
        self.spent.update(other.spent)
        self.waiting |= other.waiting
        self.referrals.update(other.referrals)
        self.differences.extend(other.differences)
        self.members |= other.members

    def found(self, member_id: str, text: str) -> None:
        self.members.add(member_id)
        self.differences.append(f"{member_id}: {text}")


def invariant_of(difference: str) -> str:
    """Name the invariant that a difference breaks, which says nothing about anybody."""
    named = re.search(r"INV-\d+a?", difference)
    return named[0] if named else ""


def is_entry(item: Item) -> bool:
    return "mv" in item


def check_members(accounts: Iterable[Item], items: Sequence[Item], programs: Programs) -> Findings:
    """Check accounts against all items of the ledger that concern their members."""
    findings = Findings()
    by_member: dict[str, list[Entry]] = defaultdict(list)
    for entry in _readable((item for item in items if is_entry(item)), entry_of, findings):
        by_member[entry.member_id].append(entry)
        findings.entries += 1
        findings.points[entry.kind.value] += entry.movement.points + entry.movement.points_pending
    findings.taken = live_pieces(items)
    findings.spent = spent_of_budgets(items)
    findings.waiting = may_wait(items)
    findings.referrals = referrals_in(items)
    for member_id, text in reversal_differences(items):
        findings.found(member_id, text)
    for account in _readable(accounts, account_of, findings):
        findings.accounts += 1
        findings.outstanding += account.balance.available + account.held + account.balance.pending
        entries = by_member.pop(account.member_id, [])
        for difference in (*differences(account, entries), *_tier_differences(account, entries, programs)):
            findings.found(account.member_id, difference)
    for member_id in by_member:
        findings.found(member_id, "INV-5 has entries and no account")
    _check_receipts(items, programs, findings)
    return findings


def check_program(findings: Findings) -> Iterator[str]:
    """Name what does not add up over the whole program (INV-2)."""
    total = sum(findings.points.values())
    if total != findings.outstanding:
        yield f"INV-2 entries add up to {total}, accounts to {findings.outstanding}"
    yield from referral_differences(findings.referrals)


def _tier_differences(account: Account, entries: Sequence[Entry], programs: Programs) -> Iterator[str]:
    """Check the tier where the entries add up; where they do not, that is told already."""
    with suppress(ImpossibleMovementError, KeyError):
        yield from tier_differences(account, entries, programs)


def _readable(items: Iterable[Item], read: Callable[[Item], T], findings: Findings) -> Iterator[T]:
    """Read items of one kind; those that nothing in this package can have written are findings."""
    for item in items:
        try:
            yield read(item)
        except (KeyError, TypeError, ValueError) as error:
            findings.found(str(item.get("id", item.get("m"))), f"INV-5 cannot be read ({error!r}): {item}")


def _check_receipts(items: Iterable[Item], programs: Programs, findings: Findings) -> None:
    collections: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item["sk"] == keys.SALE or item["sk"].startswith((keys.RETURN_PREFIX, keys.BONUS_PREFIX)):
            collections[item["pk"]].append(item)
    for pk, collection in collections.items():
        receipt = read_collection(sorted(collection, key=lambda item: str(item["sk"]))).receipt
        if receipt is None:
            continue
        findings.receipts += 1
        if receipt.grant:
            for difference in _receipt_differences(receipt, programs):
                findings.found(receipt.grant.member_id, f"{pk}: {difference}")


def _receipt_differences(receipt: Receipt, programs: Programs) -> Iterator[str]:
    if receipt.grant is None:
        return
    undone = sum(item["de"]["tk"] for item in receipt.undone)
    earned, taken = receipt.grant.earned, receipt.taken + undone
    if taken > earned:
        yield f"INV-6 returns took {taken}, the sale gave {earned}"
    nothing_left = all(line.net_minor == 0 for line in receipt.left_before().lines)
    if receipt.returns and nothing_left and taken != earned:
        yield f"INV-6 all is returned and {taken} of {earned} taken back"
    again = explain_sale(receipt, programs).points
    if again != earned:
        yield f"INV-6a the sale gave {earned}, its inputs give {again}"
    numbers = [one.number for one in receipt.returns]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"INV-6 returns are numbered {numbers}"
