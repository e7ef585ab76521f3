"""What the YAML parser stumbles over, told as what people do: tabs, full-width signs, brackets, quotes, indentation.

The parser stops at the first place that it cannot read. Tabs are told all at once; of the rest one run finds one.
"""

import re
from collections.abc import Sequence
from typing import Final

from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.reader import ReaderError

from shared.program.places import Place, Problem

# What the parser says, what is meant, and whether the place is where the broken thing begins or where it is noticed.
_MEANINGS: Final = (
    ("could not find expected ':'", "no-colon", "begins"),
    ("mapping values are not allowed", "stray-colon", "noticed"),
    ("found unexpected end of stream", "open-quote", "begins"),
    ("expected <block end>, but found '<scalar>'", "after-quote", "noticed"),
    ("expected <block end>, but found ']'", "extra-bracket", "noticed"),
    ("expected <block end>, but found '}'", "extra-bracket", "noticed"),
    ("expected <block end>", "bad-indent", "noticed"),
    ("but got ':'", "missing-comma", "noticed"),
    ("expected ',' or ", "open-bracket", "begins"),
    ("expected the node content", "missing-item", "noticed"),
    ("sequence entries are not allowed", "stray-dash", "noticed"),
    ("that cannot start any token", "quote-it", "noticed"),
    ("expected URI", "quote-it", "begins"),
    ("but found another document", "two-documents", "noticed"),
)
_ALIAS: Final = re.compile("found undefined alias '(.*)'")
_TAB_IN_INDENTATION: Final = re.compile(" *\t")
_NO_WIDTH: Final = re.compile("[\u200b\u2060\ufeff]")
_PLAIN_TO_SEE: Final = (
    (re.compile(r"^[ \u00a0\u2000-\u200b\u3000]*?([\u00a0\u2000-\u200b\u3000]+)"), "odd-space"),
    (re.compile(r"^ *(?:- )?[a-z_]+:([\u00a0\u2000-\u200b\u3000]+)"), "odd-space"),
    (re.compile(r"^ *(-)[a-z_]+:"), "dash-space"),
    (re.compile(r"^ *(```.*)"), "code-fence"),
    (re.compile(r"^ *(//).*"), "slash-comment"),
)
_FULL_WIDTH: Final = (
    (re.compile(r"^\s*(?:- )?(?:\{ *)?[a-z_]+(：)"), ": "),
    (re.compile(r"[a-z_]+(：)"), ": "),
    (re.compile(r"(，)\s*[a-z_]+\s*[:：]"), ", "),
    (re.compile(r":\s*(｛)"), "{"),
)


def problems_of(error: YAMLError, text: str, lines: Sequence[str]) -> list[Problem]:
    """Say what is wrong where the parser has given up."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return [Problem("bad-character", place, {"name": f"U+{error.character:04X}"})]
    if not isinstance(error, MarkedYAMLError):
        return [Problem("bad-yaml", Place(1, 1), {"problem": str(error).splitlines()[0]})]
    told = str(error.problem or error.context)
    noticed = _place(error.problem_mark or error.context_mark)
    begins = _place(error.context_mark or error.problem_mark)
    if "'\\t'" in told:
        return _tabs(lines) or [Problem("tab", noticed, {})]
    if alias := _ALIAS.search(told):
        return [Problem("no-anchors", noticed, {"name": alias[1]})]
    if seen := _seen(lines, range(max(1, min(begins.line, noticed.line - 1)), noticed.line + 1)):
        return [seen]
    full_width = _full_width(lines, range(max(begins.line, noticed.line - 1), noticed.line + 1))
    return [full_width or _meant(told, begins, noticed)]


def hidden_in(lines: Sequence[str]) -> list[Problem]:
    """Find characters of no width, which come along with what is copied from a page, and make another word of it."""
    return [
        Problem("bad-character", Place(number, found.start() + 1), {"name": f"U+{ord(found[0]):04X}"})
        for number, line in enumerate(lines, start=1)
        for found in _NO_WIDTH.finditer(line)
    ]


def _place(mark: StreamMark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _tabs(lines: Sequence[str]) -> list[Problem]:
    found = ((number, _TAB_IN_INDENTATION.match(line)) for number, line in enumerate(lines, start=1))
    return [Problem("tab", Place(number, tab.end()), {}) for number, tab in found if tab]


def _seen(lines: Sequence[str], numbers: range) -> Problem | None:
    """Find what is plain to see on a line, once one knows that something is wrong with it."""
    for number in numbers:
        for pattern, code in _PLAIN_TO_SEE if number <= len(lines) else ():
            if found := pattern.search(lines[number - 1]):
                return Problem(code, Place(number, found.start(1) + 1, len(found[1])), {})
    return None


def _full_width(lines: Sequence[str], numbers: range) -> Problem | None:
    """Find a full-width sign where the grammar wants its ASCII one: names may well contain them, fields do not."""
    for number in numbers:
        line = lines[number - 1] if number <= len(lines) else ""
        for pattern, wanted in _FULL_WIDTH:
            if found := pattern.search(line):
                return Problem("full-width", Place(number, found.start(1) + 1), {"found": found[1], "wanted": wanted})
    return None


def _meant(told: str, begins: Place, noticed: Place) -> Problem:
    for words, code, where in _MEANINGS:
        if words not in told or (code == "missing-comma" and begins.line != noticed.line):
            continue
        return Problem(code, begins if where == "begins" else noticed, {})
    return Problem("bad-yaml", noticed, {"problem": told})
