"""A request with a key of its own is decided once, for ever: done, or refused.

What it does is an entry at a key that follows from the caller and the Idempotency-Key; a refusal is an item at the
same key, with kind `refused`: no entry, nobody's history or balance knows it. So whoever comes second finds the first
answer in the condition that fails, and nothing needs to be marked as being in progress.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

from shared.errors import Conflict, IdempotencyKeyReusedError, NotFound, Rejected
from shared.keys import Key
from shared.ledger.entries import Entry
from shared.ledger.items import entry_of, write_instant
from shared.ledger.store import Guard, Ledger, StaleReadError, settled
from shared.runtime.attributes import Item
from shared.runtime.clock import Clock
from shared.runtime.patience import Patience

T = TypeVar("T")

REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Where a request's answer stands, and the digest that tells a repetition from another request with its key.

    The details of what stands there hold the digest as `g`.
    """

    key: Key
    digest: str


class Answered(NamedTuple):
    entry: Entry
    replayed: bool


class KeyTakenError(Exception):
    """Something stands already where this was to be put."""

    def __init__(self, item: Item) -> None:
        super().__init__(item["pk"])
        self.item = item


def decide_once(
    once: Once, decide: Callable[[], Entry], ledger: Ledger, patience: Patience, *, clock: Clock
) -> Answered:
    """Decide, or answer again what was answered to this key: an entry, or a refusal.

    `decide` commits with `key_free()` as the guard of the key, and is repeated when what it read has moved. Raises
    what it raises; IdempotencyKeyReusedError where the key was used for something else.
    """
    return Answered(*answer_once(once, decide, entry_of, ledger, patience, clock=clock))


def answer_once(
    once: Once,
    decide: Callable[[], T],
    again: Callable[[Item], T],
    ledger: Ledger,
    patience: Patience,
    *,
    clock: Clock,
) -> tuple[T, bool]:
    """Do as `decide_once` where the answer is no entry: `again` reads it from the item at the key.

    Gives the answer, and whether it was given before.
    """
    try:
        return settled(decide, patience), False
    except KeyTakenError as taken:
        known = taken.item
    except Conflict as refusal:
        known = _refuse(once, refusal, ledger, patience, at=clock())
    except (NotFound, Rejected):  # which may have come to be so since
        found = ledger.item(once.key)
        if found is None:
            raise
        known = found
    return again(_answered(once, known)), True


def refuse_once(once: Once, decide: Callable[[], T], ledger: Ledger, patience: Patience, *, clock: Clock) -> T:
    """Decide, or refuse again what was refused to this key; what is done stands elsewhere, and `decide` finds it there.

    Where something that was refused could be done later, `decide` commits with a check that nothing stands at the key,
    which refuses with `key_taken`. Raises what `decide` raises; IdempotencyKeyReusedError as `decide_once`.
    """
    try:
        return decide()
    except KeyTakenError as taken:
        known = taken.item
    except Conflict as refusal:
        known = _refuse(once, refusal, ledger, patience, at=clock())
    raise LookupError(f"no refusal: {_answered(once, known)['pk']}")


def key_free() -> Guard:
    return Guard(refusal=key_taken)


def key_taken(old: Item | None) -> Exception:
    return KeyTakenError(old) if old else StaleReadError()


def _refuse(once: Once, refusal: Conflict, ledger: Ledger, patience: Patience, *, at: datetime) -> Item:
    """Record a refusal and raise it; where this key was answered before, give the item of that answer."""
    details = {"g": once.digest, "code": refusal.code, "fields": json.dumps(refusal.fields)}
    item: Item = {**once.key._asdict(), "k": REFUSED, "o": write_instant(at), "de": details}
    try:
        ledger.put([(item, key_free())], patience)
    except KeyTakenError as taken:
        return taken.item
    raise refusal


def _answered(once: Once, item: Item) -> Item:
    """Give the item of an answer to the same request. Raises IdempotencyKeyReusedError, and what was refused."""
    if item["de"]["g"] != once.digest:
        raise IdempotencyKeyReusedError
    if item["k"] == REFUSED:
        raise _refusal_of(item)
    return item


def _refusal_of(item: Item) -> Conflict:
    """Make the error that was answered the first time, its fields in the same order."""
    code = item["de"]["code"]
    kind = next(kind for kind in _conflicts(Conflict) if kind.code == code)
    refusal = kind(**json.loads(item["de"]["fields"]))
    refusal.replayed = True
    return refusal


def _conflicts(family: type[Conflict]) -> Iterator[type[Conflict]]:
    for kind in family.__subclasses__():
        yield kind
        yield from _conflicts(kind)
