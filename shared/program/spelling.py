"""Misspelt names of fields are told, and then read as what they are taken for: one run checks their content too."""

import re
from typing import Any, Final

from pydantic import BaseModel

from shared.program.findings import Reporter
from shared.program.guesses import closest
from shared.program.places import Path
from shared.program.shape import fields_of, homes_of
from shared.program.source import Document, plain_value
from shared.program.unsupported import is_unsupported

_LIKENESS: Final = 0.7
"""How much alike a name must be to be read as another; less is enough to suggest it."""

_GLUED: Final = re.compile("([a-z_]+) *[:：] *(.+)")
"""A field, and its value without the space before it."""


def respell(document: Document, model: type[BaseModel], reporter: Reporter) -> None:
    """Report fields whose name is nearly that of a missing one, and rename them in the document."""
    _respell(document, (), model, reporter, model)


def _respell(
    document: Document,
    path: Path,
    annotation: Any,  # noqa: ANN401 a type
    reporter: Reporter,
    model: type[BaseModel],
) -> None:
    value = document.value(path)
    if is_unsupported(path, value):
        return
    if isinstance(value, list):
        for at in range(len(value)):
            _respell(document, (*path, at), annotation, reporter, model)
    if not isinstance(value, dict):
        return
    fields = fields_of(annotation)
    for name in list(value) if fields else ():
        if value[name] is None and (glued := _GLUED.fullmatch(name)) and glued[1] in fields:
            _part(document, (*path, name), glued, reporter)
            continue
        meant = name
        known = name in fields or is_unsupported((*path, name), value[name]) or homes_of(model, (*path, name))
        if not known:
            meant = closest(name, [field for field in fields if field not in value], _LIKENESS) or name
        if meant != name:
            reporter.error("unknown-field", document.place_of_key((*path, name)), field=name, suggestion=meant)
            document.rename((*path, name), meant)
        if meant in fields:
            _respell(document, (*path, meant), fields[meant], reporter, model)


def _part(document: Document, path: Path, glued: re.Match[str], reporter: Reporter) -> None:
    """Report `points:10` in braces, which YAML takes for a name, and read it as what is meant."""
    meant = f"{glued[1]}: {glued[2]}"
    reporter.error("glued-field", document.place_of_key(path), field=glued[0], suggestion=meant)
    document.rename(path, glued[1])
    document.value(path[:-1])[glued[1]] = plain_value(glued[2])
