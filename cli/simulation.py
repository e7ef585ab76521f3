"""What sales would have earned under a program: the engine of the Lambdas, on accounts in memory.

Members do not depend on each other, so they are spread over processes; a program with budgets for all is simulated in
one, in the order of time, as budgets are shared. Every member begins with nothing, on the lowest tier or the one that
an event names.
"""

import gc
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from cli.replay_workers import be_silent
from shared.earning.budgets import wanted_of
from shared.earning.calculate import Award, calculate
from shared.earning.events import ReturnEvent
from shared.earning.explain import BonusLine, ItemsLine
from shared.earning.grants import Budgeted, grant, take_back, undone_in, with_return
from shared.earning.history import Buyer, facts_of_sale
from shared.earning.receipts import Receipt, receipt_of
from shared.earning.sale import Facts, Sale, categorise
from shared.earning.spending import MILLI, added_by
from shared.errors import InvalidFieldError, RefundExceedsSaleError
from shared.ledger.account import Account, Qualifying, add_days, new_account
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_item
from shared.ledger.posting import Posting, begin
from shared.ledger.store import Ledger
from shared.program.calendar import business_date
from shared.program.model import Program
from shared.program.store import Programs
from shared.program.zones import business_zone
from shared.tiers.time_rules import TimeRules

TIER: Final = "tier"
HANDS_PER_PROCESS: Final = 4
_SHARD: Final = "00"


class Happening(NamedTuple):
    """A sale or a return, and whose it is; `tier_id` is the member's at that time where it is known."""

    member_id: str
    at: datetime
    event: Sale | ReturnEvent
    tier_id: str = ""


class Candidate(NamedTuple):
    """A program to simulate, with the SKU map and the zones of stores that have one of their own."""

    program: Program
    category_map: Mapping[str, str]
    zones: Mapping[str, str]


@dataclass(slots=True)
class Result:
    """What came of it. Points by rule are exact shares before rounding; `TIER` is what tiers add."""

    sales: int = 0
    returns: int = 0
    refused: int = 0
    points: int = 0
    by_member: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_rule: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    by_day: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    spent_by: dict[str, datetime] = field(default_factory=dict)

    def add(self, other: "Result") -> None:
        self.sales += other.sales
        self.returns += other.returns
        self.refused += other.refused
        self.points += other.points
        for mine, theirs in (
            (self.by_member, other.by_member),
            (self.by_rule, other.by_rule),
            (self.by_day, other.by_day),
        ):
            for name, amount in theirs.items():
                mine[name] += amount  # type: ignore[assignment]
        self.spent_by |= other.spent_by


class _OneProgram:
    """Stands for the versions of the table: there is one, and it was always in force."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def chain_wide(self, _instant: datetime) -> Program:
        return self._program


class _Days:
    """Stands for the ledger's days of a member, which tiers may ask for."""

    def __init__(self) -> None:
        self.days: dict[str, Mapping[str, Qualifying]] = defaultdict(dict)

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.movement.qualifying:
                self.days[entry.member_id] = add_days(self.days[entry.member_id], entry.movement.qualifying)

    def qualifying_days(self, member_id: str, month: str) -> Mapping[str, Qualifying]:
        return {day: counted for day, counted in self.days[member_id].items() if day[:4] == month}


