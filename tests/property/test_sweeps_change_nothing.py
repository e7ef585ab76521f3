"""Sweeps only make visible what is true already: any number of them, in any order, come to the same as none (L6, Q7).

Two worlds are told the same story of some years: sales, late ones too, refunds, redemptions and their return. In one
of them sweeps run in between, doubled, late, out of order and two at once; in the other nobody looks. Every answer is
the same in both. Then one sweep runs in each, and one more when all is over: the accounts are equal, their audits
clean.

JIFEN_TEST_PROFILE=full tells 24 stories; quick tells 6.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from functions.sweep_worker.dependencies import workers_of
from shared import keys
from shared.errors import InsufficientPointsError, JifenError
from shared.ledger.account import Account
from shared.ledger.entries import EntryKind
from shared.ledger.movements import credit, debit
from shared.ledger.once import key_free
from shared.ledger.posting import begin
from shared.ledger.store import Ledger
from shared.program.calendar import day_begins_at
from shared.program.expiry import ExtendOnce, RoundTo
from shared.runtime.patience import patience_of_seconds
from shared.sweeps.pace import Pace
from shared.sweeps.store import Accounts
from shared.sweeps.tasks import Kind, Run, Segment, Task
from shared.sweeps.work import Sweeping, work
from tests.builders import ZONE, Till, a_ladder, a_program, a_refund, a_sale, months, per_yuan, publish, shanghai
from tests.engine import create_tables
from tests.profile import FULL

STORIES: Final = 24 if FULL else 6
STEPS: Final = 60
START: Final = shanghai("2027-01-01 12:00")
END: Final = shanghai("2048-01-01 00:05")
"""Later than any step, and than whatever one began."""
PROGRAM: Final = a_program(
    per_yuan(1, 10),
    pending_days=3,
    expire=months(4, round_to=RoundTo.END_OF_MONTH, extend_once=ExtendOnce(months=2, if_bought_within_months=3)),
    tiers=a_ladder(silver=20, gold=100, valid_months=6, grace_days=10, revoke_within_days=20),
)


class World:
    """One member in tables of its own."""

    def __init__(self, client: Any, tables: Any) -> None:
        self.till = Till(ledger=Ledger(client=client, tables=tables))
        publish(self.till.ledger, PROGRAM)
        self.till.clock.now = START
        self.member = self.till.a_member(member_id="mem_twin")

    def sell(self, receipt: str, amount_minor: int, late: timedelta) -> object:
        sale = a_sale(amount_minor, receipt_id=receipt, occurred_at=self.till.clock() - late)
        return self._answer(lambda: self.till.sell(sale, self.member, claim_window=None))

    def refund(self, receipt: str, refund: str, amount_minor: int) -> object:
        event = a_refund(amount_minor, receipt_id=receipt, refund_id=refund, occurred_at=self.till.clock())
        return self._answer(lambda: self.till.take_back(event))

    def spend(self, number: int, points: int) -> object:
        """Take points as a redemption does; give the lots that they came from."""
        ledger, now = self.till.ledger, self.till.clock()
        posting = begin(ledger.account(self.member), now, self.till.earning.rules.at(now))
        key = keys.redemption(f"rdm_{number:026d}")
        try:
            movement = debit(posting.account, points, halved_through=None)
        except InsufficientPointsError as short:
            return short.fields
        posting = posting.add(EntryKind.REDEEMED, key, movement, details={"r": "mug", "q": 1, "cu": "CNY", "g": ""})
        ledger.commit(posting, self.till.patience(), guards={key: key_free()})
        return movement.lots

    def give_back(self, number: int) -> object:
        """Cancel a redemption: the points go back to their lots."""
        ledger, now = self.till.ledger, self.till.clock()
        taken = ledger.item(keys.redemption(f"rdm_{number:026d}"))
        posting = begin(ledger.account(self.member), now, self.till.earning.rules.at(now))
        lots = {lot: -points for lot, points in taken["mv"]["l"].items()} if taken else {}
        key = keys.outcome(f"rdm_{number:026d}")
        posting = posting.add(EntryKind.RETURNED, key, credit(posting.account, lots), details={"g": "", "r": "mug"})
        ledger.commit(posting, self.till.patience(), guards={key: key_free()})
        return posting.account.balance

    def _answer(self, told: Any) -> object:
        try:
            outcome = told()
        except JifenError as refused:
            return refused.code, refused.fields
        return outcome.result, outcome.points, outcome.points_pending, outcome.balance, outcome.tier

    def sweep(self, kind: Kind, at: datetime) -> None:
        """Do a run to its end, as its worker does, on pages of one account."""
        ledger = self.till.ledger
        tasks: list[Task] = [Segment(run=Run(kind=kind, at=at), number=0, of=1)]
        sweeping = Sweeping(
            accounts=Accounts(client=ledger.client, table=ledger.tables.accounts, page_accounts=1),
            ledger=ledger,
            workers=workers_of(ledger, self.till.earning.rules),
            pace=Pace(1_000_000),
            send=tasks.extend,
        )
        while tasks:
            work(tasks.pop(), sweeping, patience_of_seconds(20))

    def settled(self, at: datetime) -> tuple[object, ...]:
        """Sweep once, and give what the account then is."""
        for kind in (Kind.EXPIRY, Kind.TIER_REVIEW):
            self.sweep(kind, at)
        account: Account = self.till.account(self.member)
        assert self.till.audit(self.member) == []
        return account.lots, account.pending, account.debt, account.tier, account.qualifying, account.counters


def sweeps(world: World, chance: random.Random) -> None:
    """Run some sweeps that are due or were: doubled, late, out of order, two at once."""
    now = world.till.clock()
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        kind = chance.choice((Kind.EXPIRY, Kind.TIER_REVIEW))
        today = day_begins_at(now.date() - timedelta(days=chance.choice((0, 0, 1, 2, 40))), ZONE)
        at = min(now, today)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda at: world.sweep(kind, at), [at] * chance.choice((1, 1, 2))))  # noqa: B023 it ends here


def step(world: World, chance: random.Random, number: int, sold: list[str], spent: list[int]) -> object:
    """Tell one thing; the same chance tells the same thing in both worlds."""
    match chance.choices(("sell", "refund", "spend", "give back"), weights=(5, 2, 3, 1))[0]:
        case "sell":
            sold.append(f"T-{number}")
            late = timedelta(days=chance.choice((0, 0, 0, 1, 5, 40)))
            return world.sell(sold[-1], chance.randrange(1, 60_000), late)
        case "refund" if sold:
            return world.refund(chance.choice(sold), f"R-{number}", chance.randrange(1, 20_000))
        case "give back" if spent:
            return world.give_back(spent.pop(chance.randrange(len(spent))))
        case _:
            lots = world.spend(number, chance.randrange(1, 60))
            if isinstance(lots, dict) and "required" not in lots:
                spent.append(number)
            return lots


@pytest.mark.parametrize("story", range(STORIES))
def test_l6_l10_q7_sweeps_in_between_come_to_the_same_as_one_at_the_end(engine: Any, story: int) -> None:
    swept, unswept = (World(engine, create_tables(engine, f"-twin-{story}-{name}")) for name in ("a", "b"))
    time = random.Random(story)  # noqa: S311 a test repeats itself by its seed
    tales = [random.Random(-story - 1) for _ in range(2)]  # noqa: S311 likewise
    books: list[tuple[list[str], list[int]]] = [([], []), ([], [])]
    for number in range(STEPS):
        jump = timedelta(seconds=time.choice((0, 1, 3_600, 86_400, 30 * 86_400, 120 * 86_400)) * time.random())
        for world in (swept, unswept):
            world.till.clock.now += jump
        sweeps(swept, time)
        answers = [
            step(world, tale, number, *book) for world, tale, book in zip((swept, unswept), tales, books, strict=True)
        ]
        assert answers[0] == answers[1], number
    for at in (swept.till.clock(), END):
        assert swept.settled(at) == unswept.settled(at)
