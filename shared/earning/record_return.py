"""A refund or a void takes back exactly what it should: once, in any order, before its sale or after.

Three AWS calls when warm: read the receipt's collection, read the account, commit. The return takes the next number
in the collection; whoever was overtaken reads again. The account is read after the collection and guarded by its
version, so a balance can neither be missed nor used twice.
"""

from shared import keys
from shared.earning.assembly import Earning
from shared.earning.events import ReturnEvent
from shared.earning.explanations import explain_return, outcome_of
from shared.earning.grants import Posted, UndoneMeanwhileError, granted, take_back, undone_in
from shared.earning.guests import guest_return_item
from shared.earning.outcomes import Outcome
from shared.earning.receipts import (
    GUEST,
    PARKED,
    Grant,
    Parked,
    Receipt,
    parked_item,
    parked_lines_bytes,
    read_collection,
    return_digest,
)
from shared.earning.referrals import Undone, undo
from shared.earning.referring import entries_of, posting_of
from shared.earning.spending import together
from shared.errors import SaleConflictError
from shared.ledger.items import entry_of
from shared.ledger.posting import begin
from shared.ledger.store import Guard, StaleReadError, settled, stale
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, check

MOST_RETURNS = 90
"""How many returns a receipt may have."""

MOST_PARKED = 70
"""A sale, all returns that came before it, the account and what it settles must fit in one transaction."""

LARGEST_PARKED_BYTES = 300_000
"""Their lines, compressed, must fit in one item of 400 KB with all the rest."""


def record_return(event: ReturnEvent, earning: Earning, patience: Patience) -> Outcome:
    """Take back what a return undoes; park it where its sale has not arrived, for as long as that takes.

    Raises SaleConflictError for a return that is known with other content, RefundExceedsSaleError for one that asks
    for more than is left.
    """
    return settled(lambda: _record(event, earning, patience), patience)


def _record(event: ReturnEvent, earning: Earning, patience: Patience) -> Outcome:
    collection = read_collection(earning.ledger.collection(keys.sale_collection(event.store_id, event.receipt_id)))
    receipt = collection.receipt
    if receipt is None:
        return _park(event, collection.parked, earning, patience)
    if receipt.find(event.return_id):
        return _answer_again(receipt, event, earning)
    if len(receipt.returns) >= MOST_RETURNS:
        raise SaleConflictError(store_id=event.store_id, receipt_id=event.receipt_id)
    if receipt.grant is None:
        receipt.left(event)
        returned = guest_return_item(receipt, event)
        earning.ledger.put([(returned, Guard(refusal=stale))], patience, beside=[_still_a_guests(receipt, earning)])
        return Outcome(result="ignored", reason=receipt.item["why"])
    return _take_back(receipt, event, earning, patience)


def _take_back(receipt: Receipt, event: ReturnEvent, earning: Earning, patience: Patience) -> Outcome:
    given = granted(receipt)
    account = earning.ledger.account(given.member_id)
    now = earning.clock()
    posting = begin(account, now, earning.rules.at(now))
    try:
        posted = take_back(posting, receipt, event, earning.programs.numbered)
    except UndoneMeanwhileError:
        raise StaleReadError from None
    undone = _undo_referral(posted, given, earning)
    guarded = [posted.entry.key, *undone_in(posted)]
    member = undone.postings.pop(given.member_id)
    earning.ledger.commit(
        member,
        patience,
        guards={key: Guard(refusal=stale) for key in guarded},
        beside=earning.budgets.giving_back(together(posted.entry.details.get("bu", {}), undone.given_back)),
        others=list(undone.postings.values()),
    )
    return outcome_of(posted.entry, posted.award)


def _undo_referral(posted: Posted, given: Grant, earning: Earning) -> Undone:
    """Where all of a friend's first order has come back, take back what the referral gave to both (REF-5)."""
    postings = {given.member_id: posted.posting}
    referrer_id = given.facts.referred_by
    if not posted.emptied or not referrer_id:
        return Undone(postings, {})
    referrer = posting_of(referrer_id, earning.ledger, posted.posting)
    if referrer:
        postings[referrer_id] = referrer
    entries = entries_of(given.member_id, earning.ledger)
    return undo(entries, postings, earning.programs.numbered, posted.entry.occurred_at)


def _park(event: ReturnEvent, parked: Parked, earning: Earning, patience: Patience) -> Outcome:
    """Keep a return in its sale's place, until the sale takes it along. There is no time limit."""
    known = parked.find(event.return_id)
    if known and return_digest(known) != return_digest(event):
        raise SaleConflictError(store_id=event.store_id, receipt_id=event.receipt_id)
    if not known:
        more = Parked(revision=parked.revision + 1, events=(*parked.events, event))
        item = parked_item(event.store_id, event.receipt_id, more)
        if len(more.events) > MOST_PARKED or parked_lines_bytes(item) > LARGEST_PARKED_BYTES:
            raise SaleConflictError(store_id=event.store_id, receipt_id=event.receipt_id)
        guard = Guard(
            refusal=stale,
            condition="attribute_not_exists(pk) OR (k = :parked AND rev = :read)",
            values={":parked": PARKED, ":read": parked.revision},
        )
        earning.ledger.put([(item, guard)], patience)
    return Outcome(result="parked")


def _answer_again(receipt: Receipt, event: ReturnEvent, earning: Earning) -> Outcome:
    known = receipt.find(event.return_id)
    if known is None or known.digest != return_digest(event):
        raise SaleConflictError(store_id=event.store_id, receipt_id=event.receipt_id)
    if receipt.grant is None:
        return Outcome(result="ignored", reason=receipt.item["why"])
    return outcome_of(entry_of(known.item), explain_return(receipt, known, earning.programs)).repeated()


def _still_a_guests(receipt: Receipt, earning: Earning) -> ConditionalWrite:
    """Check that nobody has claimed the sale meanwhile, so that its points are taken back from somebody."""
    return check(
        earning.ledger.tables.ledger,
        keys.sale(receipt.sale.store_id, receipt.sale.receipt_id)._asdict(),
        condition="k = :guest",
        values={":guest": GUEST},
        refusal=stale,
    )
