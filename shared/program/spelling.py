"""Misspelt names of fields are told, and then read as what they are taken for: one run checks their content too."""

from typing import Any, Final

from pydantic import BaseModel

from shared.program.findings import Reporter
from shared.program.guesses import closest
from shared.program.places import Path
from shared.program.shape import fields_of
from shared.program.source import Document
from shared.program.unsupported import is_unsupported

_LIKENESS: Final = 0.7
"""How much alike a name must be to be read as another; less is enough to suggest it."""


def respell(document: Document, model: type[BaseModel], reporter: Reporter) -> None:
    """Report fields whose name is nearly that of a missing one, and rename them in the document."""
    _respell(document, (), model, reporter)


def _respell(document: Document, path: Path, annotation: Any, reporter: Reporter) -> None:  # noqa: ANN401 a type
    value = document.value(path)
    if is_unsupported(path, value):
        return
    if isinstance(value, list):
        for at in range(len(value)):
            _respell(document, (*path, at), annotation, reporter)
    if not isinstance(value, dict):
        return
    fields = fields_of(annotation)
    for name in list(value) if fields else ():
        meant = name
        if name not in fields and not is_unsupported((*path, name), value[name]):
            meant = closest(name, [field for field in fields if field not in value], _LIKENESS) or name
        if meant != name:
            reporter.error("unknown-field", document.place_of_key((*path, name)), field=name, suggestion=meant)
            document.rename((*path, name), meant)
        if meant in fields:
            _respell(document, (*path, meant), fields[meant], reporter)
