"""`jifen dev`: tokens, signed samples and told messages for whoever tries the API on the laptop."""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli import sweeps
from cli.api import Api, print_reply
from cli.connection import connect
from cli.laptop.taken_messages import taken_as_texts, taken_by_topic
from cli.laptop.tokens import mint_member_token, mint_staff_token
from shared.members.masking import mask_phone
from shared.program.calendar import to_local

app = typer.Typer(no_args_is_help=True, help="Tokens, signed samples and told messages for the laptop.")
app.command()(sweeps.run)


@app.command()
def token(
    member: Annotated[str | None, typer.Option(help="A member's subject, for example wang.")] = None,
    phone: Annotated[str | None, typer.Option(help="The member's proven phone, E.164.")] = None,
    staff: Annotated[str | None, typer.Option(help="A till's or employee's name.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="A scope of staff; may be repeated.")] = None,
    store: Annotated[list[str] | None, typer.Option(help="A store that the token is for; may be repeated.")] = None,
) -> None:
    """Print a token that the deployed authorizer accepts."""
    local = connect().local
    if (member is None) == (staff is None):
        raise typer.BadParameter("give either --member or --staff")
    if member is not None:
        print(mint_member_token(local, member, phone))
    else:
        print(mint_staff_token(local, staff or "", scope or [], store or []))


@app.command()
def send(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A body, or a sample of events/.")],
    member: Annotated[str | None, typer.Option(help="The member id that bought.")] = None,
    subscription: Annotated[str, typer.Option(help="The subscription that signs.")] = "till-sh001",
    as_is: Annotated[bool, typer.Option("--as-is", help="Keep receipt id and time as they are in the file.")] = False,
) -> None:
    """Sign an event and post it, as a till does; print the answer."""
    connection = connect()
    event = read_event(file)
    if not as_is:
        event = renewed(event)
    if member:
        event["data"]["member"] = {"member_id": member}
    body = json.dumps(event, ensure_ascii=False).encode()
    secret = connection.signing_secret(subscription)
    print_reply(Console(), Api(url=connection.api_url).post_signed(subscription, secret, body))


@app.command()
def messages(
    member: Annotated[str | None, typer.Option(help="Only what was told to this member id.")] = None,
) -> None:
    """Show what the emulator's SNS took: by the topic, and as text messages."""
    console, connection = Console(), connect()
    for body in taken_by_topic(connection, member):
        console.print(f"{body['made_at']}  {body['channel']:5}  {body['kind']:15}  {body['member_id']}  {body['text']}")
    for text in taken_as_texts(connection, member):
        console.print(f"sms  {mask_phone(text['phone'])}  {text['text']}")


def read_event(file: Path) -> dict[str, Any]:
    """Read a till's event from a file that holds it, or an invocation of Lambda with it as body."""
    document = json.loads(file.read_text("utf-8"))
    event: dict[str, Any] = json.loads(document["body"]) if "body" in document else document
    return event


def renewed(event: dict[str, Any], *, zone: str = "Asia/Shanghai") -> dict[str, Any]:
    """Give the event as if it had just happened; a sale becomes one with a receipt id of its own."""
    data = {**event["data"], "occurred_at": to_local(datetime.now(UTC), zone).isoformat(timespec="seconds")}
    if event["type"] == "sale.completed":
        data["receipt_id"] = f"{data['store_id']}-{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"
    return {**event, "data": data}
