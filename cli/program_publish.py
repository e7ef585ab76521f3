"""What publishing and rolling back share: who does it, the typed number, the sentence at the end."""

import getpass
from typing import Annotated

import typer

from cli.program_command import FOUND_ERRORS, stop
from cli.program_texts import Say, shown_time
from shared.program.timeline import VersionRef

YesOption = Annotated[bool, typer.Option("--yes", help="不再确认 · do not ask")]
AuthorOption = Annotated[str | None, typer.Option(help="谁发布，默认本机用户 · who publishes, else the user here")]


def author_of(author: str | None) -> str:
    """Say who publishes; AWS itself knows it from its own log, too."""
    if author:
        return author
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without users
        return ""


def confirm(number: int, say: Say, *, yes: bool) -> None:
    """Ask for the number of the version to be typed, unless `yes`; stop where it is not."""
    if not yes and typer.prompt(say("type-number", number=number)).strip() != str(number):
        stop(say("not-typed"), FOUND_ERRORS)


def told_of(ref: VersionRef, zone: str, say: Say) -> str:
    """Say what was published."""
    begins = shown_time(ref.schedule.effective, zone)
    return f"{say('published', number=ref.number)}  sha256 {ref.sha256}  {say('effective')} {begins}"
