"""Members under one program, in memory: the engine of the Lambdas, with accounts and receipts in dictionaries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NamedTuple, cast

from cli.simulation_budgets import Draw, Rooms, shared_budgets
from shared import keys
from shared.earning.budgets import wanted_of
from shared.earning.calculate import Award, calculate
from shared.earning.events import ReturnEvent
from shared.earning.explain import BonusLine, BudgetLine, ItemsLine
from shared.earning.grants import Budgeted, Posted, grant, take_back, undone_in, with_return
from shared.earning.history import Buyer, facts_of_sale
from shared.earning.receipts import Receipt, receipt_of
from shared.earning.sale import Facts, Sale, categorise
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
_SHARD: Final = "00"
_EARNED: Final = frozenset({EntryKind.EARNED, EntryKind.REVERSED, EntryKind.BONUS_REVERSED})


class Happening(NamedTuple):
    """A sale or a return, and whose it is; `tier_id` is the member's at that time where it is known."""

    member_id: str
    at: datetime
    event: Sale | ReturnEvent
    tier_id: str = ""


class Candidate(NamedTuple):
    """A program to simulate, with the SKU map and the zones of stores that have one of their own.

    `name` is what reports call it: its file, or its version.
    """

    program: Program
    category_map: Mapping[str, str]
    zones: Mapping[str, str]
    name: str = ""


