"""`python -m tools.bench [subject …]`: measure, print a table, write build/bench.json; 1 where a goal is missed.

What functions log meanwhile goes to build/bench.log. Long ones measure a fifth; all of it with `JIFEN_BENCH=full`.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from tools.bench import check_ins, cold_starts, conflicts, processor, requests, simulation, storms, sweeps, template
from tools.bench.figures import Bench, Figure
from tools.bench.load import LOG

RESULTS: Final = Path(__file__).resolve().parents[2] / "build" / "bench.json"
BENCHES: Final[dict[str, Bench]] = {
    "requests": requests.figures,
    "processor": processor.figures,
    "cold-starts": cold_starts.figures,
    "storms": storms.figures,
    "conflicts": conflicts.figures,
    "check-ins": check_ins.figures,
    "sweeps": sweeps.figures,
    "simulation": simulation.figures,
    "template": template.figures,
}


def main(subjects: list[str]) -> int:
    table = Table("figure", "", "value", "goal", "")
    for title in ("value", "goal"):
        next(column for column in table.columns if column.header == title).justify = "right"
    found: list[Figure] = []
    for figure in _measured(subjects or list(BENCHES)):
        found.append(figure)
        goal = "" if figure.goal is None else _number(figure.goal)
        table.add_row(figure.id, figure.says, _number(figure.value), goal, "✓" if figure.ok else "[red]✗[/red]")
    document = {"figures": [figure.document() for figure in found]}
    RESULTS.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    Console().print(table)
    return 0 if all(figure.ok for figure in found) else 1


def _measured(subjects: list[str]) -> Iterator[Figure]:
    LOG.parent.mkdir(exist_ok=True)
    terminal = sys.stderr
    with LOG.open("w", encoding="utf-8") as log, redirect_stderr(log):
        for subject in subjects:
            began = time.perf_counter()
            for figure in BENCHES[subject]():
                print(f"{figure.id}: {_number(figure.value)}", file=terminal)
                yield figure
            print(f"{subject} took {time.perf_counter() - began:.0f} s", file=terminal)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
