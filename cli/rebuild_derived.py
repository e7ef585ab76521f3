"""`jifen ops rebuild` of stock, budgets and the list for the staff: each anew from what the ledger says of it."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

import typer
from rich.console import Console

from cli.audit import run_audit
from cli.connection import Connection
from shared.audit.check import Findings
from shared.audit.scan import Reach
from shared.earning.budgets import Budgets
from shared.earning.rebuild_budgets import Misspent, misspent, set_budget_right
from shared.ledger.store import Ledger, StaleReadError
from shared.program.store import Programs, read_timeline
from shared.redemption.catalogue_store import Catalogues
from shared.redemption.rebuild_requests import Mislisted, list_right, mislisted
from shared.redemption.rebuild_stock import Miscount, miscounts, set_right
from shared.redemption.requests import Requests
from shared.redemption.stock import Shard, Stock
from shared.runtime.clock import utc_now
from shared.runtime.patience import patience_of_seconds

SECONDS: Final = 30
CONSOLE: Final = Console(highlight=False, soft_wrap=True)

S = TypeVar("S", Miscount, Misspent, Mislisted)
"""What begins with its place, as a text."""


def rebuild_stock(connection: Connection, author: str, *, ask: bool) -> bool:
    """Show each shard that differs from its redemptions and set it right; say whether none does any more."""
    stock = Stock(ledger=_ledger(connection), pick=min)
    shards = shards_of_all(stock)

    def right(found: Miscount) -> str:
        if found.left < 0:
            return f"offer {-found.left} pieces more"
        set_right(found, stock, patience_of_seconds(SECONDS), author=author, at=utc_now())
        return ""

    return _rebuilt("shards", miscounts(shards, _counted(connection).taken), right, ask=ask)


def rebuild_budgets(connection: Connection, author: str, *, ask: bool) -> bool:
    """Show each shard that differs from its sales and set it right; say whether none does any more."""
    budgets = Budgets(ledger=_ledger(connection), pick=min)
    shards = budgets.read(rules_with_budgets(budgets.ledger), patience_of_seconds(SECONDS))

    def right(found: Misspent) -> str:
        if found.spent < 0:
            return "returns gave back more than sales took: an entry is missing"
        set_budget_right(found, budgets, patience_of_seconds(SECONDS), author=author, at=utc_now())
        return ""

    return _rebuilt("shards", misspent(shards, _counted(connection).spent), right, ask=ask)


def rebuild_requests(connection: Connection, author: str, *, ask: bool) -> bool:
    """Show each redemption that is listed wrongly for the staff and list it right; say whether none is any more."""
    ledger = _ledger(connection)
    requests = Requests(client=ledger.client, table=ledger.tables.members)

    def right(found: Mislisted) -> str:
        list_right(found, requests, ledger, patience_of_seconds(SECONDS), author=author, at=utc_now())
        return ""

    return _rebuilt("redemptions", mislisted(_counted(connection).waiting, requests, ledger), right, ask=ask)


def shards_of_all(stock: Stock) -> Mapping[str, Mapping[int, Shard]]:
    """Read the shards of all rewards that were ever offered."""
    ledger = stock.ledger
    catalogues = Catalogues(client=ledger.client, table=ledger.tables.ledger, clock=utc_now)
    rewards = [one for one in catalogues.read().catalogue.latest.values() if one.stock is not None]
    return stock.read(rewards, patience_of_seconds(SECONDS))


def rules_with_budgets(ledger: Ledger) -> set[str]:
    """Name the rules that had a budget in any version of the program."""
    client, table = ledger.client, ledger.tables.ledger
    programs = Programs(client=client, table=table)
    versions = [programs.numbered(one.number) for one in read_timeline(client=client, table=table).timeline.refs]
    return {rule.id for version in versions for rule in version.rules if rule.budget}


def _ledger(connection: Connection) -> Ledger:
    return Ledger(client=connection.dynamodb, tables=connection.tables)


def _counted(connection: Connection) -> Findings:
    """Count what entries say of stock and budgets."""
    reach = Reach(connect=connection.connect_dynamodb, tables=connection.tables)
    return run_audit(reach, processes=os.cpu_count() or 2, console=CONSOLE)


def _rebuilt(what: str, differing: Iterable[S], right: Callable[[S], str], *, ask: bool) -> bool:
    """Show what differs, ask, and set each right; `right` says why one cannot be."""
    found = list(differing)
    for one in found:
        CONSOLE.print(f"  [red]✗[/red] {one}")
    if found and ask:
        typer.confirm(f"set {len(found)} {what} right?", abort=True)
    left = [one for one in found if not _done(one, right)]
    CONSOLE.print(f"{len(found) - len(left):,} {what} set right, {len(left):,} still differ")
    return not left


def _done(one: S, right: Callable[[S], str]) -> bool:
    try:
        stuck = right(one)
    except StaleReadError:
        stuck = "moved meanwhile, count again"
    if stuck:
        CONSOLE.print(f"  [red]✗[/red] {str(one).partition(':')[0]}: {stuck}")
    return not stuck
