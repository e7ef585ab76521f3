"""How many pieces are left, for showing: eventually consistent, and kept for ten seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.redemption.catalogue import Content
from shared.redemption.member_catalogue import shown
from shared.redemption.stock import Stock, pieces_left
from shared.runtime.patience import Patience

KEPT_FOR: Final = timedelta(seconds=10)


@dataclass(slots=True, kw_only=True)
class StockCounts:
    stock: Stock
    _counts: tuple[datetime, Content, Mapping[str, int]] | None = field(default=None, init=False)

    def left(self, content: Content, now: datetime, patience: Patience) -> Mapping[str, int]:
        """Give the pieces left of every shown reward that has a stock. AP-33."""
        if self._counts is None or self._counts[1] is not content or now - self._counts[0] > KEPT_FOR:
            limited = [reward for reward in shown(content.rewards) if reward.stock is not None]
            shards = self.stock.read(limited, patience, consistent=False)
            counts = {reward_id: pieces_left(one) for reward_id, one in shards.items()}
            self._counts = (now, content, counts)
        return self._counts[2]
