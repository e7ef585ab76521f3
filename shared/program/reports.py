"""Say in the marketer's words what pydantic finds: its types of errors become codes of `messages`."""

from typing import NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.program.findings import Reporter
from shared.program.guesses import closest, id_meant, list_meant, number_meant, option_meant, weekday_meant
from shared.program.messages import TEXTS, WANTED, joined
from shared.program.notation import STORE_ID_PATTERN, WEEKDAYS_EN, WEEKDAYS_ZH, shown
from shared.program.places import Path
from shared.program.shape import fields_at, homes_of, options_at
from shared.program.source import Document
from shared.program.unsupported import Supported


def report_schema_errors(
    invalid: ValidationError, model: type[BaseModel], document: Document, supported: Supported, reporter: Reporter
) -> None:
    """Report every error of a validation of what is supported in a document, at its place in the file.

    Where a cross check has said already what is wrong with a value, nothing is added.
    """
    for error in invalid.errors(include_url=False):
        location = tuple(part for part in error["loc"] if isinstance(part, int | str))
        where = _Where(model, document, supported.original(location))
        if error["type"] == "missing":
            _report_missing(where, reporter)
        elif error["type"] == "extra_forbidden":
            _report_unknown(location, where, reporter)
        elif not reporter.has_error_at(document.place_of_value(where.path)):
            _report_value(error, location, where, reporter)


class _Where(NamedTuple):
    model: type[BaseModel]
    document: Document
    path: Path


def _report_missing(where: _Where, reporter: Reporter) -> None:
    around = where.path[:-1]
    place = where.document.place_of_key(around)
    # Of a whole item of a list it is enough to show where it begins.
    place = place if around in where.document.keys else place._replace(width=1)
    reporter.error("missing-field", place, field=where.path[-1])


def _report_unknown(location: Path, where: _Where, reporter: Reporter) -> None:
    field, place = str(where.path[-1]), where.document.place_of_key(where.path)
    allowed = fields_at(where.model, location[:-1])
    there = where.document.value(where.path[:-1])
    if there[field] is None and not (field.isascii() and field.isidentifier()):
        reporter.error("loose-item", place, value=field)
    elif where.path[-2:-1] == ("when",) and field in _ENDS:
        reporter.error("dates-apart", place, field=field)
    elif homes := homes_of(where.model, where.path):
        reporter.error("misplaced-field", place, field=field, homes=joined(homes, reporter.language))
    else:
        guess = closest(field, [name for name in allowed if name not in there])
        told = joined(allowed, reporter.language)
        reporter.error("unknown-field", place, field=field, suggestion=guess, allowed=told)


def _report_value(error: ErrorDetails, location: Path, where: _Where, reporter: Reporter) -> None:
    kind, context, language = error["type"], error.get("ctx", {}), reporter.language
    raw, place = where.document.value(where.path), where.document.place_of_value(where.path)
    value = shown(raw)
    if raw is None:
        hidden = "#" in where.document.lines[place.line - 1][place.column + place.width :]
        reporter.error("value-in-comment" if hidden else "no-value", place, field=where.path[-1])
    elif kind == "not-a-number":
        reporter.error(kind, place, value=value, suggestion=number_meant(value, str(where.path[-1])))
    elif kind in TEXTS[language]:
        told = {name: joined(one, language) if isinstance(one, list) else one for name, one in context.items()}
        reporter.error(kind, place, **told)
    elif kind == "too_short":
        # A list that is empty only because nothing in it is supported has been reported item by item.
        if not raw:
            reporter.error("empty-list", place)
    elif kind in ("literal_error", "enum"):
        options = options_at(where.model, location)
        code = "not-an-option" if len(options) > 1 else "only-option"
        guess = option_meant(value, options)
        reporter.error(code, place, value=value, options=joined(options, language), suggestion=guess)
    elif kind == "list_type":
        days = weekday_meant(value, WEEKDAYS_EN, WEEKDAYS_ZH) if where.path[-1] == "days" else None
        reporter.error("not-a-list", place, value=value, meant=list_meant(days or value))
    elif kind in _FIELDS_WANTED:
        reporter.error("not-fields", place, value=value, allowed=joined(fields_at(where.model, location), language))
    else:
        _report_by_code(error, where, reporter)


def _report_by_code(error: ErrorDetails, where: _Where, reporter: Reporter) -> None:
    kind, context = error["type"], error.get("ctx", {})
    value, place = shown(where.document.value(where.path)), where.document.place_of_value(where.path)
    code, fields = _CODES.get(kind, ("wrong-type", {}))
    code = "bad-store-id" if code == "bad-id" and context.get("pattern") == STORE_ID_PATTERN else code
    bounds = {name: shown(context[key]) for name, key in fields.items() if key in context}
    wanted = WANTED["boolean" if kind.startswith("bool") else "text"][reporter.language]
    guess = id_meant(value) if code == "bad-id" else None
    reporter.error(code, place, **{"value": value, "wanted": wanted, "suggestion": guess} | bounds)


_ENDS = frozenset({"from", "to", "start", "end", "start_date", "end_date", "begin"})
_FIELDS_WANTED = frozenset({"model_type", "model_attributes_type", "dict_type"})
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
