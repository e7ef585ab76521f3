"""`jifen subscriptions …`: which tills may post sales, and their secrets.

Functions read the list again within five minutes at most.
"""

import re
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from cli.program_command import deployment, language_of
from cli.program_texts import speaker
from cli.secret_lists import ListChangeError, Listed, SecretList, names_in, new_secret, removed, retired, rotated
from shared.earning.events import CLAIM_WINDOW
from shared.http.principals import EVERY_STORE
from shared.http.subscriptions import HOUSE_FORMAT

SUBSCRIPTIONS: Final = SecretList(name="subscriptions", secret_of=lambda connection: connection.subscriptions_secret)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{3,64}", re.ASCII)

Id = Annotated[str, typer.Argument(metavar="ID", help="The subscription, as it stands in the webhook's path.")]

app = typer.Typer(
    no_args_is_help=True, help="收银机订阅与密钥 · subscriptions: which tills may post, and their secrets"
)


@app.command(name="list")
def show(context: typer.Context) -> None:
    """List the subscriptions, without their secrets."""
    with deployment(context, speaker(language_of(None))) as connection:
        listed = SUBSCRIPTIONS.read(connection)
    table = Table("id", "format", "stores", "secrets", "claim days")
    for one in listed:
        days = one.get("claim_days", CLAIM_WINDOW.days)
        stores = ", ".join(one["stores"])
        table.add_row(
            one["id"], one.get("format", HOUSE_FORMAT), stores, str(len(one["secrets"])), str(days or "any age")
        )
    Console().print(table)


@app.command()
def add(
    context: typer.Context,
    subscription_id: Id,
    stores: Annotated[str, typer.Option(help="Its stores, comma-separated, or * for all.")],
    format: Annotated[str, typer.Option(help="What its events look like.")] = HOUSE_FORMAT,  # noqa: A002 the option
) -> None:
    """Add a subscription and print its secret, this once."""
    secret = new_secret()
    SUBSCRIPTIONS.change(context, lambda listed: added(listed, subscription_id, stores, format, secret))
    print(secret)


@app.command()
def rotate(context: typer.Context, subscription_id: Id) -> None:
    """Add a new secret beside the present one and print it, this once."""
    secret = new_secret()
    SUBSCRIPTIONS.change(context, lambda listed: rotated(listed, subscription_id, secret))
    print(secret)


@app.command()
def retire(context: typer.Context, subscription_id: Id) -> None:
    """Drop the older secret; what it signs is refused within five minutes."""
    SUBSCRIPTIONS.change(context, lambda listed: retired(listed, subscription_id))


@app.command()
def remove(context: typer.Context, subscription_id: Id) -> None:
    """Remove a subscription; what it posts is refused within five minutes."""
    SUBSCRIPTIONS.change(context, lambda listed: removed(listed, subscription_id))


def added(listed: Listed, subscription_id: str, stores: str, form: str, secret: str) -> Listed:
    """Give the list with one more. Raises ListChangeError."""
    if not _ID.fullmatch(subscription_id):
        raise ListChangeError("an id has 3 to 64 letters, digits, - and _")
    if any(one["id"] == subscription_id for one in listed):
        raise ListChangeError(f"{subscription_id} is there already")
    names = names_in(stores)
    if not names or (EVERY_STORE in names and len(names) > 1):
        raise ListChangeError("name its stores, or * for all")
    return [*listed, {"id": subscription_id, "format": form, "stores": list(names), "secrets": [secret]}]
