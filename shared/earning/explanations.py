"""Explain what is recorded: done again from the inputs that the ledger keeps, by the version that was in force."""

from dataclasses import replace

from shared.earning.calculate import Award, calculate
from shared.earning.grants import granted
from shared.earning.outcomes import Outcome
from shared.earning.receipts import Receipt, Return
from shared.ledger.entries import Entry
from shared.program.store import Programs


def explain_sale(receipt: Receipt, programs: Programs) -> Award:
    """Calculate again what a member's sale earned."""
    given = granted(receipt)
    return calculate(receipt.sale, given.facts, programs.numbered(given.program_version))


def explain_return(receipt: Receipt, one: Return, programs: Programs) -> Award:
    """Calculate again what was left of a member's sale right after one of its returns."""
    given = receipt.grant_now(before=one.item["t"]) or granted(receipt)
    until_then = replace(receipt, returns=tuple(other for other in receipt.returns if other.number <= one.number))
    return calculate(until_then.left_before(), given.facts, programs.numbered(given.program_version))


def outcome_of(entry: Entry, award: Award) -> Outcome:
    """Give the till's answer to the event that made an entry."""
    before = entry.details.get("f", entry.details)["t"]
    tier = entry.movement.tier.tier_id if entry.movement.tier else before
    return Outcome(
        result="applied",
        key=entry.key,
        points=entry.movement.points,
        points_pending=entry.movement.points_pending,
        balance=entry.balance,
        tier=tier,
        explain=award.explain,
        not_applied=award.not_applied,
    )
