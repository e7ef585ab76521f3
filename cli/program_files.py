"""What the program commands do with files: check them, show what is wrong, and give what they mean."""

from enum import StrEnum
from pathlib import Path

import typer

from cli.program_command import COULD_NOT_RUN, FOUND_ERRORS, stop
from cli.program_texts import Say
from cli.program_view import console, show_findings
from shared.program.findings import has_errors
from shared.program.load import compiled_of
from shared.program.messages import Language
from shared.program.source import UnreadableFileError
from shared.program.store import Draft
from shared.program.validate import Validated
from shared.program.validate import validate as validate_file


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def validated(file: Path, language: Language, say: Say) -> Validated:
    """Check a file; stop where it cannot be read."""
    try:
        return validate_file(file, language)
    except UnreadableFileError as error:
        stop(say("unreadable", reason=error.reason[language]), COULD_NOT_RUN)


def loaded(file: Path, language: Language, say: Say, *, doubts: bool = False) -> Draft:
    """Give what a file means; show its errors and stop where it has some. `doubts` shows warnings, too."""
    checked = validated(file, language, say)
    wrong = has_errors(checked.findings)
    if wrong or (doubts and checked.findings):
        show_findings(console(stderr=True), checked.document, checked.findings, language, say)
    if wrong:
        raise typer.Exit(FOUND_ERRORS)
    return compiled_of(checked).draft
