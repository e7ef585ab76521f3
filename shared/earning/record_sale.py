"""A sale becomes points: once, whatever is repeated, late or out of order.

Two AWS calls when warm: read the account, commit; two more reads for the first order of a member who was invited.
The sale's own key guards it. What the guard finds instead decides: the same sale (answer again), another content
(conflict), returns that came first (take them along).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared import keys
from shared.earning.assembly import Earning
from shared.earning.budgets import wanted_of
from shared.earning.calculate import Award, calculate
from shared.earning.events import CLAIM_WINDOW, ReturnEvent, SaleEvent
from shared.earning.explanations import explain_sale, outcome_of
from shared.earning.grants import Budgeted, Posted, exceeds, grant, granted, take_back, undone_in, with_return
from shared.earning.guests import guest_item, guest_return_item
from shared.earning.held import budgets_held
from shared.earning.history import Buyer, facts_of_sale
from shared.earning.outcomes import Outcome
from shared.earning.receipts import PARKED, Parked, read_parked, receipt_of, return_of
from shared.earning.referrals import HandedOut, Postings, hand_out, undo
from shared.earning.referring import Invitation, entries_of, invitation_of, posting_of
from shared.earning.review import KNOWN_OTHERWISE, TOO_EARLY, TOO_LATE, keep_for_review
from shared.earning.sale import Facts, Sale, categorise
from shared.earning.sale_items import sale_digest
from shared.earning.spending import Taken, together
from shared.errors import InvalidFieldError, MemberNotFoundError, ProgramNotBegunError, SaleConflictError
from shared.ledger.account import Account
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_item, entry_of
from shared.ledger.posting import Posting, begin
from shared.ledger.store import Guard, StaleReadError, settled, settled_from_any, stale
from shared.program.model import Program
from shared.runtime.attributes import Item
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite

CLOCK_SKEW: Final = timedelta(minutes=5)
NO_MEMBER: Final = "guest"
UNKNOWN_MEMBER: Final = "member-not-found"
BEFORE_PROGRAM: Final = "before-the-program"


class _ReceiptKnownError(Exception):
    """Something stands at the sale's key already."""

    def __init__(self, item: Item) -> None:
        super().__init__(item["pk"])
        self.item = item


def record_sale(
    event: SaleEvent, earning: Earning, patience: Patience, *, claim_window: timedelta | None = CLAIM_WINDOW
) -> Outcome:
    """Record a sale and credit its points.

    A sale dated more than five minutes ahead, or further back than the claim window (None: no limit), is kept for
    review unless it is known already. Raises SaleConflictError when the receipt is known with other content.
    """
    member_id, missing = _member(event, earning)
    now = earning.clock()
    if reason := _doubt(event.sale, now, claim_window):
        key = keys.sale(event.sale.store_id, event.sale.receipt_id)
        known = earning.ledger.item(key)
        if known is None or known["k"] == PARKED:
            keep_for_review(event.sale, member_id, reason, earning.ledger, patience, now=now)
            return Outcome(result="quarantined", reason=reason)
    try:
        if member_id is None:
            return settled(lambda: _record_guest(event.sale, missing, earning, patience), patience)
        return settled_from_any(
            lambda consistent: _record(event.sale, member_id, earning, patience, consistent=consistent), patience
        )
    except _ReceiptKnownError as known_error:
        try:
            return _answer_again(event.sale, member_id, missing, known_error.item, earning)
        except SaleConflictError:
            keep_for_review(event.sale, member_id, KNOWN_OTHERWISE, earning.ledger, patience, now=now)
            raise


def _member(event: SaleEvent, earning: Earning) -> tuple[str | None, str]:
    if event.member is None:
        return None, NO_MEMBER
    try:
        return earning.find_member(event.member), ""
    except (MemberNotFoundError, InvalidFieldError):
        return None, UNKNOWN_MEMBER  # a phone that is none must not cost the till its sale


