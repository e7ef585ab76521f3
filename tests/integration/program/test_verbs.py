"""Every verb of `jifen program` in both languages, for people and for programs, with its exit codes."""

import json
import os
import pty
import re
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from typer.testing import CliRunner

from cli.program import app
from shared.program.store import write_chain
from shared.program.stores import Chain, Store
from tests.integration.program.rules_desk import Desk

CHINESE: Final = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
FILE: Final = Path(__file__).with_name("corner_shop.yaml")
IN_TIME: Final = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}"
THURSDAY: Final = "  - {id: thu, name: Thursday, on: purchase, when: {days: [thu]}, give: {multiply: 2}}\n"
CHANGES: Final = {
    "effective: 2026-01-01 00:00": (
        f"effective: {IN_TIME} 00:00\nrollout: {{pilot_stores: [S1], all_stores_from: 2099-01-01 00:00}}"
    ),
    "per_amount: 10}": "per_amount: 20}",
    "points: 50}}": "points: 60}}",
    "reach: 1000": "reach: 2000",
    "max_multiplier: 5": "max_multiplier: 4",
    "  - {id: wed": f"{THURSDAY}  - {{id: wed",
}
BASKET: Final = {
    "store_id": "S1",
    "receipt_id": "A-1",
    "occurred_at": "2027-03-03T10:00:00+08:00",
    "currency": "CNY",
    "lines": [{"line_id": "1", "sku": "x", "quantity": "1", "net": 12000, "category": "fresh"}],
    "total": 12000,
}


class Row(NamedTuple):
    """A call, and the code with which it ends."""

    code: int
    words: str


