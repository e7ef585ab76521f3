"""How an account begins: with what joining gives, and with both sides of a referral, in enrolment's own transaction.

A gift is for a phone that a token proves, so that nobody farms it with logins: one phone leads to one member.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shared import keys
from shared.earning.assembly import Earning
from shared.earning.budgets import wanted_of
from shared.earning.referrals import Gift, Postings, for_enrolling, for_joining, hand_out
from shared.earning.referring import posting_of
from shared.earning.spending import Taken
from shared.ledger.account import Account
from shared.ledger.posting import Posting, begin
from shared.program.actions import ENROLL
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite

T = TypeVar("T")

Create = Callable[[Sequence[ConditionalWrite]], object]
"""Commits what enrolment writes, with these writes in the same transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Opens accounts, and gives to who proves a phone later."""

    earning: Earning
    patience: Patience

    def open(self, account: Account, referrer_id: str | None, create: Create, *, proven: bool) -> Account:
        """Open a new account with what it begins with; give it as it then stands. Raises as `create` does. AP-23."""
        if not proven:
            create([self.earning.ledger.opening(account)])
            return account
        friend = self._begun(account)
        gifts = [for_joining(account.member_id, friend.at)]
        postings: dict[str, Posting] = {account.member_id: friend}
        if referrer_id:
            gifts += for_enrolling(account.member_id, referrer_id, friend.at)
            referrer = posting_of(referrer_id, self.earning.ledger, friend)
            if referrer and not referrer.account.frozen:
                postings[referrer_id] = referrer

        def commit(after: Postings, budgets: Sequence[ConditionalWrite]) -> Account:
            opened = after[account.member_id]
            others = [one for member_id, one in after.items() if member_id != account.member_id]
            ledger = self.earning.ledger
            if not opened.entries:
                create([ledger.opening(account)])
                return account
            create([*ledger.opening_with(opened), *budgets, *ledger.moving(*others)])
            return opened.account

        return self._given(gifts, postings, friend, commit)

    def greet(self, member_id: str, create: Create) -> None:
        """Give a member who now proves a phone what joining gives, once, with what `create` commits. AP-24."""
        ledger = self.earning.ledger
        if ledger.item(keys.action(member_id, ENROLL, "E-once")):
            create([])
            return
        posting = self._begun(ledger.account(member_id))

        def commit(after: Postings, budgets: Sequence[ConditionalWrite]) -> None:
            greeted = after[member_id]
            create([*budgets, *ledger.moving(greeted)] if greeted.entries else [])

        self._given([for_joining(member_id, posting.at)], {member_id: posting}, posting, commit)

    def _begun(self, account: Account) -> Posting:
        now = self.earning.clock()
        return begin(account, now, self.earning.rules.at(now))

    def _given(
        self,
        gifts: Sequence[Gift],
        postings: Postings,
        first: Posting,
        commit: Callable[[Postings, Sequence[ConditionalWrite]], T],
    ) -> T:
        program = self.earning.programs.chain_wide(first.at)
        wanted = wanted_of(hand_out(gifts, postings, program).spent, program)

        def attempt(taken: Taken, short: Mapping[str, int]) -> T:
            handed = hand_out(gifts, postings, program, taken=taken, short=short)
            return commit(handed.postings, self.earning.budgets.taking(handed.taken, program))

        return self.earning.budgets.spending(wanted, program, first.at, self.patience, attempt)
