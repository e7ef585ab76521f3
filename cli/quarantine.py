"""`jifen ops quarantine …`: signed events that could not be used as they stand, and how they are done after all.

An event is posted again as its till would post it, signed anew with the secret of its subscription, as it came or as a
person has corrected it. Once the API has taken it in, it is kept with what is done, as evidence.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Column, Table

from cli.api import Api, Reply, print_reply
from cli.connection import Connection, UnknownSubscriptionError
from cli.errors import CommandError
from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, deployment, language_of, stop
from cli.program_texts import speaker
from shared.earning.review import TOO_EARLY, TOO_LATE
from shared.http.quarantine import DONE, WAITING, Kept, kept_of, metadata_of

MOST_LISTED: Final = 100
SHORT_ID: Final = 12
TAKEN_IN: Final = frozenset({"applied", "duplicate", "ignored", "parked"})
REVIEWED: Final = frozenset({TOO_EARLY, TOO_LATE})
"""Why a sale is with `jifen review` from now on, and not here any more."""

app = typer.Typer(no_args_is_help=True, help="无法使用的收银事件 · signed events that could not be used")

Id = Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it; its beginning will do. Or a whole key.")]


class NotKeptError(CommandError):
    """No event is kept under that id, or more than one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The bucket as an operator sees it, who may read and move what is in it."""

    objects: Any
    bucket: str

    def waiting(self) -> list[str]:
        """List the keys of what waits, oldest day first."""
        pages = self.objects.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=WAITING)
        return [one["Key"] for page in pages for one in page.get("Contents", ())]

    def look(self, key: str) -> Kept:
        told = self.objects.head_object(Bucket=self.bucket, Key=key)
        return kept_of(key, told["Metadata"], told["ContentLength"])

    def find(self, wanted: str, *, done: bool = False) -> Kept:
        """Find what waits by its id or key, or what is done by its key. Raises NotKeptError."""
        if wanted.startswith((WAITING, DONE) if done else WAITING):
            return self.look(wanted)
        found = [key for key in self.waiting() if key.rpartition("/")[2].startswith(wanted)]
        if len(found) != 1:
            raise NotKeptError("\n".join([f"{wanted}: {'give one of the keys' if found else 'nothing waits'}", *found]))
        return self.look(found[0])

    def body(self, kept: Kept) -> bytes:
        body: bytes = self.objects.get_object(Bucket=self.bucket, Key=kept.key)["Body"].read()
        return body

    def put_away(self, kept: Kept, result: str) -> None:
        """Move an event to what is done. If this ends in between, it waits on and can be posted again: no harm."""
        self.objects.copy_object(
            Bucket=self.bucket,
            Key=kept.done_key,
            CopySource={"Bucket": self.bucket, "Key": kept.key},
            MetadataDirective="REPLACE",
            Metadata={**metadata_of(kept), "result": result, "done-at": datetime.now(UTC).isoformat()},
        )
        self.objects.delete_object(Bucket=self.bucket, Key=kept.key)


@app.command(name="list")
def show_all(context: typer.Context) -> None:
    """List the events that wait, oldest first."""
    with _desk(context) as (_, shelf):
        keys = shelf.waiting()
        waiting = [shelf.look(key) for key in islice(keys, MOST_LISTED)]
    if not waiting:
        print("nothing waits")
        return
    table = Table("id", "received", "subscription", Column("what is wrong", overflow="fold"), "bytes")
    for one in sorted(waiting, key=lambda one: one.received_at):
        received = f"{one.received_at:%Y-%m-%d %H:%M}Z"
        table.add_row(one.id[:SHORT_ID], received, one.subscription_id, what_is_wrong(one), f"{one.size:,}")
    Console(markup=False, emoji=False).print(table)
    if len(keys) > MOST_LISTED:
        print(f"and {len(keys) - MOST_LISTED:,} more")


@app.command()
def show(context: typer.Context, kept_id: Id) -> None:
    """Show an event: what is known about it, and its body."""
    with _desk(context) as (_, shelf):
        kept = shelf.find(kept_id, done=True)
        body = shelf.body(kept)
    console = Console(emoji=False)
    for name, told in {"key": kept.key, **metadata_of(kept)}.items():
        console.print(f"{name:13}{told}", markup=False, highlight=False, soft_wrap=True)
    console.print(readable(body), markup=False, highlight=False, soft_wrap=True)


@app.command()
def replay(
    context: typer.Context,
    kept_id: Annotated[str | None, typer.Argument(metavar="ID", help="As `list` shows it.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The body as it should have been.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that waits, as it came.")] = False,
) -> None:
    """Post an event again, signed anew; once it is taken in, it waits no longer."""
    if (kept_id is None) != everything or (everything and file):
        raise typer.BadParameter("give an ID, with --file if you like, or --all")
    with _desk(context) as (connection, shelf):
        if not connection.api_url:
            stop("JIFEN_API_URL is not set", COULD_NOT_RUN)
        chosen = [shelf.find(kept_id)] if kept_id else [shelf.look(key) for key in shelf.waiting()]
        correction = file.read_bytes() if file else None
        console = Console()
        stayed = [one for one in chosen if not post_again(one, correction, connection, shelf, console)]
    if stayed:
        stop(f"{len(stayed)} of {len(chosen)} still wait", FOUND_ERRORS)


@app.command()
def dismiss(context: typer.Context, kept_id: Id) -> None:
    """Put an event away that nobody needs; it is kept with what is done."""
    with _desk(context) as (_, shelf):
        kept = shelf.find(kept_id)
        shelf.put_away(kept, "dismissed")
    print(f"dismissed {kept.id[:SHORT_ID]}")


@contextmanager
def _desk(context: typer.Context) -> Iterator[tuple[Connection, Shelf]]:
    with deployment(context, speaker(language_of(None))) as connection:
        if not connection.quarantine_bucket:
            stop("JIFEN_QUARANTINE_BUCKET is not set", COULD_NOT_RUN)
        yield connection, Shelf(objects=connection.s3, bucket=connection.quarantine_bucket)


def post_again(kept: Kept, correction: bytes | None, connection: Connection, shelf: Shelf, console: Console) -> bool:
    """Post one event and print the answer; put it away and say true where the API took it in."""
    console.print(f"{kept.id[:SHORT_ID]}  {kept.subscription_id}", highlight=False)
    try:
        secret = connection.signing_secret(kept.subscription_id)
    except UnknownSubscriptionError as error:
        console.print(str(error), markup=False)
        return False
    body = shelf.body(kept) if correction is None else correction
    reply = Api(url=connection.api_url).post_signed(kept.subscription_id, secret, body)
    print_reply(console, reply)
    if not was_taken_in(reply):
        return False
    shelf.put_away(kept, reply.body["result"])
    return True


def was_taken_in(reply: Reply) -> bool:
    """Say whether the event is recorded, of no concern, or with `jifen review` now."""
    told = reply.body if isinstance(reply.body, dict) else {}
    return told.get("result") in TAKEN_IN or (told.get("result"), told.get("reason")) in {
        ("quarantined", reason) for reason in REVIEWED
    }


def what_is_wrong(kept: Kept) -> str:
    """Give the reason, and where it can be said the first place and what is wrong there."""
    first = [f"{pointer}: {code}" for pointer, code in kept.errors[:1]]
    more = [f"and {len(kept.errors) - 1} more"] if len(kept.errors) > 1 else []
    return ", ".join(first + more) or kept.reason


def readable(body: bytes) -> str:
    """Write a body for a terminal: JSON in lines, whatever else with its control characters written out."""
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() or one == "\n" else one.encode("unicode_escape").decode() for one in text)
