"""What is wrong with a file, where, and what to write instead; and how that is shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import east_asian_width

from shared.program.messages import Language, texts
from shared.program.source import Document, Place

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
        line = document.lines[finding.line - 1]
        before, under = line[: finding.column - 1], line[finding.column - 1 : finding.column - 1 + finding.width]
        rows.append(f"{finding.line:>6} │ {line}")
        rows.append(f"{'':>6} │ {' ' * _columns(before)}{'^' * max(1, _columns(under))}")
    if finding.remedy:
        rows.append(f"{'':>6} └ {finding.remedy}")
    return "\n".join(rows)


def _columns(text: str) -> int:
    """Count display columns: Chinese characters take two, so that carets stand under what they mean."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


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
    return "\n".join(
        f"::{finding.severity} file={_property(str(document.path))},line={finding.line},col={finding.column},"
        f"title={_property(finding.code)}::{_data(f'{finding.message} {finding.remedy}'.strip())}"
        for finding in findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)