class World:
    """Accounts, receipts and budgets under one program."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self.result = Result()
        self.accounts: dict[str, Account] = {}
        self._receipts: dict[tuple[str, str], Receipt | Entry] = {}
        self._awards: dict[tuple[str, str], Award] = {}
        self._spent: dict[str, int] = defaultdict(int)
        self._days = _Days()
        programs = cast("Programs", _OneProgram(candidate.program))
        self._rules = TimeRules(programs=programs, ledger=cast("Ledger", self._days))

    def happen(self, happening: Happening) -> None:
        """Let a sale or return happen. What is repeated, or returns more than is left, changes nothing."""
        event = happening.event
        place = (event.store_id, event.receipt_id)
        try:
            if isinstance(event, Sale) and place not in self._receipts:
                self._sell(happening, event)
            elif isinstance(event, ReturnEvent) and place in self._receipts:
                self._take_back(happening, event, self._receipt(place))
            else:
                self.result.refused += 1
        except (RefundExceedsSaleError, InvalidFieldError):
            self.result.refused += 1

    def _begin(self, happening: Happening, member_id: str) -> Posting:
        program = self.candidate.program
        if member_id not in self.accounts:
            lowest = program.tiers.levels[0].id if program.tiers else TIER
            opened = new_account(
                member_id,
                at=happening.at,
                enrolled_on=business_date(happening.at, program.business_zone),
                tier_id=happening.tier_id or lowest,
            )
            self.accounts[member_id] = opened
        return begin(self.accounts[member_id], happening.at, self._rules.at(happening.at))

    def _sell(self, happening: Happening, sale: Sale) -> None:
        program, place = self.candidate.program, (sale.store_id, sale.receipt_id)
        posting = self._begin(happening, happening.member_id)
        categorised = categorise(sale, self.candidate.category_map)
        buyer = Buyer(account=posting.account, today=posting.today, find_birthday=lambda _: None)
        facts = facts_of_sale(categorised, buyer, program, _zone_of(self.candidate, sale.store_id))
        budget, facts = self._budget(categorised, facts, sale.occurred_at)
        posted = grant(posting, categorised, facts, program, content=b"", budget=budget)
        for rule_id, shards in posted.entry.details.get("bu", {}).items():
            self._spent[rule_id] += shards[_SHARD]
        self._receipts[place] = posted.entry
        self._note(place, posted.award, posted.posting, sale.occurred_at)
        self.result.sales += 1

    def _budget(self, sale: Sale, facts: Facts, at: datetime) -> tuple[Budgeted | None, Facts]:
        program = self.candidate.program
        if not _shared_budgets(program):
            return None, facts
        award = calculate(sale, facts, program)
        wanted = wanted_of(award.spent, program)
        rooms = dict(facts.rooms)
        budget: dict[str, dict[str, int]] = {}
        for rule_id, amount in wanted.items():
            left = _shared_budgets(program)[rule_id] * MILLI - self._spent[rule_id]
            budget[rule_id] = {_SHARD: min(left, amount)} if left else {}
            if left < amount:
                rooms[rule_id] = left
                self.result.spent_by.setdefault(rule_id, at)
        if rooms == facts.rooms:
            return Budgeted(budget, award), facts
        return Budgeted(budget, None), replace(facts, rooms=rooms)

    def _take_back(self, happening: Happening, event: ReturnEvent, receipt: Receipt) -> None:
        place = (event.store_id, event.receipt_id)
        if receipt.grant is None or receipt.find(event.return_id):
            self.result.refused += 1
            return
        posting = self._begin(happening, receipt.grant.member_id)
        posted = take_back(posting, receipt, event, lambda _: self.candidate.program)
        for rule_id, shards in posted.entry.details.get("bu", {}).items():
            self._spent[rule_id] -= shards[_SHARD]
        self._receipts[place] = with_return(receipt, posted)
        for key in undone_in(posted):
            self._undone(next(entry for entry in posted.posting.entries if entry.key == key))
        self._note(place, posted.award, posted.posting, event.occurred_at)
        self.result.returns += 1

    def _receipt(self, place: tuple[str, str]) -> Receipt:
        """Give a receipt; it is made from its entry only once something comes back."""
        known = self._receipts[place]
        return known if isinstance(known, Receipt) else receipt_of(entry_item(known))

    def _undone(self, entry: Entry) -> None:
        _, store_id, receipt_id = entry.key.pk.split("#")
        receipt = self._receipt((store_id, receipt_id))
        self._receipts[store_id, receipt_id] = replace(receipt, undone=(*receipt.undone, entry_item(entry)))
        rule_id = entry.key.sk.partition("#")[2]
        self.result.by_rule[rule_id] -= entry.details["tk"]

    def _note(self, place: tuple[str, str], award: Award, posting: Posting, at: datetime) -> None:
        """Book what entries moved: in all, for the member, on the day, by the rule."""
        account = posting.account
        self.accounts[account.member_id] = account
        self._days.add(posting.entries)
        earned = {EntryKind.EARNED, EntryKind.REVERSED, EntryKind.BONUS_REVERSED}
        moved = [entry.movement for entry in posting.entries if entry.kind in earned]
        points = sum(one.points + one.points_pending for one in moved)
        self.result.points += points
        self.result.by_member[account.member_id] += points
        self.result.by_day[f"{business_date(at, self.candidate.program.business_zone)}"] += points
        for sign, one in ((-1, self._awards.get(place)), (1, award)):
            for rule_id, amount in _by_rule(one) if one else ():
                self.result.by_rule[rule_id] += sign * amount
        self._awards[place] = award


def simulate_all(
    happenings: Sequence[Happening],
    candidates: Sequence[Candidate],
    *,
    processes: int,
    progress: Callable[[int], Any] = lambda _done: None,
) -> list[Result]:
    """Let everything happen under each program, in the order of time. `progress` is told how many more are done."""
    ordered = sorted(happenings, key=lambda one: (one.at, isinstance(one.event, ReturnEvent)))
    hands = [ordered, *_hands(ordered, processes * HANDS_PER_PROCESS)]
    results = [Result() for _ in candidates]
    # Handed over at the start, as a process that is forked has them already; a task names its part.
    with ProcessPoolExecutor(processes, initializer=_start, initargs=(hands, candidates)) as pool:
        tasks = [
            (at, hand)
            for at, candidate in enumerate(candidates)
            for hand in ([0] if _shared_budgets(candidate.program) else range(1, len(hands)))
        ]
        running = {pool.submit(_run, hand, at): (at, len(hands[hand])) for at, hand in tasks}
        for done in as_completed(running):
            at, count = running[done]
            results[at].add(done.result())
            progress(count)
    return results


def _hands(ordered: Sequence[Happening], count: int) -> list[list[Happening]]:
    """Deal happenings by member, a return with the sale that it belongs to."""
    hands: list[list[Happening]] = [[] for _ in range(count)]
    owners: dict[tuple[str, str], str] = {}
    for one in ordered:
        owner = owners.setdefault((one.event.store_id, one.event.receipt_id), one.member_id)
        hands[zlib.crc32(owner.encode()) % count].append(one)
    return hands


_here: dict[str, Any] = {}
"""What a process of the pool works on."""


def _start(hands: Sequence[Sequence[Happening]], candidates: Sequence[Candidate]) -> None:
    be_silent()
    gc.disable()  # what is made here stays until the end
    _here["hands"], _here["candidates"] = hands, candidates


def _run(hand: int, candidate: int) -> Result:
    world = World(_here["candidates"][candidate])
    for one in _here["hands"][hand]:
        world.happen(one)
    return world.result


def _zone_of(candidate: Candidate, store_id: str) -> str:
    program = candidate.program
    return business_zone(candidate.zones.get(store_id, program.zone), program.day_starts_at)


def _shared_budgets(program: Program) -> dict[str, int]:
    return {
        rule.id: rule.budget.points_total
        for rule in program.earn
        if rule.budget and rule.budget.points_total is not None
    }


def _by_rule(award: Award) -> Iterable[tuple[str, float]]:
    """Share out what a sale earned over the rules: the base to its rate, the rest to tiers and campaigns."""
    for line in award.explain:
        if isinstance(line, BonusLine):
            yield line.rule_id, float(line.points)
        elif isinstance(line, ItemsLine):
            extras = [(rule_id, float(points)) for rule_id, points in added_by(line)]
            base = float(line.points / line.multiplier)
            tier = float(line.points) - base - sum(points for _, points in extras)
            yield from ((line.rule_id, base), (TIER, tier), *extras)
    for cut in award.budget_lines:
        yield cut.rule_id, float(cut.points)
