"""`jifen endpoints …`: which systems of the chain are told of events by webhooks, and their secrets.

The sender reads the list again within a minute.
"""

import ssl
import time
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Column, Table

from cli.connection import Connection
from cli.program_command import FOUND_ERRORS, deployment, language_of, stop
from cli.program_texts import speaker
from cli.secret_lists import (
    ListChangeError,
    Listed,
    SecretList,
    found,
    names_in,
    new_secret,
    removed,
    retired,
    rotated,
)
from shared.http.addresses import UrlRefusedError, address_of, resolved, target_of
from shared.http.endpoints import EVERY_EVENT, endpoint_of
from shared.http.outgoing import NoAnswerError, Sending, Verdict, Webhook, deliver
from shared.ledger.published import ENTRY_EVENTS
from shared.redemption.low_stock import STOCK_LOW
from shared.runtime.clock import utc_now
from shared.runtime.ids import new_id

ENDPOINTS: Final = SecretList(name="endpoints", secret_of=lambda connection: connection.endpoints_secret)
EVENTS: Final = ENTRY_EVENTS | {STOCK_LOW}
TEST: Final = "endpoint.test"

Id = Annotated[str, typer.Argument(metavar="ID", help="The endpoint, as `jifen endpoints list` names it.")]

app = typer.Typer(no_args_is_help=True, help="外发事件通知 · endpoints: which systems are told of events, and how")


@app.command(name="list")
def show(context: typer.Context) -> None:
    """List the endpoints, without their secrets."""
    with deployment(context, speaker(language_of(None))) as connection:
        listed = ENDPOINTS.read(connection)
    table = Table(Column("id", no_wrap=True), "url", "events", "secrets")
    for one in listed:
        table.add_row(one["id"], one["url"], ", ".join(one["events"]), str(len(one["secrets"])))
    Console().print(table)


@app.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where events are posted: https, on a public host.")],
    events: Annotated[str, typer.Option(help="Types of events, comma-separated, or * for all.")],
) -> None:
    """Add an endpoint; print its id and, this once, its secret."""
    endpoint_id, secret = new_id("ep"), new_secret()
    with deployment(context, speaker(language_of(None))) as connection:
        check_url(url, connection)
    ENDPOINTS.change(context, lambda listed: added(listed, endpoint_id, url, events, secret))
    print(endpoint_id)
    print(secret)


@app.command()
def rotate(context: typer.Context, endpoint_id: Id) -> None:
    """Sign with a new secret beside the present one, and print it, this once."""
    secret = new_secret()
    ENDPOINTS.change(context, lambda listed: rotated(listed, endpoint_id, secret))
    print(secret)


@app.command()
def retire(context: typer.Context, endpoint_id: Id) -> None:
    """Sign with the newer secret alone, within a minute."""
    ENDPOINTS.change(context, lambda listed: retired(listed, endpoint_id))


@app.command()
def remove(context: typer.Context, endpoint_id: Id) -> None:
    """Remove an endpoint; what still waits for it is dropped."""
    ENDPOINTS.change(context, lambda listed: removed(listed, endpoint_id))


@app.command()
def test(context: typer.Context, endpoint_id: Id) -> None:
    """Post a signed event of the type `endpoint.test` from this machine, and print what was answered."""
    with deployment(context, speaker(language_of(None))) as connection:
        try:
            endpoint = endpoint_of(found(ENDPOINTS.read(connection), endpoint_id))
            started = time.monotonic()
            verdict, status = deliver(a_test(utc_now()), endpoint, sending_from(connection))
        except (ListChangeError, UrlRefusedError) as error:
            stop(str(error), FOUND_ERRORS)
        except NoAnswerError as error:
            stop(f"no answer: {error.__cause__}", FOUND_ERRORS)
    print(f"{status} {verdict} in {(time.monotonic() - started) * 1000:.0f} ms")
    if verdict is not Verdict.DELIVERED:
        raise typer.Exit(FOUND_ERRORS)


def a_test(now: datetime) -> Webhook:
    identifier = new_id("test")
    timestamp = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Webhook(id=identifier, type=TEST, timestamp=timestamp, data={"id": identifier})


def check_url(url: str, connection: Connection) -> None:
    """End the command where the sender would not go there."""
    loopback = bool(connection.local)
    try:
        address_of(target_of(url, loopback=loopback), resolved, loopback=loopback)
    except UrlRefusedError as error:
        stop(str(error), FOUND_ERRORS)


def sending_from(connection: Connection) -> Sending:
    """Give what posts from this machine: into it where the deployment is the laptop's."""
    trust = ssl.create_default_context()
    return Sending(clock=utc_now, resolve=resolved, trust=trust, loopback=bool(connection.local))


def added(listed: Listed, endpoint_id: str, url: str, events: str, secret: str) -> Listed:
    """Give the list with one more. Raises ListChangeError."""
    names = names_in(events)
    unknown = [name for name in names if name not in EVENTS and name != EVERY_EVENT]
    if unknown:
        raise ListChangeError(f"there are no events {', '.join(unknown)}; there are {', '.join(sorted(EVENTS))}")
    if not names or (EVERY_EVENT in names and len(names) > 1):
        raise ListChangeError("name its events, or * for all")
    if any(one["url"] == url for one in listed):
        raise ListChangeError(f"{url} is there already")
    return [*listed, {"id": endpoint_id, "url": url, "events": list(names), "secrets": [secret]}]