def _doubt(sale: Sale, now: datetime, claim_window: timedelta | None) -> str | None:
    if sale.occurred_at > now + CLOCK_SKEW:
        return TOO_EARLY
    if claim_window is not None and sale.occurred_at < now - claim_window:
        return TOO_LATE
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Along:
    """Returns that a sale takes along, in order, and what must hold where it and they are put."""

    events: tuple[ReturnEvent, ...]
    sale: Guard
    returned: Guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A guest's sale that a member claims: what its entry notes of that, and what is written with it."""

    along: Along
    noted: Item
    beside: tuple[ConditionalWrite, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A sale as the rules of its instant count it for an account as of now. Nothing of it is written yet."""

    sale: Sale
    content: bytes
    posting: Posting
    facts: Facts
    program: Program
    award: Award
    invitation: Invitation | None

    def posted(self, taken: Taken, short: Mapping[str, int], *, noted: Item | None = None) -> Posted:
        """Add the sale to the account. It takes of budgets; `short` says by rule what is left where that is too little.

        Raises InvalidFieldError as `grant` does.
        """
        within = replace(self.facts, rooms={**self.facts.rooms, **short}) if short else self.facts
        budget = Budgeted(taken=taken, award=None if short else self.award)
        return grant(self.posting, self.sale, within, self.program, content=self.content, budget=budget, noted=noted)


def weigh(sale: Sale, account: Account, earning: Earning) -> Weighed:
    """Calculate what a sale earns by the rules of its instant. Raises ProgramNotBegunError."""
    program = earning.programs.in_force(sale.occurred_at, sale.store_id)
    categorised = categorise(sale, earning.programs.categories(program))
    now = earning.clock()
    posting = begin(account, now, earning.rules.at(now))
    buyer = Buyer(account=posting.account, today=posting.today, find_birthday=earning.find_birthday)
    facts = facts_of_sale(categorised, buyer, program, earning.programs.business_zone_of(sale.store_id, program))
    invitation = invitation_of(posting, earning.ledger)
    if invitation:
        facts = replace(facts, referred_by=invitation.referrer_id)
    return Weighed(
        sale=categorised,
        content=sale_digest(sale),
        posting=posting,
        facts=facts,
        program=program,
        award=calculate(categorised, facts, program),
        invitation=invitation,
    )


def _record(sale: Sale, member_id: str, earning: Earning, patience: Patience, *, consistent: bool) -> Outcome:
    try:
        return post_sale(sale, earning.ledger.account(member_id, consistent=consistent), earning, patience)
    except MemberNotFoundError:
        return _record_guest(sale, UNKNOWN_MEMBER, earning, patience)
    except ProgramNotBegunError:
        return _record_guest(sale, BEFORE_PROGRAM, earning, patience)


def post_sale(
    sale: Sale, account: Account, earning: Earning, patience: Patience, claimed: Claimed | None = None
) -> Outcome:
    """Post a member's sale with what it brings along.

    Raises ProgramNotBegunError, StaleReadError, and for what is known already a fault of `record_sale`'s own.
    """
    weighed = weigh(sale, account, earning)
    member_id = account.member_id
    program, award, invitation = weighed.program, weighed.award, weighed.invitation
    gifts = invitation.gifts(sale, int(award.eligible_minor), program) if invitation else []
    beside = invitation.postings if invitation else {}
    gifted = hand_out(gifts, {member_id: weighed.posting, **beside}, program)

    def attempt(taken: Taken, short: Mapping[str, int]) -> Outcome:
        posted = weighed.posted(taken, short, noted=claimed.noted if claimed else None)
        handed = hand_out(gifts, {member_id: posted.posting, **beside}, program, taken=taken, short=short)
        _commit(replace(posted, posting=handed.postings[member_id]), handed, program, earning, patience, claimed)
        return outcome_of(posted.entry, posted.award)

    wanted = wanted_of({**award.spent, **gifted.spent}, program)
    return earning.budgets.spending(wanted, program, weighed.posting.at, patience, attempt)


def _commit(
    posted: Posted,
    handed: HandedOut,
    program: Program,
    earning: Earning,
    patience: Patience,
    claimed: Claimed | None,
) -> None:
    if claimed:
        _commit_along(posted, handed, program, claimed.along, earning, patience, claimed.beside)
        return
    taken = together(posted.entry.details.get("bu", {}), handed.taken)
    try:
        earning.ledger.commit(
            posted.posting,
            patience,
            guards={posted.entry.key: Guard(refusal=_known)},
            beside=earning.budgets.taking(taken, program),
            others=_others(handed.postings, posted),
        )
    except _ReceiptKnownError as known:
        if known.item["k"] != PARKED:
            raise
        parked = read_parked(known.item)
        along = Along(events=parked.events, sale=_instead_of(parked), returned=Guard(refusal=stale))
        _commit_along(posted, handed, program, along, earning, patience)


def _others(postings: Postings, posted: Posted) -> list[Posting]:
    return [one for member_id, one in postings.items() if member_id != posted.entry.member_id]


def _commit_along(
    posted: Posted,
    handed: HandedOut,
    program: Program,
    along: Along,
    earning: Earning,
    patience: Patience,
    beside: Sequence[ConditionalWrite] = (),
) -> None:
    """Put the sale in the place of what stands there, and post the returns with it: only the net is felt."""
    guards = {posted.entry.key: along.sale}
    receipt = receipt_of(entry_item(posted.entry))
    posting = posted.posting
    for event in along.events:
        returned = take_back(posting, receipt, event, earning.programs.numbered, exceeding=exceeds(receipt, event))
        receipt = with_return(receipt, returned)
        posting = returned.posting
        guards |= {returned.entry.key: along.returned}
        guards |= {key: Guard(refusal=stale) for key in undone_in(returned)}
    postings = {**handed.postings, posted.entry.member_id: posting}
    taken: Taken = together(budgets_held(receipt), handed.taken)
    back: Taken = {}
    referrer_id = granted(receipt).facts.referred_by
    if not receipt.stands and referrer_id:
        if referrer_id not in postings and (frozen := posting_of(referrer_id, earning.ledger, posting)):
            postings[referrer_id] = frozen  # it gets nothing, and gives back as any other
        given = [*entries_of(posted.entry.member_id, earning.ledger), *_gifts_in(postings)]
        undone = undo(given, postings, earning.programs.numbered, posted.entry.occurred_at)
        postings, taken = undone.postings, budgets_held(receipt)
        back = {rule_id: part for rule_id, part in undone.given_back.items() if rule_id not in handed.taken}
    earning.ledger.commit(
        postings[posted.entry.member_id],
        patience,
        guards=guards,
        beside=[*earning.budgets.taking(taken, program), *earning.budgets.giving_back(back), *beside],
        others=_others(postings, posted),
    )


def _gifts_in(postings: Postings) -> list[Entry]:
    return [entry for one in postings.values() for entry in one.entries if entry.kind is EntryKind.REFERRED]


def _record_guest(sale: Sale, reason: str, earning: Earning, patience: Patience) -> Outcome:
    """Keep a sale without a member: it gives no points, and can be claimed later."""
    item = guest_item(sale, reason)
    try:
        earning.ledger.put([(item, Guard(refusal=_known))], patience)
    except _ReceiptKnownError as known:
        if known.item["k"] != PARKED:
            raise
        _put_guest_with_parked(item, read_parked(known.item), earning, patience)
    return Outcome(result="ignored", reason=reason)


def _put_guest_with_parked(item: Item, parked: Parked, earning: Earning, patience: Patience) -> None:
    receipt = receipt_of(item)
    puts = [(item, _instead_of(parked))]
    for event in parked.events:
        puts.append((guest_return_item(receipt, event), Guard(refusal=stale)))
        receipt = replace(receipt, returns=(*receipt.returns, return_of(puts[-1][0])))
    earning.ledger.put(puts, patience)


def _answer_again(sale: Sale, member_id: str | None, missing: str, item: Item, earning: Earning) -> Outcome:
    """Give the first answer. A card or phone that leads to nobody by now (`missing`) led to the member then."""
    known = receipt_of(item)
    if known.claimed and member_id is None and known.digest == sale_digest(sale):
        return Outcome(result="ignored", reason=known.claimed["why"])
    another = known.grant is not None and known.grant.member_id != member_id and missing != UNKNOWN_MEMBER
    if known.digest != sale_digest(sale) or another:
        raise SaleConflictError(store_id=sale.store_id, receipt_id=sale.receipt_id)
    if known.grant is None:
        return Outcome(result="ignored", reason=item["why"])
    return outcome_of(entry_of(item), explain_sale(known, earning.programs)).repeated()


def _instead_of(parked: Parked) -> Guard:
    return Guard(
        refusal=stale,
        condition="k = :parked AND rev = :read",
        values={":parked": PARKED, ":read": parked.revision},
    )


def _known(old: Item | None) -> Exception:
    return _ReceiptKnownError(old) if old else StaleReadError()
