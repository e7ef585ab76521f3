"""Tables for spreadsheets, in which no text is taken for a formula: tills and members choose some of them. T18, S6."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

ENCODING: Final = "utf-8-sig"
"""With the mark by which Excel knows UTF-8."""
BEGINS_A_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠")
"""What spreadsheets begin a formula with, the full-width forms that some turn into it, and what some skip before it."""
TEXT_MARK: Final = "'"


def write_sheet(path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file with titles; every cell is quoted, and marked as a text where it might be a formula."""
    with path.open("w", encoding=ENCODING, newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(titles)
        writer.writerows([cell_of(text) for text in row] for row in rows)


def cell_of(text: str) -> str:
    """Write a text so that no spreadsheet calculates it: with an apostrophe before it, which none of them shows."""
    return f"{TEXT_MARK}{text}" if text[:1] in BEGINS_A_FORMULA or text[:1] == TEXT_MARK else text


def text_of(cell: str) -> str:
    """Give the text that `cell_of` wrote."""
    return cell.removeprefix(TEXT_MARK)
