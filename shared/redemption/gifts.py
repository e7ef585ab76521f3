"""Rewards that rules give: no price, in no list, and a redemption like any other once they are given."""

import hashlib
from dataclasses import dataclass
from typing import Final

from shared import keys
from shared.ledger.account import Movement
from shared.ledger.entries import EntryKind
from shared.ledger.posting import Posting
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.redemptions import ID_PREFIX, redemption_details
from shared.runtime import telemetry
from shared.runtime.ids import id_of_digest

DIGEST: Final = "gift"
"""What stands for a request's content: nobody asks for a gift with a key of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gifts:
    """Adds gifts to postings."""

    catalogues: Catalogues

    def give(self, posting: Posting, reward_id: str, occasion: str) -> Posting:
        """Give a posting with one more redemption, of no points; the same occasion makes the same one.

        A gift that is not published gives nothing, and is counted for the operators: what else was earned is kept.
        """
        content = self.catalogues.in_force(posting.at)
        reward = content.rewards.get(reward_id)
        if reward is None or not reward.is_gift or not reward.listed:
            telemetry.count("GiftsMissing")
            return posting
        digest = hashlib.sha256(f"{occasion} {reward_id}".encode()).digest()
        redemption_id = id_of_digest(ID_PREFIX, digest)
        details = redemption_details(reward, 1, content.currency, {}, None)
        return posting.add(
            EntryKind.REDEEMED,
            keys.redemption(redemption_id),
            Movement(),
            label=reward.name,
            details={**details, "g": DIGEST},
        )
