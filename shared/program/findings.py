"""What is wrong with a file, where, and what to write instead; and how that is shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import combining, east_asian_width

from shared.program.messages import Language, texts
from shared.program.places import Place
from shared.program.source import Document

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One mistake or doubt. `message` is a whole sentence, `remedy` what to write or do; both in one language."""

    severity: Severity
    line: int
    column: int
    message: str
    remedy: str
    code: str
    width: int = 1


class Reporter:
    """Collects findings about one file in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.findings: list[Finding] = []

    def error(self, code: str, place: Place, **fields: object) -> None:
        self._add("error", code, place, fields)

    def warning(self, code: str, place: Place, **fields: object) -> None:
        self._add("warning", code, place, fields)

    def _add(self, severity: Severity, code: str, place: Place, fields: Mapping[str, object]) -> None:
        message, remedy = texts(code, fields, self.language)
        self.findings.append(
            Finding(
                severity=severity,
                line=place.line,
                column=place.column,
                width=place.width,
                message=message,
                remedy=remedy,
                code=code,
            )
        )

    def has_error_at(self, place: Place) -> bool:
        """Say whether something wrong was found there already."""
        return any((one.severity, one.line, one.column) == ("error", *place[:2]) for one in self.findings)

    def in_order(self) -> tuple[Finding, ...]:
        """Give each finding once, from the top of the file to its end."""
        once = dict.fromkeys(self.findings)
        return tuple(sorted(once, key=lambda one: (one.line, one.column, one.severity, one.code)))


def as_text(document: Document, findings: Sequence[Finding], language: Language) -> str:
    """Show each finding as file:line:column, the line with carets under the place, and what to write instead."""
    return "\n\n".join(_one_as_text(document, finding, language) for finding in findings)


def _one_as_text(document: Document, finding: Finding, language: Language) -> str:
    severity = {"zh": {"error": "错误", "warning": "提醒"}, "en": {"error": "error", "warning": "warning"}}
    head = f"{document.path}:{finding.line}:{finding.column} {severity[language][finding.severity]} "
    rows = [f"{head}{finding.message} [{finding.code}]"]
    if finding.line <= len(document.lines):
        line = document.lines[finding.line - 1].replace("\t", " ")  # as wide as it counts
        before, under = line[: finding.column - 1], line[finding.column - 1 : finding.column - 1 + finding.width]
        rows.append(f"{finding.line:>6} │ {line}")
        rows.append(f"{'':>6} │ {' ' * _columns(before)}{'^' * max(1, _columns(under))}")
    if finding.remedy:
        rows.append(f"{'':>6} └ {finding.remedy}")
    return "\n".join(rows)


def _columns(text: str) -> int:
    """Count display columns: Chinese characters take two, so that carets stand under what they mean."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text if not combining(one))


def as_json(document: Document, findings: Sequence[Finding]) -> str:
    content: list[dict[str, Any]] = [
        {
            "severity": finding.severity,
            "line": finding.line,
            "column": finding.column,
            "code": finding.code,
            "message": finding.message,
            "remedy": finding.remedy,
        }
        for finding in findings
    ]
    ok = not has_errors(findings)
    return json.dumps({"file": str(document.path), "ok": ok, "findings": content}, ensure_ascii=False, indent=2)


def as_github(document: Document, findings: Sequence[Finding]) -> str:
    """Write workflow commands, which GitHub shows beside the lines of a pull request."""
    return "\n".join(_as_command(document, finding) for finding in findings)


def _as_command(document: Document, finding: Finding) -> str:
    place = f"file={_property(str(document.path))},line={finding.line},col={finding.column}"
    told = _data(f"{finding.message}\n{finding.remedy}")
    return f"::{finding.severity} {place},title={_property(finding.code)}::{told}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)
