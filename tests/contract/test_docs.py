"""Documents name what exists: links, targets, commands, variables, files, paths, decisions, kinds of entries."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pytest
import typer.main
from typer.core import TyperGroup

from cli.__main__ import app
from shared import names
from shared.ledger.entries import EntryKind

ROOT: Final = Path(__file__).parents[2]
NOT_OURS: Final = {"build", "cdk.out", "node_modules"}
LONGEST_README: Final = 120

LINK: Final = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCED: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INLINE: Final = re.compile(r"`([^`\n]+)`")
VARIABLE: Final = re.compile(r"\bJIFEN_[A-Z_]*[A-Z]\b")
TARGET: Final = re.compile(r"\bmake ([a-z]+)")
COMMAND: Final = re.compile(r"\bjifen ([a-z][a-z-]*(?: [a-z][a-z-]*)*)")
CALL: Final = re.compile(r"\bjifen ([a-z][^`#|\n]*)")
OPTION: Final = re.compile(r"(?<!\S)--[a-z][a-z-]*")
FILE: Final = re.compile(r"(?:cli|config|docs|events|functions|infra|requirements|shared|tests|tools)/[\w./*-]*")
API_PATH: Final = re.compile(r"/v1(?:/[\w{}.-]+)+")


@cache
def documents() -> dict[str, str]:
    """Give the text of every document by its path."""
    folders = [one for one in ROOT.iterdir() if one.is_dir() and one.name not in NOT_OURS and one.name[0] != "."]
    paths = [*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(paths)}


@cache
def sources() -> dict[str, str]:
    paths = [path for folder in ("shared", "functions", "cli", "infra", "tests", "tools") for path in files(folder)]
    paths += [*ROOT.glob("requirements/*.in"), ROOT / "Makefile"]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


def files(folder: str) -> Iterator[Path]:
    return (ROOT / folder).rglob("*.py")


def code_in(document: str) -> str:
    """Give what a document shows as code."""
    text = documents()[document]
    return "\n".join([*FENCED.findall(text), *INLINE.findall(FENCED.sub("", text))])


def anchors_of(text: str) -> set[str]:
    """Give the anchors that GitHub makes of a document's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


every_document = pytest.mark.parametrize("document", documents())


@every_document
def test_every_relative_link_leads_somewhere(document: str) -> None:
    broken = []
    for link in LINK.findall(documents()[document]):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        if not target.exists() or (anchor and anchor not in anchors_of(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


@every_document
def test_every_target_of_make_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(TARGET.findall(code_in(document))) <= targets


@every_document
def test_every_command_exists(document: str) -> None:
    unknown = [words for words in COMMAND.findall(code_in(document)) if not is_command(words)]
    assert unknown == []


@every_document
def test_every_option_of_a_command_exists(document: str) -> None:
    given = [(call, option) for call in CALL.findall(code_in(document)) for option in OPTION.findall(call)]
    assert [(call, option) for call, option in given if option not in options_of(call)] == []


@every_document
def test_every_file_exists(document: str) -> None:
    named = {text for text in INLINE.findall(FENCED.sub("", documents()[document])) if FILE.fullmatch(text)}
    assert [path for path in sorted(named) if not [*ROOT.glob(path.rstrip("/"))]] == []


@every_document
def test_every_path_of_the_api_exists(document: str) -> None:
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    known = re.compile("|".join(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) for path in paths))
    assert [path for path in API_PATH.findall(code_in(document)) if not known.fullmatch(path)] == []


def is_command(words: str) -> bool:
    """Say whether words begin with a command, or are a group of commands."""
    command = typer.main.get_command(app)
    for word in words.split():
        if not isinstance(command, TyperGroup):
            return True
        found = command.get_command(typer.Context(command), word)
        if found is None:
            return False
        command = found
    return True


def options_of(call: str) -> set[str]:
    """Give the options of the command with which a call begins."""
    command = typer.main.get_command(app)
    for word in call.split():
        found = command.get_command(typer.Context(command), word) if isinstance(command, TyperGroup) else None
        if found is None:
            break
        command = found
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    read = {name for text in sources().values() for name in VARIABLE.findall(text)}
    told = {name for text in documents().values() for name in VARIABLE.findall(text)}
    listed = set(re.findall(r"^\| `(JIFEN_[A-Z_]+)`", documents()["docs/configuration.md"], re.MULTILINE))
    assert told == read == listed
    assert {value for value in vars(names).values() if VARIABLE.fullmatch(str(value))} <= listed


def test_every_document_that_the_code_names_exists() -> None:
    lost = [
        f"{source}: {named}"
        for source, text in sources().items()
        for named in re.findall(r"docs/[\w./-]*\w", text)
        if not [*ROOT.glob(f"{named}*")]
    ]
    assert lost == []


def test_every_decision_stands_in_the_index_under_its_own_number() -> None:
    files_of_decisions = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    index = re.findall(r"^\| \[(\d{4})\]\((\S+)\) \| (.+) \|$", documents()["docs/decisions/README.md"], re.MULTILINE)
    assert [file for _, file, _ in index] == files_of_decisions
    assert [number for number, _, _ in index] == [f"{at:04d}" for at in range(1, len(index) + 1)]
    for number, file, title in index:
        assert documents()[f"docs/decisions/{file}"].startswith(f"# {int(number)}. {title}\n")


@pytest.mark.parametrize("document", [one for one in documents() if one.startswith("docs/decisions/0")])
def test_every_decision_has_a_date_and_its_parts(document: str) -> None:
    text = documents()[document]
    assert re.search(r"^Date: 20\d\d-\d\d-\d\d · Status: \w+", text, re.MULTILINE)
    parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [part for part in parts if part != "What was found"] == ["Question", "Decision", "Consequences"]


def test_every_kind_of_entry_is_in_the_glossary_and_no_other() -> None:
    section = documents()["docs/glossary.md"].split("\n## Kinds of entries\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(EntryKind)


def test_a_word_of_the_glossary_is_defined_once() -> None:
    words = re.findall(r"^\| ([^|`]+?) \| [^|]*[\u4e00-\u9fff][^|]* \|", documents()["docs/glossary.md"], re.MULTILINE)
    words = [word for word in words if word != "Word"]
    assert sorted(words) == sorted(set(words))


def test_the_readme_is_short() -> None:
    assert len(documents()["README.md"].splitlines()) <= LONGEST_README
