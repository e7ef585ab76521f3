"""Load files for the command line: a program with the rewards it lists, the stores of the chain."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from shared.program.compile import Compiled
from shared.program.findings import Finding, Reporter
from shared.program.messages import Language
from shared.program.notation import StoreId, Text, Zone
from shared.program.reports import report_schema_errors
from shared.program.schema_fields import AtLeastOne, AtLeastZero, Part
from shared.program.source import Document
from shared.program.spelling import respell
from shared.program.stores import AdjustmentLimits, Chain, Store
from shared.program.unsupported import Supported
from shared.program.validate import Validated, read_reported, validate


class InvalidFileError(Exception):
    """A file has errors; `document` and `findings` say which and where."""

    def __init__(self, document: Document, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{document.path}: {len(findings)} findings")
        self.document, self.findings = document, findings


def load_program(path: Path, language: Language = "zh") -> Compiled:
    """Load a program file. Raises InvalidFileError, UnreadableFileError."""
    return compiled_of(validate(path, language))


def compiled_of(validated: Validated) -> Compiled:
    """Give what a file compiles to. Raises InvalidFileError when it has errors."""
    if validated.compiled is None:
        raise InvalidFileError(validated.document, validated.findings)
    return validated.compiled


class StorePart(Part):
    id: StoreId
    name: Text
    zone: Zone | None = None
    city: Text | None = None
    adjustment_limit: AtLeastZero | None = None


class AdjustmentsPart(Part):
    limit: AtLeastZero = AdjustmentLimits().limit
    per_author_per_day: AtLeastOne = AdjustmentLimits().per_author_per_day


class StoresFile(Part):
    """The stores of the chain (门店), and how much staff may adjust by hand."""

    stores: Annotated[list[StorePart], Field(min_length=1)]
    adjustments: AdjustmentsPart = AdjustmentsPart()


def load_chain(path: Path, language: Language = "zh") -> Chain:
    """Load a file of stores. Raises InvalidFileError, UnreadableFileError."""
    reporter = Reporter(language)
    document = read_reported(path, reporter)
    chain = _chain(document, reporter) if isinstance(document.data, dict) else Chain()
    if reporter.findings:
        raise InvalidFileError(document, reporter.in_order())
    return chain


def _chain(document: Document, reporter: Reporter) -> Chain:
    respell(document, StoresFile, reporter)
    try:
        file = StoresFile.model_validate(document.data)
    except ValidationError as invalid:
        report_schema_errors(invalid, StoresFile, document, Supported(document.data, {}, []), reporter)
        return Chain()
    first: dict[str, int] = {}
    for at, store in enumerate(file.stores):
        if store.id in first:
            place = document.place_of_value(("stores", at, "id"))
            reporter.error("duplicate-store", place, id=store.id, first=first[store.id])
        first.setdefault(store.id, at + 1)
    return Chain(
        stores=tuple(Store(**one.model_dump()) for one in file.stores),
        adjustments=AdjustmentLimits(**file.adjustments.model_dump()),
    )
