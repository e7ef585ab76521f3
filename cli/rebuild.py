"""`jifen ops compare` and `jifen ops rebuild`: what a restored table lacks, and accounts rebuilt from entries."""

import os
from collections.abc import Iterable
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from cli.audit import run_audit
from cli.connection import Connection, connect
from cli.program_publish import YesOption, author_of
from cli.rebuild_derived import rebuild_budgets, rebuild_requests, rebuild_stock
from shared.audit.compare import compare
from shared.audit.look import look
from shared.audit.rebuild_account import Plan, Rebuilding, plan_rebuild, rebuild_account
from shared.audit.scan import Reach, looking_of
from shared.errors import MemberNotFoundError
from shared.ledger.rebuild import UnsoundEntriesError
from shared.ledger.store import StaleReadError
from shared.messages.store import Recipients
from shared.runtime.clock import utc_now
from shared.runtime.patience import patience_of_seconds
from shared.tiers.time_rules import TimeRules

SECONDS_FOR_A_MEMBER: Final = 30
CONSOLE: Final = Console(highlight=False, soft_wrap=True)


def compare_tables(context: typer.Context) -> None:
    """Name members with a profile and no account, or an account and no profile. Exit 1 where there are any."""
    connection = context.find_object(Connection) or connect()
    unmatched = compare(connection.dynamodb, connection.tables)
    for what, member_ids in zip(("no account", "no profile"), unmatched, strict=True):
        for member_id in member_ids:
            CONSOLE.print(f"  [red]✗[/red] {member_id}: {what}")
    CONSOLE.print(
        f"{len(unmatched.without_account):,} profiles without an account, "
        f"{len(unmatched.without_profile):,} accounts without a profile"
    )
    raise typer.Exit(1 if any(unmatched) else 0)


def rebuild(
    context: typer.Context,
    member: Annotated[str | None, typer.Option(help="A member id.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Whoever the audit finds, or has no account.")] = False,
    stock: Annotated[bool, typer.Option("--stock", help="Stock, from the redemptions that live.")] = False,
    budgets: Annotated[bool, typer.Option("--budgets", help="Budgets, from what sales took of them.")] = False,
    requests: Annotated[
        bool, typer.Option("--requests", help="The list of redemptions that wait for the staff.")
    ] = False,
    yes: YesOption = False,
    by: Annotated[str | None, typer.Option(help="Who rebuilds, else the user here; it stands in the trail.")] = None,
) -> None:
    """Rebuild what differs from the ledger; show first what does. Exit 1 where something still differs.

    No till may work on accounts and a ledger of two instants: see docs/operations/restore.md.
    """
    if (member is not None) + everybody + stock + budgets + requests != 1:
        raise typer.BadParameter("give one of --member, --all, --stock, --budgets and --requests")
    connection = context.find_object(Connection) or connect()
    for wanted, rebuild_one in ((stock, rebuild_stock), (budgets, rebuild_budgets), (requests, rebuild_requests)):
        if wanted:
            raise typer.Exit(0 if rebuild_one(connection, author_of(by), ask=not yes) else 1)
    rebuilding = rebuilding_of(connection)
    member_ids = [member] if member else differing(connection)
    planned, stuck = planned_for(member_ids, rebuilding)
    for plan in planned:
        for difference in plan.differences:
            CONSOLE.print("  [red]✗[/red]", Text(difference))
    if planned and not yes:
        typer.confirm(f"rebuild {len(planned)} accounts?", abort=True)
    left = [plan.account.member_id for plan in planned if not done(plan, rebuilding, author_of(by))]
    CONSOLE.print(f"{len(planned) - len(left):,} rebuilt, {len(left) + stuck:,} still differ")
    raise typer.Exit(1 if left or stuck else 0)


def rebuilding_of(connection: Connection) -> Rebuilding:
    looking = looking_of(Reach(connect=connection.connect_dynamodb, tables=connection.tables))
    return Rebuilding(
        looking=looking,
        profiles=Recipients(client=connection.dynamodb, table=connection.tables.members),
        rules=TimeRules(programs=looking.programs, ledger=looking.ledger),
    )


def differing(connection: Connection) -> list[str]:
    """Name the members whom an audit of the whole tables finds, and those who have a profile and no account."""
    reach = Reach(connect=connection.connect_dynamodb, tables=connection.tables)
    found = run_audit(reach, processes=os.cpu_count() or 2, console=CONSOLE).members
    return sorted({*found, *compare(connection.dynamodb, connection.tables).without_account})


def planned_for(member_ids: Iterable[str], rebuilding: Rebuilding) -> tuple[list[Plan], int]:
    """Plan for each member; say of how many nothing can be made, and why."""
    planned: list[Plan] = []
    stuck = 0
    for member_id in member_ids:
        try:
            plan = plan_rebuild(member_id, rebuilding, patience_of_seconds(SECONDS_FOR_A_MEMBER))
        except UnsoundEntriesError as error:
            CONSOLE.print(f"  [red]✗[/red] {member_id}: cannot be rebuilt: {error}")
            stuck += 1
        except MemberNotFoundError:
            CONSOLE.print(f"  [red]✗[/red] {member_id}: nobody is known by this id")
            stuck += 1
        else:
            planned += [plan] if plan else []
    return planned, stuck


def done(plan: Plan, rebuilding: Rebuilding, author: str) -> bool:
    """Rebuild, from looking on where somebody moved the account meanwhile; say whether nothing differs any more."""
    member_id, patience = plan.account.member_id, patience_of_seconds(SECONDS_FOR_A_MEMBER)
    following = [plan]
    while following:
        try:
            rebuild_account(following[0], rebuilding, patience, author=author, at=utc_now())
            break
        except StaleReadError:
            following, _ = planned_for([member_id], rebuilding)
    left = look(member_id, rebuilding.looking, patience).differences
    for difference in left:
        CONSOLE.print("  [red]✗[/red]", Text(difference))
    return not left
