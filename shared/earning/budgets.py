"""Every DynamoDB call on budgets: what campaigns have spent, in shards, in the transactions of sales and returns.

A budget's shard counts what was spent through it, up to its share of the total; the total is in the program alone, so
that publishing another one changes no item. A sale takes from one shard; where that has too little, all are read and
several give what they have, so that a budget stops exactly when nothing is left in any. Sixteen shards carry what
sixteen items do: thousands of sales a second, where one counter would stop at some hundreds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeVar

from shared import keys
from shared.earning.spending import MILLI, Taken
from shared.ledger.batch_reads import read_items
from shared.ledger.store import Ledger, stale
from shared.program.model import Program
from shared.runtime.attributes import Item, encode, encode_value
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, Refusal

T = TypeVar("T")

SHARDS: Final = 16
HOPEFUL_TRIES: Final = 2
REMEMBERED: Final = timedelta(seconds=30)

Pick = Callable[[Sequence[int]], int]


class BudgetDryError(Exception):
    """A shard had too little left. Take from others."""

    def __init__(self, rule_id: str, shard: int, left: int) -> None:
        super().__init__(rule_id, shard)
        self.rule_id, self.shard, self.left = rule_id, shard, left


class BudgetMissingError(Exception):
    """Points go back to a shard that has not given them: a fault in the program, never a business case."""


class _Seen(NamedTuple):
    left: int
    until: datetime


@dataclass(slots=True, kw_only=True)
class Budgets:
    """Takes from budgets. What was seen of nearly spent shards is a hint for half a minute, never a decision."""

    ledger: Ledger
    pick: Pick
    _seen: dict[tuple[str, int], _Seen] = field(default_factory=dict, init=False)

    def choose(
        self, wanted: Mapping[str, int], program: Program, now: datetime, patience: Patience, *, surely: bool
    ) -> dict[str, dict[str, int]]:
        """Say what to take from which shards; less only where all are spent, which `surely` reads. AP-18."""
        taken: dict[str, dict[str, int]] = {}
        for rule_id, amount in wanted.items():
            total = _total(program, rule_id)
            hopeful = [] if surely else [one for one in range(SHARDS) if self._hope(rule_id, one, total, now) >= amount]
            if hopeful:
                taken[rule_id] = {_name(self.pick(hopeful)): amount}
            elif surely or not self._is_spent(rule_id, now):
                taken[rule_id] = self._from_all(rule_id, total, amount, now, patience)
            else:
                taken[rule_id] = {}
        return taken

    def short(self, wanted: Mapping[str, int], program: Program, now: datetime, patience: Patience) -> dict[str, int]:
        """Read what is left of budgets that have less than is wanted of them. Nothing is taken. AP-18."""
        taken = self.choose(wanted, program, now, patience, surely=True)
        return _short(taken, wanted)

    def read(self, rule_ids: Iterable[str], patience: Patience) -> dict[tuple[str, int], int]:
        """Read what all shards of budgets count as spent, in thousandths of points, by rule and shard. AP-18."""
        places = {keys.budget(rule_id, shard): (rule_id, shard) for rule_id in rule_ids for shard in range(SHARDS)}
        found = read_items(self.ledger, places, patience, consistent=True)
        return {place: found.get(key, {}).get("used", 0) for key, place in places.items()}

    def spending(
        self,
        wanted: Mapping[str, int],
        program: Program,
        now: datetime,
        patience: Patience,
        attempt: Callable[[Taken, Mapping[str, int]], T],
    ) -> T:
        """Attempt what spends, again with other shards as often as one turns out to have too little.

        `attempt` is told what to take, and by rule what is left where that is less than wanted.
        """
        tries = 0
        while True:
            taken = self.choose(wanted, program, now, patience, surely=tries >= HOPEFUL_TRIES)
            try:
                return attempt(taken, _short(taken, wanted))
            except BudgetDryError as dry:
                self._seen[dry.rule_id, dry.shard] = _Seen(dry.left, now + REMEMBERED)
                if tries >= HOPEFUL_TRIES:
                    patience.pause(tries - HOPEFUL_TRIES)
                tries += 1

    def _hope(self, rule_id: str, shard: int, total: int, now: datetime) -> int:
        seen = self._seen.get((rule_id, shard))
        share = _share(total, shard)
        return share if seen is None or seen.until <= now else min(seen.left, share)

    def _is_spent(self, rule_id: str, now: datetime) -> bool:
        """Say whether all shards were lately seen with nothing left."""
        seen = [self._seen.get((rule_id, shard)) for shard in range(SHARDS)]
        return all(one is not None and one.left <= 0 and one.until > now for one in seen)

    def _from_all(self, rule_id: str, total: int, amount: int, now: datetime, patience: Patience) -> dict[str, int]:
        spent = self.read([rule_id], patience)
        left = {shard: max(0, _share(total, shard) - used) for (_, shard), used in spent.items()}
        self._seen |= {(rule_id, shard): _Seen(rest, now + REMEMBERED) for shard, rest in left.items()}
        enough = [shard for shard, rest in left.items() if rest >= amount]
        if enough:
            return {_name(self.pick(enough)): amount}
        taken: dict[str, int] = {}
        for shard in sorted(left, key=lambda one: (-left[one], one)):
            part = min(left[shard], amount - sum(taken.values()))
            if part:
                taken[_name(shard)] = part
        return taken

    def taking(self, taken: Taken, program: Program) -> list[ConditionalWrite]:
        """Make the writes that take. They refuse with BudgetDryError. AP-19."""
        return [
            self._taking(rule_id, int(shard), amount, _share(_total(program, rule_id), int(shard)))
            for rule_id, shards in taken.items()
            for shard, amount in shards.items()
            if amount
        ]

    def giving_back(self, given: Taken) -> list[ConditionalWrite]:
        """Make the writes that give back to where it was taken from. They refuse with a fault. AP-19."""
        return [
            self._giving_back(rule_id, int(shard), amount)
            for rule_id, shards in given.items()
            for shard, amount in shards.items()
        ]

    def _taking(self, rule_id: str, shard: int, amount: int, share: int) -> ConditionalWrite:
        return self._update(
            rule_id,
            shard,
            expression="SET used = if_not_exists(used, :zero) + :amount",
            condition="attribute_not_exists(pk) OR used <= :most",
            values={":zero": 0, ":amount": amount, ":most": share - amount},
            refusal=_dry(rule_id, shard, share),
        )

    def _giving_back(self, rule_id: str, shard: int, amount: int) -> ConditionalWrite:
        return self._update(
            rule_id,
            shard,
            expression="SET used = used - :amount",
            condition="used >= :amount",
            values={":amount": amount},
            refusal=_missing,
        )

    def righting(self, rule_id: str, shard: int, stands: int, *, spent: int) -> ConditionalWrite:
        """Make the write that says what a shard counts, as long as it is as read (StaleReadError). AP-76."""
        nothing = "attribute_not_exists(pk) OR " if stands == 0 else ""
        return self._update(
            rule_id,
            shard,
            expression="SET used = :spent",
            condition=f"{nothing}used = :read",
            values={":spent": spent, ":read": stands},
            refusal=stale,
        )

    def _update(
        self, rule_id: str, shard: int, *, expression: str, condition: str, values: Item, refusal: Refusal
    ) -> ConditionalWrite:
        request = {
            "TableName": self.ledger.tables.ledger,
            "Key": encode(keys.budget(rule_id, shard)._asdict()),
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {name: encode_value(value) for name, value in values.items()},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return ConditionalWrite(request={"Update": request}, refusal=refusal)


def _short(taken: Taken, wanted: Mapping[str, int]) -> dict[str, int]:
    """Say by rule what can be taken, where it is less than is wanted."""
    got = {rule_id: sum(shards.values()) for rule_id, shards in taken.items()}
    return {rule_id: room for rule_id, room in got.items() if room < wanted[rule_id]}


def wanted_of(spent: Mapping[str, int], program: Program) -> dict[str, int]:
    """Give what a sale wants of budgets that have a total."""
    totals = {rule.id for rule in program.rules if rule.budget and rule.budget.points_total is not None}
    return {rule_id: amount for rule_id, amount in spent.items() if rule_id in totals}


def _total(program: Program, rule_id: str) -> int:
    rule = next(rule for rule in program.rules if rule.id == rule_id)
    return (rule.budget.points_total or 0) * MILLI if rule.budget else 0


def _share(total: int, shard: int) -> int:
    return total // SHARDS + (shard < total % SHARDS)


def _name(shard: int) -> str:
    return f"{shard:02d}"


def _dry(rule_id: str, shard: int, share: int) -> Refusal:
    def refused(old: Item | None) -> Exception:
        return BudgetDryError(rule_id, shard, max(0, share - (old["used"] if old else 0)))

    return refused


def _missing(_old: Item | None) -> Exception:
    return BudgetMissingError()
