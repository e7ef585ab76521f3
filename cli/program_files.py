"""What the program commands do with files: check them, show what is wrong, and give what they mean."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, stop
from cli.program_texts import Say
from cli.program_view import console, show_findings
from shared.program.findings import as_github, as_json, has_errors
from shared.program.load import compiled_of
from shared.program.messages import Language
from shared.program.source import UnreadableFileError
from shared.program.store import Draft
from shared.program.validate import Validated
from shared.program.validate import validate as validate_file


class Shown(StrEnum):
    """For people, or for programs."""

    TEXT = "text"
    JSON = "json"


class Format(StrEnum):
    """For people, for programs, or beside the lines of a pull request."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


ShownOption = Annotated[Shown, typer.Option("--format", help="给人看、给程序读 · for people, for programs")]
FormatOption = Annotated[
    Format,
    typer.Option("--format", help="给人看、给程序读、GitHub 行内提示 · for people, programs, or GitHub's annotations"),
]


def validated(file: Path, language: Language, say: Say) -> Validated:
    """Check a file; stop where it cannot be read."""
    try:
        return validate_file(file, language)
    except UnreadableFileError as error:
        stop(say("unreadable", reason=error.reason[language]), COULD_NOT_RUN)


def loaded(
    file: Path, language: Language, say: Say, shown: Shown | Format = Shown.TEXT, *, doubts: bool = False
) -> Draft:
    """Give what a file means; show its errors and stop where it has some. `doubts` shows warnings, too."""
    return draft_of(validated(file, language, say), language, say, shown, doubts=doubts)


def draft_of(
    checked: Validated, language: Language, say: Say, shown: Shown | Format = Shown.TEXT, *, doubts: bool = False
) -> Draft:
    """Give what a checked file means; show its errors and stop where it has some."""
    if has_errors(checked.findings):
        show_checked(checked, shown, language, say, stderr=True)
        raise typer.Exit(FOUND_ERRORS)
    if doubts and checked.findings:
        show_checked(checked, shown, language, say, stderr=True)
    return compiled_of(checked).draft


def show_checked(
    checked: Validated, shown: Shown | Format, language: Language, say: Say, *, stderr: bool = False
) -> None:
    """Show what was found in a file: on the standard output for programs, where `stderr` says so else for people."""
    document, findings = checked.document, checked.findings
    match shown.value:
        case "json":
            print(as_json(document, findings))
        case "github":
            print(as_github(document, findings), end="\n" if findings else "")
        case _:
            show_findings(console(stderr=stderr), document, findings, language, say)
