"""`jifen subscriptions …`: which tills may post sales, and their secrets.

A subscription's secrets are shown once, when they are made. To rotate: `rotate`, give the till the new secret, then
`retire` the old one; both are taken in between. Functions read the list again within five minutes at most.

The list is one secret, read and written as a whole: one person at a time changes it.
"""

import base64
import json
import re
import secrets
from collections.abc import Callable
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from cli.connection import Connection
from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, deployment, language_of, stop
from cli.program_texts import speaker
from shared.errors import DependencyUnavailableError
from shared.http.subscriptions import CLAIM_WINDOW, EVERY_STORE, HOUSE_FORMAT
from shared.http.webhook_signature import SECRET_PREFIX
from shared.runtime.secrets import read_secret

SECRET_BYTES: Final = 32
MOST_SECRETS: Final = 2
_ID: Final = re.compile(r"[A-Za-z0-9_-]{3,64}", re.ASCII)

Listed = list[dict[str, Any]]
Id = Annotated[str, typer.Argument(metavar="ID", help="The subscription, as it stands in the webhook's path.")]

app = typer.Typer(
    no_args_is_help=True, help="收银机订阅与密钥 · subscriptions: which tills may post, and their secrets"
)


class SubscriptionChangeError(Exception):
    """The change cannot be made to the list as it is; the text says why."""


@app.command(name="list")
def show(context: typer.Context) -> None:
    """List the subscriptions, without their secrets."""
    with deployment(context, speaker(language_of(None))) as connection:
        listed = read_listed(connection)
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
    _change(context, lambda listed: added(listed, subscription_id, stores, format, secret))
    print(secret)


@app.command()
def rotate(context: typer.Context, subscription_id: Id) -> None:
    """Add a new secret beside the present one and print it, this once."""
    secret = new_secret()
    _change(context, lambda listed: rotated(listed, subscription_id, secret))
    print(secret)


@app.command()
def retire(context: typer.Context, subscription_id: Id) -> None:
    """Drop the older secret; what it signs is refused within five minutes."""
    _change(context, lambda listed: retired(listed, subscription_id))


@app.command()
def remove(context: typer.Context, subscription_id: Id) -> None:
    """Remove a subscription; what it posts is refused within five minutes."""
    _change(context, lambda listed: removed(listed, subscription_id))


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def added(listed: Listed, subscription_id: str, stores: str, form: str, secret: str) -> Listed:
    """Give the list with one more. Raises SubscriptionChangeError."""
    if not _ID.fullmatch(subscription_id):
        raise SubscriptionChangeError("an id has 3 to 64 letters, digits, - and _")
    if any(one["id"] == subscription_id for one in listed):
        raise SubscriptionChangeError(f"{subscription_id} is there already")
    names = [name for name in (part.strip() for part in stores.split(",")) if name]
    if not names or (EVERY_STORE in names and len(names) > 1):
        raise SubscriptionChangeError("name its stores, or * for all")
    return [*listed, {"id": subscription_id, "format": form, "stores": names, "secrets": [secret]}]


def rotated(listed: Listed, subscription_id: str, secret: str) -> Listed:
    """Give the list with a new secret, first of two. Raises SubscriptionChangeError."""
    one = _found(listed, subscription_id)
    if len(one["secrets"]) >= MOST_SECRETS:
        raise SubscriptionChangeError(f"{subscription_id} has two secrets: retire the older one first")
    return _replaced(listed, {**one, "secrets": [secret, *one["secrets"]]})


def retired(listed: Listed, subscription_id: str) -> Listed:
    """Give the list with the newest secret only. Raises SubscriptionChangeError."""
    one = _found(listed, subscription_id)
    if len(one["secrets"]) < MOST_SECRETS:
        raise SubscriptionChangeError(f"{subscription_id} has one secret only: rotate it first")
    return _replaced(listed, {**one, "secrets": one["secrets"][:1]})


def removed(listed: Listed, subscription_id: str) -> Listed:
    """Give the list without it. Raises SubscriptionChangeError."""
    gone = _found(listed, subscription_id)
    return [one for one in listed if one is not gone]


def read_listed(connection: Connection) -> Listed:
    """Read the list. Ends the command where Secrets Manager does not give it."""
    try:
        listed: Listed = read_secret(connection.secretsmanager, connection.subscriptions_secret)["subscriptions"]
    except DependencyUnavailableError as error:
        stop(f"the secret cannot be read: {error.__cause__}", COULD_NOT_RUN)
    return listed


def _change(context: typer.Context, change: Callable[[Listed], Listed]) -> None:
    with deployment(context, speaker(language_of(None))) as connection:
        try:
            listed = change(read_listed(connection))
        except SubscriptionChangeError as error:
            stop(str(error), FOUND_ERRORS)
        connection.secretsmanager.put_secret_value(
            SecretId=connection.subscriptions_secret, SecretString=json.dumps({"subscriptions": listed})
        )


def _found(listed: Listed, subscription_id: str) -> dict[str, Any]:
    for one in listed:
        if one["id"] == subscription_id:
            return one
    raise SubscriptionChangeError(f"there is no subscription {subscription_id}")


def _replaced(listed: Listed, changed: dict[str, Any]) -> Listed:
    return [changed if one["id"] == changed["id"] else one for one in listed]
