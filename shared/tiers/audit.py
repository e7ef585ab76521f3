"""INV-8: a member's tier follows from the entries, the program versions and the clock. Pure but for the programs.

Every decision that an entry records is taken again from the entries before it: an upgrade by a sale, an upgrade that
a return undoes, a review; and none that was due may be missing. A tier that was bought or set by hand is a fact.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from shared import keys
from shared.ledger.account import Account, Qualifying, TierState, add_days, new_account
from shared.ledger.entries import Entry, EntryKind
from shared.program.calendar import business_date
from shared.program.store import Programs
from shared.tiers.counting import counted_of
from shared.tiers.ladder import reached
from shared.tiers.time_rules import ProgramRules


def tier_differences(account: Account, entries: Iterable[Entry], programs: Programs) -> Iterator[str]:
    """Name every decision on a member's tier that another one should stand for."""
    ordered = sorted(entries, key=lambda entry: (entry.account_version, entry.position))
    tier_id = _first_tier(account, ordered)
    now = new_account(account.member_id, at=account.as_of, enrolled_on=account.enrolled_on, tier_id=tier_id)
    days: Mapping[str, Qualifying] = {}
    for _, together in groupby(ordered, key=lambda entry: entry.account_version):
        for entry in together:
            rules = _rules(entry, programs, add_days(days, entry.movement.qualifying))
            expected = _decided(entry, now, days, rules, programs)
            if expected != entry.movement.tier:
                yield f"INV-8 {entry.key.sk} of {entry.key.pk} says {entry.movement.tier}, it follows {expected}"
            now = now.moved(entry.movement)
            days = add_days(days, entry.movement.qualifying)
        missed = rules.review(now, rules.day_of(entry.posted_at))
        if missed:
            yield f"INV-8 version {entry.account_version} should have decided {missed.tier}"


def _decided(
    entry: Entry, before: Account, days: Mapping[str, Qualifying], rules: ProgramRules, programs: Programs
) -> TierState | None:
    """Decide again what an entry decided; what it says where it records a fact."""
    today = rules.day_of(entry.posted_at)
    if entry.kind is EntryKind.REVIEWED:
        review = rules.review(before, today)
        return review.tier if review else None
    if entry.kind is EntryKind.REVERSED:
        return rules.undone(before.moved(replace(entry.movement, tier=None)), {}, today)
    if entry.key.sk != keys.SALE:
        return entry.movement.tier
    program = programs.numbered(entry.details["v"])
    if program.tiers is None:
        return None
    counted = counted_of(before, {}, lambda _, month: _of_month(days, month), today, more=entry.movement.qualifying)
    return reached(before.tier, counted, program.tiers, business_date(entry.occurred_at, program.business_zone), today)


def _rules(entry: Entry, programs: Programs, days: Mapping[str, Qualifying]) -> ProgramRules:
    return ProgramRules(programs.chain_wide(entry.posted_at), programs, lambda _, month: _of_month(days, month))


def _of_month(days: Mapping[str, Qualifying], month: str) -> Mapping[str, Qualifying]:
    return {day: counted for day, counted in days.items() if day[:4] == month}


def _first_tier(account: Account, ordered: list[Entry]) -> str:
    """Give the tier of enrolment, which no entry tells: what the first change came from, or what stands."""
    changes = [entry.movement.tier for entry in ordered if entry.movement.tier]
    if not changes:
        return account.tier.tier_id
    return changes[0].before.tier_id if changes[0].before else ""
