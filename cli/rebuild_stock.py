"""`jifen ops rebuild --stock`: what is left of each reward, counted anew from the redemptions that live."""

import os
from collections.abc import Mapping
from typing import Final

import typer
from rich.console import Console

from cli.audit import run_audit
from cli.connection import Connection
from shared.audit.scan import Reach
from shared.ledger.store import Ledger, StaleReadError
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.rebuild_stock import Miscount, miscounts, set_right
from shared.redemption.stock import Shard, Stock
from shared.runtime.clock import utc_now
from shared.runtime.patience import patience_of_seconds

SECONDS: Final = 30
CONSOLE: Final = Console(highlight=False, soft_wrap=True)


def rebuild_stock(connection: Connection, author: str, *, ask: bool) -> bool:
    """Show each shard that differs from its redemptions and set it right; say whether none does any more."""
    ledger = Ledger(client=connection.dynamodb, tables=connection.tables)
    stock = Stock(ledger=ledger, pick=min)
    shards = shards_of_all(stock)
    reach = Reach(connect=connection.connect_dynamodb, tables=connection.tables)
    taken = run_audit(reach, processes=os.cpu_count() or 2, console=CONSOLE).taken
    found = list(miscounts(shards, taken))
    for one in found:
        CONSOLE.print(f"  [red]✗[/red] {one}")
    if found and ask:
        typer.confirm(f"set {len(found)} shards right?", abort=True)
    left = [one for one in found if not done(one, stock, author)]
    CONSOLE.print(f"{len(found) - len(left):,} shards set right, {len(left):,} still differ")
    return not left


def shards_of_all(stock: Stock) -> Mapping[str, Mapping[int, Shard]]:
    """Read the shards of all rewards that were ever offered."""
    ledger = stock.ledger
    catalogues = Catalogues(client=ledger.client, table=ledger.tables.ledger, clock=utc_now)
    rewards = [one for one in catalogues.read().catalogue.latest.values() if one.stock is not None]
    return stock.read(rewards, patience_of_seconds(SECONDS))


def done(miscount: Miscount, stock: Stock, author: str) -> bool:
    """Set a shard right; say whether that was possible."""
    if miscount.left < 0:
        CONSOLE.print(f"  [red]✗[/red] {miscount.reward_id} shard {miscount.shard}: offer {-miscount.left} pieces more")
        return False
    try:
        set_right(miscount, stock, patience_of_seconds(SECONDS), author=author, at=utc_now())
    except StaleReadError:
        CONSOLE.print(f"  [red]✗[/red] {miscount.reward_id} shard {miscount.shard}: moved meanwhile, count again")
        return False
    return True
