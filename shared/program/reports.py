"""Say in the marketer's words what pydantic finds: its types of errors become codes of `messages`."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.program.findings import Reporter
from shared.program.messages import TEXTS, WANTED, joined
from shared.program.notation import STORE_ID_PATTERN, closest, shown
from shared.program.source import Document, Path
from shared.program.unsupported import Supported


def report_schema_errors(
    invalid: ValidationError, model: type[BaseModel], document: Document, supported: Supported, reporter: Reporter
) -> None:
    """Report every error of a validation of what is supported in a document, at its place in the file."""
    for error in invalid.errors(include_url=False):
        location = tuple(part for part in error["loc"] if isinstance(part, int | str))
        _report(error, location, _Where(model, document, supported.original(location)), reporter)


class _Where(NamedTuple):
    model: type[BaseModel]
    document: Document
    path: Path


def _report(error: ErrorDetails, location: Path, where: _Where, reporter: Reporter) -> None:
    kind, context = error["type"], error.get("ctx", {})
    document, path, language = where.document, where.path, reporter.language
    value, place = shown(document.value(path)), document.place_of_value(path)
    if kind in TEXTS[language]:
        reporter.error(kind, place, **context)
    elif kind == "extra_forbidden":
        allowed = _fields_at(where.model, location[:-1])
        told, guess = joined(allowed, language), closest(str(path[-1]), allowed)
        reporter.error("unknown-field", document.place_of_key(path), field=path[-1], suggestion=guess, allowed=told)
    elif kind == "missing":
        reporter.error("missing-field", document.place_of_key(path[:-1]), field=path[-1])
    elif kind == "too_short":
        # A list that is empty only because nothing in it is supported has been reported item by item.
        if not document.value(path):
            reporter.error("empty-list", place)
    elif kind in ("literal_error", "enum"):
        options = _options_at(where.model, location)
        told, guess = joined(options, language), closest(value, options)
        reporter.error("not-an-option", place, value=value, options=told, suggestion=guess)
    else:
        code, fields = _CODES.get(kind, ("wrong-type", {}))
        wanted = WANTED[_WANTED.get(kind, "text")][language]
        bounds = {name: shown(context[key]) for name, key in fields.items() if key in context}
        code = "bad-store-id" if code == "bad-id" and context.get("pattern") == STORE_ID_PATTERN else code
        reporter.error(code, place, **{"value": value, "wanted": wanted} | bounds)


_CODES: dict[str, tuple[str, dict[str, str]]] = {
    "greater_than_equal": ("too-small", {"bound": "ge"}),
    "greater_than": ("must-exceed", {"bound": "gt"}),
    "less_than_equal": ("too-large", {"bound": "le"}),
    "decimal_max_places": ("too-precise", {"digits": "decimal_places"}),
    "int_from_float": ("not-whole", {}),
    "int_parsing": ("not-whole", {}),
    "int_type": ("not-whole", {}),
    "string_too_short": ("empty-text", {}),
    "string_pattern_mismatch": ("bad-id", {}),
}
_WANTED = {
    "list_type": "list",
    "model_type": "fields",
    "model_attributes_type": "fields",
    "dict_type": "fields",
    "bool_type": "boolean",
    "bool_parsing": "boolean",
}


def _fields_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """Name the fields that the part of the file at this location may have."""
    part = _annotation_at(model, location)
    found = _model_in(part)
    return [field.alias or name for name, field in found.model_fields.items()] if found else []


def _options_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    return [
        str(option.value if isinstance(option, Enum) else option)
        for option in _options_in(_annotation_at(model, location))
    ]


def _annotation_at(model: type[BaseModel], location: Sequence[int | str]) -> Any:  # noqa: ANN401 a type
    annotation: Any = model
    for part in location:
        found = _model_in(annotation)
        if isinstance(part, str) and found is not None:
            annotation = next(
                (field.annotation for name, field in found.model_fields.items() if (field.alias or name) == part), None
            )
    return annotation


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 a type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _options_in(annotation: Any) -> list[Any]:  # noqa: ANN401 a type
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return list(annotation)
    options: list[Any] = []
    for part in get_args(annotation):
        if isinstance(part, str | int) and not isinstance(part, bool):
            options.append(part)
        else:
            options.extend(_options_in(part))
    return options
