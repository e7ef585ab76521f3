"""What a sale would give if it were posted now, by the sale's own steps: only the writing is left out.

One AWS call when warm: read the account; one more where rules with a budget apply: read what is left of it.
"""

from dataclasses import dataclass, replace
from typing import Final

from shared.earning.assembly import Earning
from shared.earning.budgets import wanted_of
from shared.earning.events import SaleEvent
from shared.earning.explanations import outcome_of
from shared.earning.outcomes import Outcome
from shared.earning.record_sale import Weighed, weigh
from shared.ledger.account import Account, new_account
from shared.runtime.patience import Patience

NEWCOMER: Final = "newcomer"
"""Stands for the id of whoever is no member yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The answer that the till would get, and the buyer's account as of now, before the sale."""

    outcome: Outcome
    account: Account


def quote_sale(event: SaleEvent, earning: Earning, patience: Patience) -> Quote:
    """Quote a sale for its member; for a guest, what somebody who has just enrolled would earn.

    Counts, limits, caps and budgets are as the sale would find them. Whether the receipt is known, or so old or early
    that a person would look at it, is not asked. Raises MemberNotFoundError and InvalidFieldError for a reference that
    leads nowhere, InvalidFieldError for a sale that can never be counted, ProgramNotBegunError, NoProgramError and
    BusyError.
    """
    weighed = _weighed(event, earning)
    now, program = weighed.posting.at, weighed.program
    short = earning.budgets.short(wanted_of(weighed.award.spent, program), program, now, patience)
    posted = weighed.posted({}, short)
    return Quote(outcome=outcome_of(posted.entry, posted.award), account=weighed.posting.account)


def _weighed(event: SaleEvent, earning: Earning) -> Weighed:
    if event.member is None:
        return weigh(event.sale, _newcomer(earning), replace(earning, find_birthday=lambda _: None))
    return weigh(event.sale, earning.ledger.account(earning.find_member(event.member)), earning)


def _newcomer(earning: Earning) -> Account:
    now = earning.clock()
    moment = earning.rules.moment(now)
    return new_account(NEWCOMER, at=now, enrolled_on=moment.today, tier_id=moment.program.lowest_tier)
