"""What an entry is about, read from its key. Pure."""

from typing import Final, NamedTuple

from shared import keys
from shared.keys import Key
from shared.names import ACTION_PREFIX, REFERRAL_PREFIX

_OF_ONE: Final = {
    "CLAIMED": "claim",
    "TIER_SET": "tier_setting",
    keys.DECIDED: "adjustment",
    keys.REDEEMED: "redemption",
    keys.OUTCOME: "redemption",
}


class Source(NamedTuple):
    """`id` is the receipt's of a sale or return, the friend's of a referral, an action's name, else an id."""

    type: str
    id: str


def source_of(key: Key) -> Source | None:
    """Say what moved the points; None where time did."""
    if key.sk == keys.SALE or key.sk.startswith((keys.RETURN_PREFIX, keys.BONUS_PREFIX)):
        return Source("return" if key.sk.startswith(keys.RETURN_PREFIX) else "sale", _last_part(key))
    if key.sk in _OF_ONE:
        return Source(_OF_ONE[key.sk], _last_part(key))
    if key.pk.startswith(ACTION_PREFIX):
        return Source("action", key.pk.split("#")[2])
    return Source("referral", _last_part(key)) if key.pk.startswith(REFERRAL_PREFIX) else None


def _last_part(key: Key) -> str:
    return key.pk.rpartition("#")[2]
