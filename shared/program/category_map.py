"""The table of SKUs and categories beside a program file: what Excel makes of it, and what is wrong with it."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from shared.program.messages import Language

MOST_PROBLEMS: Final = 20
HEADER: Final = ["sku", "category"]
_ROUNDED: Final = re.compile(r"[0-9.]+[Ee]\+[0-9]+")
_Problem = tuple[int, dict[Language, str]]


class CategoryMapError(Exception):
    """The SKU map cannot be read: so many problems with their lines, none when there is no such file."""

    def __init__(self, problems: Sequence[_Problem] = ()) -> None:
        super().__init__("; ".join(f"line {line}: {told['en']}" for line, told in problems) or "not found")
        self.problems = problems


def read_category_map(path: Path) -> dict[str, str]:
    """Read a CSV file of `sku,category`. Raises CategoryMapError."""
    try:
        content = path.read_bytes()
    except OSError:
        raise CategoryMapError from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CategoryMapError([(line, {"zh": "不是 UTF-8 编码", "en": "not UTF-8"})]) from None
    category_map: dict[str, str] = {}
    problems = list(_problems(text, category_map))
    if problems:
        raise CategoryMapError(problems[:MOST_PROBLEMS])
    return category_map


def _problems(text: str, category_map: dict[str, str]) -> Iterator[_Problem]:
    """Fill the map, and tell what is wrong line by line."""
    rows = csv.reader(io.StringIO(text, newline=""))
    header = _cells(next(rows, []))
    if header != HEADER:
        shown = ",".join(header)
        yield (
            1,
            {
                "zh": f"表头要是 sku,category，写成了“{shown}”",
                "en": f"the header must be sku,category, it is `{shown}`",
            },
        )
        return
    for row in rows:
        cells = _cells(row)
        if problem := _problem(cells, category_map) if cells else None:
            yield rows.line_num, problem


def _cells(row: Sequence[str]) -> list[str]:
    """Strip cells, and drop the empty ones that Excel leaves at the end of rows."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _problem(cells: Sequence[str], category_map: dict[str, str]) -> dict[Language, str] | None:
    if len(cells) != len(HEADER) or not all(cells):
        return {"zh": "要有 SKU 和品类两列", "en": "needs a SKU and a category"}
    sku, category = cells
    if _ROUNDED.fullmatch(sku):
        return {
            "zh": f"“{sku}”是被 Excel 改写了的条码，先把这一列的格式设成文本",
            "en": f"`{sku}` is a code that Excel has rounded: format the column as text first",
        }
    if category_map.setdefault(sku, category) != category:
        return {"zh": f"SKU {sku} 有两个品类", "en": f"SKU {sku} has two categories"}
    return None
