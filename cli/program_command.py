"""What the program and store commands share: exit codes, language, connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, NoReturn

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cli.connection import Connection, NotConnectedError, connect
from cli.program_texts import Say, locale_language
from cli.program_view import console
from shared.program.messages import Language

FOUND_ERRORS = 1
COULD_NOT_RUN = 2


class Lang(StrEnum):
    ZH = "zh"
    EN = "en"


LangOption = Annotated[Lang | None, typer.Option("--lang", help="默认按系统语言 · by the locale unless given")]


def language_of(lang: Lang | None) -> Language:
    return locale_language() if lang is None else lang.value


@contextmanager
def deployment(context: typer.Context, say: Say) -> Iterator[Connection]:
    """Connect, unless the caller has given a connection as the context's object; say in one line why it fails."""
    try:
        yield context.find_object(Connection) or connect()
    except NotConnectedError:
        stop(say("not-connected"), COULD_NOT_RUN)
    except (BotoCoreError, ClientError) as error:
        stop(say("aws-failed", reason=error), COULD_NOT_RUN)


def stop(message: str, code: int) -> NoReturn:
    console(stderr=True).print(message, style="bold red", markup=False, soft_wrap=True)
    raise typer.Exit(code)
