"""A YAML file with the place of every key and value, read by ruamel (YAML 1.2: `on` is a word, 18:30 no number).

Scalars keep what the writer meant: whole numbers become int, decimals `Decimal` (never float), true and false bool;
all else, dates included, is text. Anchors, aliases and tags are refused: the file says each thing where it stands.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from shared.program.messages import Language
from shared.program.places import Path, Place, Problem
from shared.program.yaml_problems import hidden_in, problems_of

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_BOOLEANS: Final = {"true": True, "false": False}
_YAML_TAGS: Final = "tag:yaml.org,2002:"


class UnreadableFileError(Exception):
    """The file is missing, a folder, or not UTF-8: nothing can be said about its content. `reason` says why."""

    def __init__(self, reason: dict[Language, str]) -> None:
        super().__init__(reason["en"])
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class Document:
    """The values of a file, where their keys and values stand, and what is wrong with the YAML."""

    path: FilePath
    lines: tuple[str, ...]
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)

    def place_of_value(self, path: Path) -> Place:
        """Give the place of a value, or of the nearest thing around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))

    def place_of_key(self, path: Path) -> Place:
        """Give the place of a field's name; for an item of a list, of the item."""
        return self.keys.get(path) or self.place_of_value(path)

    def value(self, path: Path) -> Any:  # noqa: ANN401 whatever the file says
        """Give a raw value; None where there is none."""
        found = self.data
        for part in path:
            if isinstance(found, dict):
                found = found.get(part)
            elif isinstance(found, list) and isinstance(part, int) and part < len(found):
                found = found[part]
            else:
                return None
        return found

    def scalars(self) -> Iterator[tuple[Path, Any]]:
        """Give everything that is neither a list nor fields, with its path."""
        for path in self.values:
            value = self.value(path)
            if not isinstance(value, dict | list):
                yield path, value

    def rename(self, path: Path, name: str) -> None:
        """Read a field as if its name were another one; it stays where it stands."""
        renamed = (*path[:-1], name)
        for places in (self.keys, self.values):
            for at in [at for at in places if at[: len(path)] == path]:
                places[(*renamed, *at[len(path) :])] = places.pop(at)
        around = self.value(path[:-1])
        around[name] = around.pop(path[-1])


def read_document(path: FilePath) -> Document:
    """Read a file. Raises UnreadableFileError; what is wrong with the YAML stands in `problems`."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFileError({"zh": f"没有 {path}，检查路径", "en": f"no {path}, check the path"}) from None
    except IsADirectoryError:
        raise UnreadableFileError(
            {"zh": f"{path} 是文件夹，写到文件名", "en": f"{path} is a folder, name a file"}
        ) from None
    except OSError as error:
        raise UnreadableFileError({"zh": f"{path}：{error.strerror}", "en": f"{path}: {error.strerror}"}) from error
    return parse_document(_decoded(content, path), path)


def _decoded(content: bytes, path: FilePath) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableFileError(
            {
                "zh": f"{path} 第 {line} 行起不是 UTF-8 编码，在编辑器里另存为 UTF-8",
                "en": f"{path} is not UTF-8 from line {line} on, save it as UTF-8 in your editor",
            }
        ) from None


def parse_document(text: str, path: FilePath) -> Document:
    document = Document(path=path, lines=tuple(text.splitlines()))
    document.problems += hidden_in(document.lines)
    if document.problems:
        return document
    try:
        with warnings.catch_warnings():
            # An anchor that is given twice is refused twice, as any anchor is.
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            root = YAML(typ="rt").compose(text)
    except YAMLError as error:
        document.problems += problems_of(error, text, document.lines)
    else:
        _Reader(document).read(root)
    return document


class _Reader:
    """Turns nodes into values, noting places and what the file may not use."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.anchored: set[int] = set()

    def read(self, root: Node | None) -> None:
        if root is None:
            self.document.problems.append(Problem("empty-file", Place(1, 1), {}))
        else:
            self.document.data = self._value(root, ())

    def _value(self, node: Node, path: Path) -> Any:  # noqa: ANN401 whatever the file says
        place = self._place(node)
        if node.anchor is not None:
            # An alias is the very node of its anchor: met a second time, it stands in two places at once.
            if id(node) not in self.anchored:
                self.document.problems.append(Problem("no-anchors", place, {"name": str(node.anchor)}))
            self.anchored.add(id(node))
        self.document.values[path] = place
        if not str(node.tag).startswith(_YAML_TAGS):
            self.document.problems.append(Problem("no-tags", place, {"name": str(node.tag)}))
        if isinstance(node, MappingNode):
            return dict(self._entries(node, path))
        if isinstance(node, SequenceNode):
            return [self._value(item, (*path, at)) for at, item in enumerate(node.value)]
        return _scalar(cast("ScalarNode", node))

    def _entries(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        last = ""
        value: Any = None
        for key_node, value_node in node.value:
            key, place = str(key_node.value), self._place(key_node)
            unwritten = value_node.start_mark.index == value_node.end_mark.index
            if node.flow_style and unwritten and key.isdigit() and isinstance(value, int):
                value = self._with_digits(value, key, place)
                yield last, value
                continue
            if key in seen:
                fields = {"field": key, "first": str(seen[key])}
                self.document.problems.append(Problem("repeated-field", place, fields))
                continue
            seen[key] = place.line
            self.document.keys[(*path, key)] = place
            last, value = key, self._value(value_node, (*path, key))
            yield last, value
            if unwritten:
                # Where nothing was written there is nothing to point at but the field.
                self.document.values[(*path, key)] = place

    def _with_digits(self, number: int, digits: str, place: Place) -> int | Decimal:
        """Put together what a comma took apart: 5,000 is five thousand, 1,5 is one and a half."""
        thousands = len(digits) == 3  # noqa: PLR2004 as thousands are grouped
        meant = int(f"{number}{digits}") if thousands else Decimal(f"{number}.{digits}")
        problems = self.document.problems
        if problems and problems[-1].code == "grouped-digits" and problems[-1].fields["suggestion"] == str(number):
            place = problems.pop().place
        problems.append(Problem("grouped-digits", place, {"suggestion": str(meant)}))
        return meant

    def _place(self, node: Node) -> Place:
        start, end = node.start_mark, node.end_mark
        line = self.document.lines[start.line] if start.line < len(self.document.lines) else ""
        until = end.column if end.line == start.line else len(line.rstrip())
        return Place(start.line + 1, start.column + 1, max(1, until - start.column))


def _scalar(node: ScalarNode) -> Any:  # noqa: ANN401 whatever the file says
    return str(node.value) if node.style is not None else plain_value(str(node.value))


def plain_value(text: str) -> Any:  # noqa: ANN401 whatever the file says
    """Read a value that has no quotes."""
    if text in ("", "~", "null"):
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else _BOOLEANS.get(text, text)