SAME_FOR_PROGRAMS: Final = (
    Row(0, "explain rules.yaml wed"),
    Row(1, "explain wrong.yaml base"),
    Row(0, "calendar rules.yaml --month 2099-06"),
    Row(0, "diff small.yaml rules.yaml"),
    Row(0, "notice next.yaml"),
    Row(0, "simulate small.yaml --basket basket.json"),
    Row(0, "simulate small.yaml --sales sales.ndjson --against small.yaml --processes 1"),
    Row(0, "status"),
    Row(0, "history"),
    Row(1, "validate wrong.yaml"),
)
FOR_PEOPLE: Final = (
    *SAME_FOR_PROGRAMS,
    Row(0, "diff --live next.yaml"),
    Row(0, "simulate rules.yaml --basket basket.json"),
    Row(0, "explain small.yaml base"),
    Row(1, "explain small.yaml basis"),
    Row(0, "calendar small.yaml --month 2025-02"),
    Row(2, "calendar small.yaml --month June"),
    Row(0, "diff small.yaml small.yaml"),
    Row(2, "diff small.yaml"),
    Row(2, "simulate small.yaml"),
    Row(2, "simulate small.yaml --sales nothing.csv"),
    Row(2, "simulate small.yaml --replay month"),
    Row(0, "validate small.yaml"),
    Row(2, "validate absent.yaml"),
    Row(1, "publish next.yaml --effective now --yes"),
    Row(2, "publish small.yaml --pilot S1 --yes"),
    Row(1, "publish wrong.yaml --yes"),
    Row(0, "publish next.yaml --yes"),
    Row(0, "publish next.yaml --yes"),
    Row(1, "rollback 9 --yes"),
    Row(0, "rollback 1 --yes"),
    Row(0, "status"),
    Row(0, "history"),
    Row(0, "init mine.yaml"),
    Row(1, "init mine.yaml"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    text = changed = FILE.read_text("utf-8")
    for was, now in CHANGES.items():
        assert was in changed
        changed = changed.replace(was, now)
    small = text.partition("  - {id: steps")[0]
    sale = {"type": "sale.completed", "data": BASKET | {"member": {"card": "6001"}}}
    for name, content in {
        "rules.yaml": text,
        "next.yaml": changed,
        "small.yaml": small,
        "wrong.yaml": small.replace("on: purchase", "on: purchse"),
        "basket.json": json.dumps(BASKET),
        "sales.ndjson": json.dumps(sale),
    }.items():
        Path(name).write_text(content, "utf-8")
    return tmp_path


def publish_shop(desk: Desk) -> None:
    stores = (Store(id="S1", name="One"), Store(id="S2", name="Two"))
    write_chain(Chain(stores=stores), client=desk.ledger.client, table=desk.ledger.tables.ledger)
    assert desk.run("publish", "rules.yaml", "--yes", "--author", "lin").exit_code == 0


@pytest.mark.parametrize(("lang", "chinese"), [("zh", True), ("en", False)])
def test_every_verb_speaks_the_language_that_it_is_asked_for(
    desk: Desk, folder: Path, lang: str, *, chinese: bool
) -> None:
    """All names of the file are English: what is Chinese in an answer is the command's own."""
    publish_shop(desk)
    for row in FOR_PEOPLE:
        result = desk.run(*row.words.split(), "--lang", lang)
        assert result.exit_code == row.code, f"{row.words}: {result.output}"
        assert bool(CHINESE.search(result.output)) is chinese, f"{row.words}: {result.output}"


def test_programs_are_told_the_same_in_both_languages(desk: Desk, folder: Path) -> None:
    publish_shop(desk)
    for row in SAME_FOR_PROGRAMS:
        told = [desk.run(*row.words.split(), "--format", "json", "--lang", lang) for lang in ("zh", "en")]
        assert [one.exit_code for one in told] == [row.code, row.code], row.words
        chinese, english = (json.loads(one.stdout) for one in told)
        assert shape(chinese) == shape(english), row.words
        assert not CHINESE.search(told[1].stdout), row.words


def shape(told: Any) -> Any:
    """Give what is told without its texts: fields, numbers, how many of each."""
    if isinstance(told, dict):
        return {name: shape(value) for name, value in told.items()}
    if isinstance(told, list):
        return [shape(value) for value in told]
    return "text" if isinstance(told, str) else told


def test_what_is_worse_stands_beside_its_line_in_a_pull_request(folder: Path) -> None:
    options = ["--format", "github", "--lang", "en"]
    result = CliRunner().invoke(app, ["diff", "rules.yaml", "next.yaml", *options])
    lines = Path("next.yaml").read_text("utf-8").splitlines()
    at = next(at for at, line in enumerate(lines, start=1) if "id: base" in line)
    first, *rest = result.stdout.splitlines()
    assert first == (
        f"::warning file=next.yaml,line={at},col=10,title=worse-for-customers::"
        "Base: 1 point for every ¥10.00 spent.%0A→ 1 point for every ¥20.00 spent."
    )
    assert [line.rpartition("::")[2].partition(":")[0] for line in rest] == ["terms", "Gold"], "what is better is not"


def test_every_verb_says_its_exit_codes() -> None:
    group = CliRunner()
    verbs = re.findall(r"│ ([a-z]+) ", group.invoke(app, ["--help"]).stdout)
    assert len(verbs) == 12
    for verb in verbs:
        told = " ".join(group.invoke(app, [verb, "--help"]).stdout.split())
        assert "退出码：0 成功，1 规则有错或被拒绝，2 没能运行。" in told, verb
        assert "0 done, 1 the rules are wrong or it was refused, 2 it could not run." in told, verb


def test_there_is_colour_on_a_terminal_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    words = ["validate", "wrong.yaml", "--lang", "en"]
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal, redirect_stdout(terminal):
        assert app(words, standalone_mode=False) == 1
        terminal.flush()
        shown = os.read(ours, 65_536).decode()
    os.close(ours)
    with redirect_stdout(StringIO()) as piped:
        assert app(words, standalone_mode=False) == 1
    assert "\x1b[1;31m" in shown
    assert "\x1b" not in piped.getvalue()
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n") == piped.getvalue()