@dataclass(slots=True)
class Result:
    """What came of it. Points by rule are exact shares before rounding; `TIER` is what tiers add.

    `spend_minor` is what was paid that earns, less what came back. `cut` is what budgets took off sales, by rule: the
    total, and a member's for a day.
    """

    sales: int = 0
    returns: int = 0
    refused: int = 0
    points: int = 0
    spend_minor: int = 0
    by_member: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_rule: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    by_day: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cut: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, other: "Result") -> None:
        self.sales += other.sales
        self.returns += other.returns
        self.refused += other.refused
        self.points += other.points
        self.spend_minor += other.spend_minor
        for member_id, points in other.by_member.items():
            self.by_member[member_id] += points
        for day, points in other.by_day.items():
            self.by_day[day] += points
        for mine, theirs in ((self.by_rule, other.by_rule), (self.cut, other.cut)):
            for rule_id, share in theirs.items():
                mine[rule_id] += share


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
    """Accounts and receipts under one program; `rooms` says which sales find too little left of a budget."""

    def __init__(self, candidate: Candidate, rooms: Rooms) -> None:
        self.result = Result()
        self.draws: list[Draw] = []
        self._candidate = candidate
        self._rooms = rooms
        self._has_budgets = bool(shared_budgets(candidate.program))
        self._accounts: dict[str, Account] = {}
        self._receipts: dict[tuple[str, str], Receipt | Entry] = {}
        self._places: dict[tuple[str, str], int] = {}
        self._given: dict[tuple[str, str], dict[str, float]] = {}
        self._days = _Days()
        programs = cast("Programs", _OneProgram(candidate.program))
        self._rules = TimeRules(programs=programs, ledger=cast("Ledger", self._days))

    def happen(self, place: int, happening: Happening) -> None:
        """Let a sale or return happen. What is repeated, or returns more than is left, changes nothing."""
        event = happening.event
        receipt = (event.store_id, event.receipt_id)
        try:
            if isinstance(event, Sale) and receipt not in self._receipts:
                self._sell(place, happening, event)
            elif isinstance(event, ReturnEvent) and receipt in self._receipts:
                self._take_back(place, happening, event, self._receipt(receipt))
            else:
                self.result.refused += 1
        except (RefundExceedsSaleError, InvalidFieldError):
            self.result.refused += 1

    def _begin(self, happening: Happening, member_id: str) -> Posting:
        program = self._candidate.program
        if member_id not in self._accounts:
            lowest = program.lowest_tier or TIER
            self._accounts[member_id] = new_account(
                member_id,
                at=happening.at,
                enrolled_on=business_date(happening.at, program.business_zone),
                tier_id=happening.tier_id or lowest,
            )
        return begin(self._accounts[member_id], happening.at, self._rules.at(happening.at))

    def _sell(self, place: int, happening: Happening, sale: Sale) -> None:
        program = self._candidate.program
        posting = self._begin(happening, happening.member_id)
        categorised = categorise(sale, self._candidate.category_map)
        buyer = Buyer(account=posting.account, today=posting.today)
        zone = self._candidate.zones.get(sale.store_id, program.zone)
        facts = facts_of_sale(categorised, buyer, program, business_zone(zone, program.day_starts_at))
        wanted: Mapping[str, int] = {}
        budget = None
        if self._has_budgets:
            award = calculate(categorised, facts, program)
            wanted = wanted_of(award.spent, program)
            budget, facts = self._budget(place, wanted, facts, award)
        posted = grant(posting, categorised, facts, program, content=b"", budget=budget)
        for rule_id, amount in wanted.items():
            self.draws.append(Draw(place, sale.occurred_at, rule_id, amount, _taken(posted.entry, rule_id), place))
        for line in posted.award.budget_lines:
            self.result.cut[line.rule_id] -= float(line.points)
        self._receipts[sale.store_id, sale.receipt_id] = posted.entry
        self._places[sale.store_id, sale.receipt_id] = place
        self._note(sale, posted)
        self.result.sales += 1

    def _budget(self, place: int, wanted: Mapping[str, int], facts: Facts, award: Award) -> tuple[Budgeted, Facts]:
        """Say what a sale takes of budgets, and by which facts where it gets less than it wants."""
        rooms = self._rooms.get(place, {})
        short = {rule_id: room for rule_id, room in rooms.items() if room < wanted.get(rule_id, 0)}
        taken = {rule_id: {_SHARD: short.get(rule_id, amount)} for rule_id, amount in wanted.items()}
        if not short:
            return Budgeted(taken, award), facts
        return Budgeted(taken, None), replace(facts, rooms={**facts.rooms, **short})

    def _take_back(self, place: int, happening: Happening, event: ReturnEvent, receipt: Receipt) -> None:
        if receipt.grant is None or receipt.find(event.return_id):
            self.result.refused += 1
            return
        posting = self._begin(happening, receipt.grant.member_id)
        posted = take_back(posting, receipt, event, lambda _: self._candidate.program)
        sale = self._places[event.store_id, event.receipt_id]
        for rule_id in posted.entry.details.get("bu", ()):
            back = -_taken(posted.entry, rule_id)
            self.draws.append(Draw(place, event.occurred_at, rule_id, back, back, sale))
        self._receipts[event.store_id, event.receipt_id] = with_return(receipt, posted)
        for key in undone_in(posted):
            self._undone(next(entry for entry in posted.posting.entries if entry.key == key), posted.entry)
        self._note(event, posted)
        self.result.returns += 1

    def _receipt(self, place: tuple[str, str]) -> Receipt:
        """Give a receipt; it is made from its entry only once something comes back."""
        known = self._receipts[place]
        return known if isinstance(known, Receipt) else receipt_of(entry_item(known))

    def _undone(self, entry: Entry, by: Entry) -> None:
        _, store_id, receipt_id = entry.key.pk.split("#")
        if entry.key.pk != by.key.pk:  # a receipt knows what its own returns undo
            receipt = self._receipt((store_id, receipt_id))
            self._receipts[store_id, receipt_id] = replace(receipt, undone=(*receipt.undone, entry_item(entry)))
        rule_id = entry.key.sk.removeprefix(keys.BONUS_PREFIX)
        self.result.by_rule[rule_id] -= self._given[store_id, receipt_id].pop(rule_id)

    def _note(self, event: Sale | ReturnEvent, posted: Posted) -> None:
        """Book what entries moved: in all, for the member, on the day, by the rule."""
        account, entries = posted.posting.account, posted.posting.entries
        self._accounts[account.member_id] = account
        self._days.add(entries)
        moved = [entry.movement for entry in entries if entry.kind in _EARNED]
        points = sum(one.points + one.points_pending for one in moved)
        self.result.points += points
        counted = (day for entry in entries for day in entry.movement.qualifying.values())
        self.result.spend_minor += sum(day.spend_minor for day in counted)
        self.result.by_member[account.member_id] += points
        self.result.by_day[f"{business_date(event.occurred_at, self._candidate.program.business_zone)}"] += points
        receipt, given = (event.store_id, event.receipt_id), _by_rule(posted.award)
        for sign, shares in ((-1, self._given.get(receipt, {})), (1, given)):
            for rule_id, share in shares.items():
                self.result.by_rule[rule_id] += sign * share
        self._given[receipt] = given


def _taken(entry: Entry, rule_id: str) -> int:
    return int(entry.details.get("bu", {}).get(rule_id, {}).get(_SHARD, 0))


def _by_rule(award: Award) -> dict[str, float]:
    """Share out what a sale earned over the rules: the base to its rate, the rest to tiers and campaigns."""
    shares: dict[str, float] = defaultdict(float)
    for line in award.explain:
        if isinstance(line, BonusLine | BudgetLine):
            shares[line.rule_id] += float(line.points)
        elif isinstance(line, ItemsLine):
            for rule_id, share in _shares_of(line):
                shares[rule_id] += share
    return shares


def _shares_of(line: ItemsLine) -> Iterator[tuple[str, float]]:
    points, multiplier = float(line.points), float(line.multiplier)
    base = points / multiplier
    campaigns = base * max(0.0, multiplier - 1 - float(line.tier.bonus if line.tier else 0))
    yield line.rule_id, base
    if line.tier:
        yield TIER, points - base - campaigns
    together = float(sum(factor.bonus for factor in line.campaigns))
    for factor in line.campaigns:
        yield factor.id, campaigns * float(factor.bonus) / together
