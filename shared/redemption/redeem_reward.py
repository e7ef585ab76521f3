"""Points become a reward: the entry, the stock and the account in one transaction, or none of them.

Two AWS calls when warm: read the account, commit. The redemption's own key guards it, and the key comes from the
caller's idempotency key: whoever comes second with it, however late, finds the first answer there
(`shared.ledger.once`).

What needs an approval is listed for the staff in the same transaction, and waits with its points and pieces taken.
A tier that is bought is handed over in the same transaction: its fate is written with it, so it cannot be cancelled.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from shared import keys
from shared.errors import OutOfStockError, RewardNotAvailableError, RewardNotFoundError
from shared.ledger.account import Movement
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.movements import debit
from shared.ledger.once import Once, decide_once, key_free
from shared.ledger.posting import Posting, begin
from shared.ledger.rules import Rules
from shared.ledger.store import Ledger, stale
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.redemptions import Redemption, fulfilment_item, redemption_details, redemption_of
from shared.redemption.requests import Requests
from shared.redemption.rewards import Reward, counter_to_raise, obstacles
from shared.redemption.shards import Left
from shared.redemption.stock import ShardDryError, Stock
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, put_if_absent

HOPEFUL_TRIES: Final = 2
"""How many shards are tried unread: the second is as cheap as reading all, and most often has some left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeeming:
    """What redeeming works with. `rules_at` gives what time does to an account, and by which zone a day begins."""

    ledger: Ledger
    catalogues: Catalogues
    stock: Stock
    rules_at: Callable[[datetime], Rules]
    clock: Clock

    @property
    def requests(self) -> Requests:
        return Requests(client=self.ledger.client, table=self.ledger.tables.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a member asks for. The id and the digest stand for the caller's key and the request's content."""

    redemption_id: str
    digest: str
    member_id: str
    reward_id: str
    quantity: int = 1
    store_id: str | None = None


class Redeemed(NamedTuple):
    redemption: Redemption
    replayed: bool


def redeem_reward(order: Order, redeeming: Redeeming, patience: Patience) -> Redeemed:
    """Redeem a reward, or answer again what was answered to this key.

    Raises the refusals that `rewards.obstacles` lists, IdempotencyKeyReusedError, RewardNotFoundError,
    MemberNotFoundError and BusyError.
    """
    once = Once(key=keys.redemption(order.redemption_id), digest=order.digest)
    entry, replayed = decide_once(
        once, lambda: _redeem(order, redeeming, patience), redeeming.ledger, patience, clock=redeeming.clock
    )
    return Redeemed(redemption_of(entry), replayed)


def _redeem(order: Order, redeeming: Redeeming, patience: Patience) -> Entry:
    now = redeeming.clock()
    content = redeeming.catalogues.in_force(now)
    reward = content.rewards.get(order.reward_id)
    if reward is None:
        raise RewardNotFoundError
    posting = begin(redeeming.ledger.account(order.member_id), now, redeeming.rules_at(now))
    halved_through = posting.rules.halved_through(posting.today)
    for obstacle in obstacles(reward, order.quantity, posting.account, posting.today, halved_through=halved_through):
        raise obstacle
    counter = counter_to_raise(reward, posting.today)

    def posted(taken: Left) -> Posting:
        details = redemption_details(reward, order.quantity, content.currency, taken, counter)
        return _posted(order, reward, posting, counter, {**details, "g": order.digest})

    return _commit(order, reward, posted, redeeming, patience)


def _posted(order: Order, reward: Reward, posting: Posting, counter: str | None, details: Mapping[str, Any]) -> Posting:
    halved_through = posting.rules.halved_through(posting.today)
    movement = debit(posting.account, reward.points * order.quantity, halved_through=halved_through)
    tier = posting.rules.granted(posting.account, reward.to_tier, posting.today) if reward.to_tier else None
    if reward.to_tier and tier is None:
        raise RewardNotAvailableError(reward_id=reward.id)
    return posting.add(
        EntryKind.REDEEMED,
        keys.redemption(order.redemption_id),
        replace(movement, counters={counter: order.quantity} if counter else {}, tier=tier),
        store_id=order.store_id,
        label=reward.name,
        details={**details, **_price(movement, reward.points * order.quantity)},
    )


def _price(movement: Movement, price: int) -> dict[str, int]:
    """Note the price where it took more points than it names, because some paid half."""
    return {"pr": price} if price != -movement.points else {}


def _commit(
    order: Order, reward: Reward, posted: Callable[[Left], Posting], redeeming: Redeeming, patience: Patience
) -> Entry:
    """Commit with pieces from shards that have them, choosing again as long as others are faster."""
    key = keys.redemption(order.redemption_id)
    stock = redeeming.stock
    tries = 0
    while True:
        taken: Left = {}
        if reward.stock is not None:
            now = redeeming.clock()
            surely = tries >= HOPEFUL_TRIES
            taken = stock.choose(reward, order.quantity, now, patience, surely=surely)
        posting = posted(taken)
        entry = posting.entry_at(key)
        try:
            redeeming.ledger.commit(
                posting,
                patience,
                guards={key: key_free()},
                beside=[*stock.taking(reward.id, taken), *_what_follows(entry, reward, redeeming)],
            )
        except ShardDryError as dry:
            stock.remember(reward, {dry.shard: dry.left}, redeeming.clock())
            if reward.shards == 1:  # what the failed condition has seen is all there is
                raise OutOfStockError(reward_id=reward.id, required=order.quantity, available=dry.left) from None
            if tries >= HOPEFUL_TRIES:
                patience.pause(tries - HOPEFUL_TRIES)
            tries += 1
        else:
            return entry


def _what_follows(entry: Entry, reward: Reward, redeeming: Redeeming) -> list[ConditionalWrite]:
    """Write the fate of what is handed over by redeeming it; list what the staff has to approve."""
    redemption = redemption_of(entry)
    if reward.to_tier:
        item = fulfilment_item(redemption.id, at=redeeming.clock())
        return [put_if_absent(redeeming.ledger.tables.ledger, item, refusal=stale)]
    return [redeeming.requests.listing(redemption)] if redemption.needs_approval else []
