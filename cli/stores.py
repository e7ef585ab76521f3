"""`jifen stores …`: the stores of the chain, and how much staff may adjust by hand."""

from pathlib import Path
from typing import Annotated

import typer

from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, LangOption, deployment, language_of, stop
from cli.program_publish import AuthorOption, author_of
from cli.program_texts import speaker
from cli.program_view import console, show_findings
from shared.program.load import InvalidFileError, load_chain
from shared.program.source import UnreadableFileError
from shared.program.store import write_chain

app = typer.Typer(no_args_is_help=True, help="门店名单 · stores")


@app.callback()
def stores() -> None:
    """Keep `publish` a command of its own, though it is the only one."""


@app.command(help="发布门店名单，替换原来的 · Publish the stores in place of those before.")
def publish(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="门店文件 · the file, such as config/stores.yaml")],
    author: AuthorOption = None,
    lang: LangOption = None,
) -> None:
    """Publish the stores in the place of those before."""
    language = language_of(lang)
    say = speaker(language)
    try:
        chain = load_chain(file, language)
    except UnreadableFileError as error:
        stop(say("unreadable", reason=error.reason[language]), COULD_NOT_RUN)
    except InvalidFileError as error:
        show_findings(console(stderr=True), error.document, error.findings, language, say)
        raise typer.Exit(FOUND_ERRORS) from None
    with deployment(context, say) as connection:
        client, table = connection.dynamodb, connection.tables.ledger
        write_chain(chain, client=client, table=table, author=author_of(author))
    console().print(say("stores-published", count=len(chain.stores)))
