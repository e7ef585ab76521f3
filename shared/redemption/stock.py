"""Every DynamoDB call on stock: shards that only deltas change, and what a container remembers of them.

A shard is `left` and `given` (pieces), and `up`, the catalogue's revision that last added to it: the restock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from shared import keys
from shared.ledger.batch_reads import read_items
from shared.ledger.store import Ledger, stale
from shared.redemption.rewards import Reward
from shared.redemption.shards import Left, Pick, take_from
from shared.runtime.attributes import Item, encode, encode_value
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, Refusal

REMEMBERED: Final = timedelta(minutes=1)


class Shard(NamedTuple):
    """Pieces left and ever offered in a shard, and the revision that last added to it (0: none did)."""

    left: int
    given: int
    restock: int


class ShardDryError(Exception):
    """A shard had too little. Take the pieces from elsewhere."""

    def __init__(self, shard: int, left: int) -> None:
        super().__init__(shard, left)
        self.shard = shard
        self.left = left


class StockMissingError(Exception):
    """Pieces come back to a shard that was never there: a fault in the program, never a business case."""


class _Seen(NamedTuple):
    left: int
    until: datetime


@dataclass(slots=True, kw_only=True)
class Stock:
    """Takes pieces from shards. What was seen of nearly dry shards is a hint for a minute, never a decision."""

    ledger: Ledger
    pick: Pick
    _seen: dict[tuple[str, int], _Seen] = field(default_factory=dict, init=False)

    def choose(self, reward: Reward, quantity: int, now: datetime, patience: Patience, *, surely: bool) -> Left:
        """Choose the shards to take from: by what is remembered, or `surely` by reading all of them.

        Raises OutOfStockError only after such a reading. AP-33.
        """
        if not surely and (hopeful := self._hopeful(reward, quantity, now)):
            return {self.pick(hopeful): quantity}
        left = {shard: one.left for shard, one in self.read([reward], patience)[reward.id].items()}
        self.remember(reward, left, now)
        return take_from(left, quantity, self.pick, reward_id=reward.id)

    def remember(self, reward: Reward, left: Left, now: datetime) -> None:
        """Remember what was seen of some of a reward's shards."""
        self._seen.update({(reward.id, shard): _Seen(pieces, now + REMEMBERED) for shard, pieces in left.items()})

    def _hopeful(self, reward: Reward, quantity: int, now: datetime) -> list[int]:
        """List the shards that are not known to have too little."""
        unknown = _Seen(quantity, now + REMEMBERED)
        seen = {shard: self._seen.get((reward.id, shard), unknown) for shard in range(reward.shards)}
        return [shard for shard, one in seen.items() if one.left >= quantity or one.until <= now]

    def read(
        self, rewards: Iterable[Reward], patience: Patience, *, consistent: bool = True
    ) -> dict[str, dict[int, Shard]]:
        """Read all shards of rewards, those that do not exist yet as empty ones. AP-33."""
        places = {keys.stock(one.id, shard): (one.id, shard) for one in rewards for shard in range(one.shards)}
        found = read_items(self.ledger, places, patience, consistent=consistent)
        shards: dict[str, dict[int, Shard]] = {}
        for key, (reward_id, shard) in places.items():
            item = found.get(key, {})
            one = Shard(left=item.get("left", 0), given=item.get("given", 0), restock=item.get("up", 0))
            shards.setdefault(reward_id, {})[shard] = one
        return shards

    def taking(self, reward_id: str, taken: Left) -> list[ConditionalWrite]:
        """Make the writes that take pieces. Each refuses with ShardDryError. AP-35."""
        return [
            self._update(
                reward_id,
                shard,
                expression="SET #left = #left - :pieces",
                condition="#left >= :pieces",
                values={":pieces": pieces},
                refusal=_dry(shard),
            )
            for shard, pieces in taken.items()
        ]

    def giving_back(self, reward_id: str, taken: Left) -> list[ConditionalWrite]:
        """Make the writes that put pieces back to where they were taken from. They refuse with a fault. AP-36."""
        return [
            self._update(
                reward_id,
                shard,
                expression="SET #left = #left + :pieces",
                condition="attribute_exists(pk)",
                values={":pieces": pieces},
                refusal=_missing,
            )
            for shard, pieces in taken.items()
        ]

    def adding(self, reward_id: str, shard: int, *, given: int, pieces: int, revision: int) -> ConditionalWrite:
        """Make the write that offers more pieces in a shard, which is made where there is none.

        `given` as read must still stand: publications alone change it, so that one which was applied already, or
        another's in between, refuses with StaleReadError. AP-37.
        """
        return self._update(
            reward_id,
            shard,
            expression="SET #left = if_not_exists(#left, :zero) + :pieces, given = :after, up = :revision",
            condition="attribute_not_exists(pk) OR given = :read",
            values={":zero": 0, ":pieces": pieces, ":read": given, ":after": given + pieces, ":revision": revision},
            refusal=stale,
        )

    def taking_back(self, reward_id: str, shard: int, *, given: int, pieces: int) -> ConditionalWrite:
        """Make the write that offers fewer pieces in a shard, of those that are left.

        Refuses with StaleReadError where `given` is no longer as read, or fewer pieces are left. AP-38.
        """
        return self._update(
            reward_id,
            shard,
            expression="SET #left = #left - :pieces, given = :after",
            condition="given = :read AND #left >= :pieces",
            values={":pieces": pieces, ":read": given, ":after": given - pieces},
            refusal=stale,
        )

    def righting(self, reward_id: str, shard: int, stands: Shard, *, left: int) -> ConditionalWrite:
        """Make the write that says what must be left in a shard, as long as it is as read (StaleReadError). AP-75."""
        return self._update(
            reward_id,
            shard,
            expression="SET #left = :left",
            condition="given = :given AND #left = :read",
            values={":left": left, ":given": stands.given, ":read": stands.left},
            refusal=stale,
        )

    def _update(
        self, reward_id: str, shard: int, *, expression: str, condition: str, values: Item, refusal: Refusal
    ) -> ConditionalWrite:
        request = {
            "TableName": self.ledger.tables.ledger,
            "Key": encode(keys.stock(reward_id, shard)._asdict()),
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#left": "left"},
            "ExpressionAttributeValues": {name: encode_value(value) for name, value in values.items()},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return ConditionalWrite(request={"Update": request}, refusal=refusal)


def _dry(shard: int) -> Refusal:
    def refused(old: Item | None) -> Exception:
        return ShardDryError(shard, old["left"] if old else 0)

    return refused


def _missing(_old: Item | None) -> Exception:
    return StockMissingError()


def pieces_left(shards: Mapping[int, Shard]) -> int:
    return sum(one.left for one in shards.values())
