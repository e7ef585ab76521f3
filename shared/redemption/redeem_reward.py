"""Points become a reward: the entry, the stock and the account in one transaction, or none of them.

Two AWS calls when warm: read the account, commit. The redemption's own key guards it, and the key comes from the
caller's idempotency key: whoever comes second with it, however late, finds the first answer there. A refusal is put
at the same key, so that it stays the answer too; what may succeed in a moment (503) never is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from shared import keys
from shared.errors import Conflict, IdempotencyKeyReusedError, NotFound, OutOfStockError, RewardNotFoundError
from shared.ledger.entries import Entry, EntryKind
from shared.ledger.items import entry_of
from shared.ledger.movements import debit
from shared.ledger.posting import Posting, begin
from shared.ledger.rules import Rules
from shared.ledger.store import Guard, Ledger, StaleReadError, settled
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.redemptions import (
    REFUSED,
    Redemption,
    redemption_details,
    redemption_of,
    refusal_item,
    refusal_of,
)
from shared.redemption.rewards import Reward, counter_to_raise, obstacles
from shared.redemption.shards import Left
from shared.redemption.stock import ShardDryError, Stock
from shared.runtime.attributes import Item
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience

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


class KeyTakenError(Exception):
    """Something stands already where this was to be put."""

    def __init__(self, item: Item) -> None:
        super().__init__(item["pk"])
        self.item = item


def redeem_reward(order: Order, redeeming: Redeeming, patience: Patience) -> Redeemed:
    """Redeem a reward, or answer again what was answered to this key.

    Raises the refusals that `rewards.obstacles` lists, IdempotencyKeyReusedError, RewardNotFoundError,
    MemberNotFoundError and BusyError.
    """
    try:
        entry = settled(lambda: _redeem(order, redeeming, patience), patience)
    except KeyTakenError as taken:
        return _answer_again(order, taken.item)
    except Conflict as refusal:
        return _refuse(order, refusal, redeeming, patience)
    except NotFound:
        known = redeeming.ledger.item(keys.redemption(order.redemption_id))
        if known is None:
            raise
        return _answer_again(order, known)
    return Redeemed(redemption_of(entry), replayed=False)


def _redeem(order: Order, redeeming: Redeeming, patience: Patience) -> Entry:
    now = redeeming.clock()
    content = redeeming.catalogues.in_force(now)
    reward = content.rewards.get(order.reward_id)
    if reward is None:
        raise RewardNotFoundError
    posting = begin(redeeming.ledger.account(order.member_id), now, redeeming.rules_at(now))
    for obstacle in obstacles(reward, order.quantity, posting.account, posting.today):
        raise obstacle
    counter = counter_to_raise(reward, posting.today)

    def posted(taken: Left) -> Posting:
        details = redemption_details(reward, order.quantity, content.currency, taken, counter)
        return _posted(order, reward, posting, counter, {**details, "g": order.digest})

    return _commit(order, reward, posted, redeeming, patience)


def _posted(order: Order, reward: Reward, posting: Posting, counter: str | None, details: Mapping[str, Any]) -> Posting:
    movement = debit(posting.account, reward.points * order.quantity)
    return posting.add(
        EntryKind.REDEEMED,
        keys.redemption(order.redemption_id),
        replace(movement, counters={counter: order.quantity} if counter else {}),
        store_id=order.store_id,
        label=reward.name,
        details=details,
    )


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
        try:
            redeeming.ledger.commit(
                posting, patience, guards={key: Guard(refusal=key_taken)}, beside=stock.taking(reward.id, taken)
            )
        except ShardDryError as dry:
            stock.remember(reward, {dry.shard: dry.left}, redeeming.clock())
            if reward.shards == 1:  # what the failed condition has seen is all there is
                raise OutOfStockError(reward_id=reward.id, required=order.quantity, available=dry.left) from None
            if tries >= HOPEFUL_TRIES:
                patience.pause(tries - HOPEFUL_TRIES)
            tries += 1
        else:
            return next(entry for entry in posting.entries if entry.key == key)


def _refuse(order: Order, refusal: Conflict, redeeming: Redeeming, patience: Patience) -> Redeemed:
    """Record a refusal and raise it; where this key was answered before, that answer holds."""
    item = refusal_item(order.redemption_id, refusal, digest=order.digest, at=redeeming.clock())
    try:
        redeeming.ledger.put([(item, Guard(refusal=key_taken))], patience)
    except KeyTakenError as taken:
        return _answer_again(order, taken.item)
    raise refusal


def _answer_again(order: Order, item: Item) -> Redeemed:
    if item["de"]["g"] != order.digest:
        raise IdempotencyKeyReusedError
    if item["k"] == REFUSED:
        raise refusal_of(item)
    return Redeemed(redemption_of(entry_of(item)), replayed=True)


def key_taken(old: Item | None) -> Exception:
    return KeyTakenError(old) if old else StaleReadError()
