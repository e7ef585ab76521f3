"""Writes `docs/problems.md`, a section for every code that the API answers, from the texts that it answers with.

python -m tools.problems_page
"""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared.errors import JifenError
from shared.http.problems import TYPE_PREFIX, status_of
from shared.http.texts import PROBLEMS

TARGET: Final = Path(__file__).parent.parent / "docs" / "problems.md"
HEAD: Final = """# Problems

Every answer with a status of 400 or more that the code gives is a problem document (RFC 9457,
`application/problem+json`): `type`, `title`, `status`, `detail`, `instance`, `code`, `request_id`, the fields named
below, and for 422 `errors[{pointer, code, detail}]`. `code` is stable and never translated; `title` and `detail` follow
`Accept-Language` (zh-CN, en). `request_id` is what to tell support.

Some answers come from API Gateway before any code runs, with its own body `{"message": …}`: 401 for a token that is
missing, expired or of another audience, 413 above 10 MB, 429 when the stage's rate is exceeded, 503 when no function
could be started.

This page is generated: `python -m tools.problems_page`.

| Code | Status | | |
|---|---|---|---|
"""


def raisable(error: type[JifenError] = JifenError) -> Iterator[type[JifenError]]:
    """Give every error that has a code, families before their members."""
    if "code" in vars(error):
        yield error
    for child in error.__subclasses__():
        yield from raisable(child)


def rendered() -> str:
    """Give the page."""
    by_code: dict[str, list[type[JifenError]]] = {code: [] for code in sorted(PROBLEMS)}
    for error in raisable():
        by_code[error.code].append(error)
    rows = "".join(_row(code, found) for code, found in by_code.items())
    return HEAD + rows + "".join(_section(code, found) for code, found in by_code.items())


def _row(code: str, found: list[type[JifenError]]) -> str:
    title = PROBLEMS[code].title
    return f"| [{code}](#{code}) | {_status(found)} | {title.zh} | {title.en} |\n"


def _section(code: str, found: list[type[JifenError]]) -> str:
    text = PROBLEMS[code]
    fields = " ".join(told for error in found if (told := _fields(error)))
    lines = [
        f"\n## {code}\n",
        f"{_status(found)} · `{TYPE_PREFIX}{code}`\n",
        f"{text.title.zh}。{text.detail.zh}{text.remedy.zh}\n",
        f"{text.title.en}. {text.detail.en} {text.remedy.en}\n",
    ]
    if fields:
        lines.append(f"{fields}\n")
    return "\n".join(lines)


def _status(found: list[type[JifenError]]) -> int:
    (status,) = {status_of(error) for error in found}
    return status


def _fields(error: type[JifenError]) -> str:
    """Give the sentence of an error's docstring that names its fields."""
    told = " ".join((inspect.cleandoc(error.__doc__ or "")).split())
    return told[told.index("Fields:") :] if "Fields:" in told else ""


def main() -> None:
    TARGET.write_text(rendered(), encoding="utf-8")
    print(TARGET.name)


if __name__ == "__main__":
    main()
