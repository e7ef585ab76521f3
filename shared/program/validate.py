"""Check a file and report everything in one run: YAML, unsupported fields, schema, cross checks, lints.

The schema skips its checks across fields while one field is wrong, so the cross checks run on the raw document, and
before it. Lints run on the compiled program, once there are no errors.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from shared.program.category_map import CategoryMapError, read_category_map
from shared.program.checks import check_document
from shared.program.compile import Compiled, compile_file
from shared.program.findings import Finding, Reporter, has_errors
from shared.program.lint import lint
from shared.program.messages import Language
from shared.program.reports import report_schema_errors
from shared.program.schema import ProgramFile
from shared.program.source import Document, read_document
from shared.program.spelling import respell
from shared.program.unsupported import Supported, without_unsupported


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A checked file: its findings in order, and what it compiles to unless there are errors."""

    document: Document
    findings: tuple[Finding, ...]
    compiled: Compiled | None


def validate(path: Path, language: Language = "zh") -> Validated:
    """Check a program file. Raises UnreadableFileError when there is nothing to check."""
    reporter = Reporter(language)
    document = read_reported(path, reporter)
    compiled = _checked(document, reporter) if isinstance(document.data, dict) else None
    return Validated(document=document, findings=reporter.in_order(), compiled=compiled)


def read_reported(path: Path, reporter: Reporter) -> Document:
    """Read a file and report what is wrong with its YAML. Raises UnreadableFileError."""
    document = read_document(path)
    for problem in document.problems:
        reporter.error(problem.code, problem.place, **problem.fields)
    if document.data is not None and not isinstance(document.data, dict):
        reporter.error("not-a-mapping", document.place_of_value(()))
    return document


def _checked(document: Document, reporter: Reporter) -> Compiled | None:
    respell(document, ProgramFile, reporter)
    supported = without_unsupported(document.data)
    for refused in supported.refused:
        code = "unsupported-field" if refused.value is None else "unsupported-value"
        place = document.place_of_key(refused.path) if refused.value is None else document.place_of_value(refused.path)
        reporter.error(code, place, field=refused.field, value=refused.value)
    check_document(document, reporter)
    file = _parsed(document, supported, reporter)
    category_map = _category_map(document, reporter)
    if file is None or category_map is None or has_errors(reporter.findings):
        return None
    compiled = compile_file(file, category_map)
    lint(compiled, document, reporter)
    return compiled


def _parsed(document: Document, supported: Supported, reporter: Reporter) -> ProgramFile | None:
    try:
        return ProgramFile.model_validate(supported.data)
    except ValidationError as invalid:
        report_schema_errors(invalid, ProgramFile, document, supported, reporter)
        return None


def _category_map(document: Document, reporter: Reporter) -> dict[str, str] | None:
    name = document.value(("eligible", "category_map"))
    if not isinstance(name, str) or not name:
        return {}
    try:
        return read_category_map(document.path.parent / name)
    except CategoryMapError as error:
        place = document.place_of_value(("eligible", "category_map"))
        if not error.problems:
            reporter.error("map-missing", place, file=name)
        for line, problem in error.problems:
            reporter.error("map-bad", place, file=name, line=line, problem=problem[reporter.language])
        return None
