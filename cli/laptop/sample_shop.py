"""The sample shop of the laptop: the stores, the program and the rewards of `config/`, and three subscriptions.

Everything is published as an operator would publish it; what is there already stays.
"""

import json
import random
from typing import Any, Final

from cli.connection import Connection, connection_of
from cli.laptop.places import ROOT
from cli.secret_lists import new_secret
from shared.ledger.store import Ledger
from shared.program.load import load_chain, load_program
from shared.program.store import publish, read_timeline, write_chain
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.offers import offer_of
from shared.redemption.publish_rewards import plan_publication, publish_rewards
from shared.redemption.stock import Stock
from shared.runtime.clock import utc_now
from shared.runtime.patience import patience_of_seconds
from shared.runtime.secrets import read_secret

CONFIG: Final = ROOT / "config"
PATIENCE_SECONDS: Final = 30
AUTHOR: Final = "sample-shop"
"""Who did it, in the trail."""
SUBSCRIPTIONS: Final[tuple[dict[str, Any], ...]] = (
    {"id": "till-sh001", "format": "house", "stores": ["SH001"]},
    {"id": "chain", "format": "house", "stores": ["*"]},
    {"id": "backfill", "format": "house", "stores": ["*"], "claim_days": None},
)


def open_shop(local: dict[str, Any]) -> dict[str, Any]:
    """Publish the sample shop, and add its subscriptions with their secrets to what `build/local.json` says."""
    connection = connection_of(local)
    _publish_config(connection)
    return {**local, "subscriptions": _subscriptions(connection)}


def _publish_config(connection: Connection) -> None:
    client, table = connection.dynamodb, connection.tables.ledger
    patience = patience_of_seconds(PATIENCE_SECONDS)
    write_chain(load_chain(CONFIG / "stores.yaml"), client=client, table=table, author=AUTHOR)
    compiled = load_program(CONFIG / "program.yaml")
    timeline, _ = read_timeline(client=client, table=table)
    if not timeline.refs:
        publish(compiled.draft, base=timeline, client=client, table=table, patience=patience, author=AUTHOR)
    ledger = Ledger(client=client, tables=connection.tables)
    catalogues = Catalogues(client=client, table=table, clock=utc_now)
    stock = Stock(ledger=ledger, pick=random.SystemRandom().choice)
    offer = offer_of(compiled.catalog, compiled.draft.program.currency)
    plan = plan_publication(offer, catalogues, stock, patience)
    if not plan.is_empty:
        publish_rewards(offer, plan.base.revision, catalogues, stock, patience, author=AUTHOR)


def _subscriptions(connection: Connection) -> list[dict[str, Any]]:
    """Add the sample subscriptions that are missing; give all of them with their newest secret."""
    listed = read_secret(connection.secretsmanager, connection.subscriptions_secret)["subscriptions"]
    known = {one["id"] for one in listed}
    listed += [{**one, "secrets": [new_secret()]} for one in SUBSCRIPTIONS if one["id"] not in known]
    connection.secretsmanager.put_secret_value(
        SecretId=connection.subscriptions_secret, SecretString=json.dumps({"subscriptions": listed})
    )
    return [
        {"id": one["id"], "format": one["format"], "secret": one["secrets"][0], "stores": one["stores"]}
        for one in listed
    ]
