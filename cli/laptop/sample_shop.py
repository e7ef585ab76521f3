"""The sample shop of the laptop: the stores, the program and the rewards of `config/`, and three subscriptions.

Everything is published as an operator would publish it; what is there already stays.
"""

import random
from typing import Any, Final

from cli.connection import Connection, connection_of
from cli.laptop.places import ROOT
from cli.subscriptions import new_secret, read_listed, write_listed
from shared.ledger.store import Ledger
from shared.program.load import load_program, load_stores
from shared.program.store import publish, read_timeline, write_stores
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.publish_rewards import Offer, plan_publication, publish_rewards
from shared.redemption.rewards import reward_of
from shared.redemption.stock import Stock
from shared.runtime.clock import utc_now
from shared.runtime.patience import patience_of_seconds

CONFIG: Final = ROOT / "config"
PATIENCE_SECONDS: Final = 30
SUBSCRIPTIONS: Final[tuple[dict[str, Any], ...]] = (
    {"id": "till-sh001", "format": "house", "stores": ["SH001"]},
    {"id": "chain", "format": "house", "stores": ["*"]},
    {"id": "backfill", "format": "house", "stores": ["*"], "claim_days": None},
)
