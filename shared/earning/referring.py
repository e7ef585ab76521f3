"""A friend's first order, and the return of it: who invited the member, and what both get or give back.

Only the first order of a member who was invited costs anything: two reads, and two writes for the referrer.
"""

from dataclasses import dataclass

from shared import keys
from shared.earning.history import REFERRED
from shared.earning.referrals import Gift, Postings, for_first_order
from shared.earning.sale import Sale
from shared.errors import MemberNotFoundError
from shared.ledger.entries import Entry
from shared.ledger.items import entry_of
from shared.ledger.posting import Posting, begin
from shared.ledger.store import Ledger
from shared.program.model import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Who invited a member whose first order this is; `referrer` is None where that account is frozen or gone."""

    friend_id: str
    referrer_id: str
    referrer: Posting | None

    @property
    def postings(self) -> Postings:
        return {self.referrer_id: self.referrer} if self.referrer else {}

    def gifts(self, sale: Sale, amount_minor: int, program: Program) -> list[Gift]:
        return for_first_order(
            self.friend_id,
            self.referrer_id,
            sale.occurred_at,
            amount_minor=amount_minor,
            store_id=sale.store_id,
            program=program,
        )


def invitation_of(buyer: Posting, ledger: Ledger) -> Invitation | None:
    """Find who invited a buyer whose first order is still to come; None for everybody else, without a call."""
    friend = buyer.account
    if not friend.counters.get(REFERRED):
        return None
    item = ledger.item(keys.referral(friend.member_id, keys.ENROLLED, "friend"))
    if item is None:
        return None
    referrer_id = item["de"]["by"]
    referrer = posting_of(referrer_id, ledger, buyer)
    if referrer and referrer.account.frozen:
        referrer = None
    return Invitation(friend_id=friend.member_id, referrer_id=referrer_id, referrer=referrer)


def posting_of(member_id: str, ledger: Ledger, beside: Posting) -> Posting | None:
    """Begin a posting of another member at the instant of one; None where there is no such member any more."""
    try:
        return begin(ledger.account(member_id), beside.at, beside.rules)
    except MemberNotFoundError:
        return None


def entries_of(friend_id: str, ledger: Ledger) -> list[Entry]:
    """Read all entries of a referral."""
    return [entry_of(item) for item in ledger.collection(keys.referral_collection(friend_id))]
