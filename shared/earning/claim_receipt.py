"""A receipt without a member becomes a member's: the points that are missing, credited once, and by whom. S0-19.

A guest's sale moves no points and is no entry. Whoever claims it puts the member's sale in its place, and its returns
in the places of theirs, as if the till had known the member: every number, and what comes back later, is the same.
The key is the receipt's, so that it is claimed once.

CLM-1 Only who knows number and total learns that there is such a receipt; another member's looks like none.
CLM-2 A member tries `MOST_TRIES` times a day. Staff are recorded on the trail instead, and claim none for themselves.
CLM-3 A receipt older than the claim window is claimed no more: like a sale that a till hands in so late.
CLM-4 A claim and a return exclude each other: the claim checks that there is no further return, the return of a guest
      that the sale is a guest's still. Whoever is second reads again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared import keys
from shared.earning.assembly import Earning
from shared.earning.claim_tries import ClaimTries
from shared.earning.events import CLAIM_WINDOW
from shared.earning.explanations import explain_sale, outcome_of
from shared.earning.guests import event_of
from shared.earning.outcomes import Outcome
from shared.earning.receipts import GUEST, GUEST_RETURN, Receipt, read_collection
from shared.earning.record_return import MOST_PARKED
from shared.earning.record_sale import BEFORE_PROGRAM, Along, Claimed, post_sale
from shared.earning.review import TOO_LATE
from shared.errors import NotClaimableError, ProgramNotBegunError, ReceiptNotFoundError
from shared.ledger.items import entry_of
from shared.ledger.store import Guard, settled, stale
from shared.runtime.patience import Patience
from shared.runtime.transactions import check
from shared.trail.actor import Actor
from shared.trail.deeds import Deed, What
from shared.trail.store import recording

TOO_MANY_RETURNS: Final = "too-many-returns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which receipt is whose. `total_minor` is what the receipt comes to; without `staff` the member claims it."""

    member_id: str
    store_id: str
    receipt_id: str
    total_minor: int
    staff: Actor | None = None

    @property
    def author(self) -> str:
        return self.staff.by if self.staff else self.member_id


def claim_receipt(claim: Claim, earning: Earning, tries: ClaimTries, patience: Patience) -> Outcome:
    """Credit a receipt that was recorded without a member, or tell what it was credited with before.

    Raises ReceiptNotFoundError, NotClaimableError, RateLimitedError, SelfApprovalError, MemberNotFoundError and
    BusyError.
    """
    if claim.staff:
        claim.staff.require_other(claim.member_id)
    receipt = _read(claim, earning)
    if not _is_theirs(receipt, claim) and claim.staff is None:
        tries.count(claim.member_id, earning.clock(), patience)
    return settled(lambda: _claim(claim, earning, patience), patience)


def _read(claim: Claim, earning: Earning) -> Receipt | None:
    return read_collection(earning.ledger.collection(keys.sale_collection(claim.store_id, claim.receipt_id))).receipt


def _is_theirs(receipt: Receipt | None, claim: Claim) -> bool:
    return receipt is not None and receipt.grant is not None and receipt.grant.member_id == claim.member_id


def _claim(claim: Claim, earning: Earning, patience: Patience) -> Outcome:
    receipt = _read(claim, earning)
    if receipt is None or receipt.sale.total_minor != claim.total_minor:
        raise ReceiptNotFoundError
    if _is_theirs(receipt, claim):
        return outcome_of(entry_of(receipt.item), explain_sale(receipt, earning.programs)).repeated()
    if receipt.grant:
        raise ReceiptNotFoundError
    now = earning.clock()
    if receipt.sale.occurred_at < now - CLAIM_WINDOW:
        raise NotClaimableError(reason=TOO_LATE)
    if len(receipt.returns) > MOST_PARKED:
        raise NotClaimableError(reason=TOO_MANY_RETURNS)
    try:
        account = earning.ledger.account(claim.member_id)
        return post_sale(receipt.sale, account, earning, patience, _claimed(claim, receipt, earning, now))
    except ProgramNotBegunError:
        raise NotClaimableError(reason=BEFORE_PROGRAM) from None


def _claimed(claim: Claim, receipt: Receipt, earning: Earning, now: datetime) -> Claimed:
    table = earning.ledger.tables.ledger
    about = f"{claim.store_id}/{claim.receipt_id}"
    deed = Deed(
        what=What.RECEIPT_CLAIMED,
        at=now,
        who=claim.author,
        about=about,
        member_id=claim.member_id,
        store_id=claim.store_id,
    )
    return Claimed(
        along=Along(
            events=tuple(event_of(receipt, one) for one in receipt.returns),
            sale=_in_place_of(GUEST),
            returned=_in_place_of(GUEST_RETURN),
        ),
        noted={"cl": {"by": claim.author, "why": receipt.item["why"]}},
        beside=(
            check(
                table,
                keys.sale_return(claim.store_id, claim.receipt_id, len(receipt.returns) + 1)._asdict(),
                condition="attribute_not_exists(pk)",
                refusal=stale,
            ),
            *((recording(deed, table=table),) if claim.staff else ()),
        ),
    )


def _in_place_of(kind: str) -> Guard:
    """Put an item where a guest's stands. A return that came meanwhile makes the claim be decided again."""
    return Guard(refusal=stale, condition="k = :kind", values={":kind": kind})
