"""Every block of docs/marketing.md is run as it stands, from an empty folder on; dates move with the calendar."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.program.rules_desk import Desk

PAGE = Path(__file__).parents[3] / "docs" / "marketing.md"
ROLLOUT = "2027-01-15"
BLOCK = re.compile(r"(?:<!-- (?P<note>.+?) -->\n)?```(?P<kind>\w+)(?P<flags>[^\n]*)\n(?P<text>.*?)```", re.DOTALL)


class Block(NamedTuple):
    note: str
    kind: str
    fails: bool
    text: str


def blocks() -> Iterator[Block]:
    for found in BLOCK.finditer(PAGE.read_text("utf-8")):
        text = found["text"].replace(ROLLOUT, f"{(datetime.now(UTC) + timedelta(days=22)).date()}")
        yield Block(found["note"] or "", found["kind"], "fails" in found["flags"], text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(block: Block) -> None:
    """Do what the note of a block says: make a file of it, or put it into one."""
    text = block.text
    if named := re.fullmatch(r"file: (\S+)", block.note):
        Path(named[1]).write_text(text, "utf-8")
        return
    if changed := re.fullmatch(r"file: (\S+) from (\S+) with `(.+)` instead of `(.+)`", block.note):
        original = Path(changed[2]).read_text("utf-8")
        assert original.count(changed[4]) == 1
        Path(changed[1]).write_text(original.replace(changed[4], changed[3]), "utf-8")
        return
    into = re.fullmatch(r"into: (\S+)(?: from (\S+))? after `(.+)`", block.note)
    assert into, f"what to do with {block.note!r}?"
    lines = Path(into[2] or into[1]).read_text("utf-8").splitlines(keepends=True)
    (place,) = [at for at, line in enumerate(lines) if line.startswith(into[3])]
    Path(into[1]).write_text("".join([*lines[: place + 1], text, *lines[place + 1 :]]), "utf-8")


def test_every_block_of_the_guide_works(folder: Path, desk: Desk) -> None:
    shown: list[str] = []
    for block in blocks():
        if block.note:
            write(block)
        if block.kind != "sh":
            assert block.note, f"nothing is done with:\n{block.text}"
            continue
        for line in block.text.splitlines():
            program, verb, *rest = shlex.split(line)
            assert (program, verb) == ("jifen", "program")
            result = desk.run(*rest)
            assert result.exit_code == (1 if block.fails else 0), f"{line}\n{result.output}"
            shown.append(result.output)
    assert sorted(path.name for path in folder.iterdir()) == [
        "basket.json",
        "campaign.yaml",
        "mistake.yaml",
        "report.html",
        "rules.yaml",
        "sales.ndjson",
    ]
    told = "\n".join(shown)
    for expected in (
        "是不是想写“per_amount”",
        "已发布第 1 版",
        "已发布第 2 版",
        "已发布第 3 版",
        "已发布第 4 版",
        "内容同第 1 版",
        "+57.6%",
    ):
        assert expected in told, expected


def test_the_campaign_of_the_guide_takes_six_lines() -> None:
    (campaign,) = [block for block in blocks() if "wednesday-cakes" in block.text and block.kind == "yaml"]
    assert len(campaign.text.splitlines()) == 6
