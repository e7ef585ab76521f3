"""`jifen ops trail`: what was done from one day to another, on the terminal or as a sheet. F29, S6."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from cli.sheets import ENCODING, text_of
from shared.runtime.transactions import commit
from shared.trail.deeds import Deed, What
from shared.trail.store import recording
from tests.builders import NOW, Till, patience
from tests.integration.audit.test_rebuild import ops

BEN = "mem_00000000000000000000000002"
SPAN = ("--since", (NOW - timedelta(days=2)).date().isoformat(), "--until", NOW.date().isoformat())


@pytest.fixture
def till(bare_till: Till) -> Till:
    """Give a chain whose staff did something on each of three days, and somebody whose name is a formula."""
    ledger = bare_till.ledger
    for days in range(3):
        deed = Deed(what=What.TIER_SET, at=NOW - timedelta(days=days), who="zhou", about=f"tsr_{days}", member_id=BEN)
        commit(ledger.client, [recording(deed, table=ledger.tables.ledger)], patience())
    hostile = Deed(
        what=What.STOCK_CHANGED, at=NOW, who="=cmd|' /C calc'!A0", about="mug", store_id="SH001", why="count"
    )
    commit(ledger.client, [recording(hostile, table=ledger.tables.ledger)], patience())
    return bare_till


def test_days_are_shown_newest_first(till: Till, engine_url: str) -> None:
    shown = ops(till, engine_url, "trail", *SPAN, "--member", BEN).output
    assert [line.split("│")[4].strip() for line in shown.splitlines() if "zhou" in line] == ["tsr_0", "tsr_1", "tsr_2"]
    assert "calc" not in shown


def test_a_day_is_enough(till: Till, engine_url: str) -> None:
    day = ("--since", NOW.date().isoformat(), "--until", NOW.date().isoformat())
    assert ops(till, engine_url, "trail", *day).output.count("2026-12-16 02:21:03") == 2
    assert ops(till, engine_url, "trail").output == "nothing was done\n"


def test_s6_a_sheet_holds_every_deed_and_no_formula(till: Till, engine_url: str, tmp_path: Path) -> None:
    path = tmp_path / "trail.csv"
    assert ops(till, engine_url, "trail", *SPAN, "--sheet", str(path)).output == f"{path}: 4 deeds\n"
    with path.open(encoding=ENCODING, newline="") as file:
        titles, *rows = csv.reader(file)
    assert titles == ["when", "who", "what", "about", "member", "store", "reason"]
    (hostile,) = [row for row in rows if row[3] == "mug"]
    assert hostile[1] == "'=cmd|' /C calc'!A0"
    assert [text_of(cell) for cell in hostile[1:]] == [
        "=cmd|' /C calc'!A0",
        "stock.changed",
        "mug",
        "",
        "SH001",
        "count",
    ]


def test_a_span_that_ends_before_it_begins_is_refused(till: Till, engine_url: str) -> None:
    assert ops(till, engine_url, "trail", "--since", "2026-12-17", "--until", "2026-12-16").exit_code == 2
