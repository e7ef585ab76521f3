"""How long `jifen program simulate` takes over a hundred thousand sales: to read them from a file, and to simulate."""

import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cli.program_preview import candidate_of
from cli.simulation import simulate_all
from cli.simulation_input import read_sales
from shared.program.load import load_program
from tools.bench.figures import Figure, at_most, exactly, told
from tools.bench.size import scaled

SALES: Final = 100_000
MEMBERS: Final = 20_000
PROCESSES: Final = 2
SECONDS: Final = 60
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES_OF_A_YEAR: Final = 365 * 24 * 60
TEMPLATE: Final = Path(__file__).resolve().parents[2] / "cli" / "templates" / "supermarket.yaml"
CATEGORIES: Final = ("生鲜", "酒水", "日用", "粮油", "零食")


def figures() -> Iterator[Figure]:
    """Simulate a year of a supermarket by the rules of its template."""
    sales = scaled(SALES)
    with tempfile.TemporaryDirectory(prefix="jifen-bench-") as folder:
        file, rules = Path(folder, "sales.jsonl"), Path(folder, "program.yaml")
        file.write_text("\n".join(map(json.dumps, a_year(sales, members=scaled(MEMBERS)))), "utf-8")
        text = TEMPLATE.read_text("utf-8")
        rules.write_text(text.replace("@EFFECTIVE@", "2025-12-01 00:00"), "utf-8")
        candidate = candidate_of(load_program(rules).draft, "supermarket")
        began, before = time.perf_counter(), _processor_seconds()
        happenings = read_sales(file, zone=candidate.program.zone, currency="CNY", processes=PROCESSES)
        (simulated,) = simulate_all(happenings, [candidate], processes=PROCESSES)
        seconds, used = time.perf_counter() - began, _processor_seconds() - before
    yield exactly("simulation.sales", simulated.result.sales, sales, "sales that were simulated")
    times = SALES / sales
    yield told("simulation.cpu", round(used * times, 1), "seconds of CPU for 100 000 sales, reckoned from these")
    says = "seconds for 100 000 sales by two processes, reckoned from these"
    yield at_most("simulation.seconds", round(seconds * times, 1), SECONDS, says)


def _processor_seconds() -> float:
    """Give the CPU that this process has used, and those that it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def a_year(sales: int, *, members: int) -> Iterator[dict[str, Any]]:
    """Make sales of one to eight lines, at all hours of a year, in ten stores."""
    chance = random.Random(sales)  # noqa: S311 the same sales each time
    for number in range(sales):
        lines: list[dict[str, Any]] = [
            {
                "line_id": str(at + 1),
                "sku": str(6_900_000_000_000 + chance.randrange(5_000)),
                "quantity": "1",
                "net": chance.randrange(300, 12_000),
                "category": chance.choice(CATEGORIES),
            }
            for at in range(chance.randint(1, 8))
        ]
        data = {
            "store_id": f"SH{chance.randrange(10):03d}",
            "receipt_id": f"T-{number}",
            "occurred_at": (BEGIN + timedelta(minutes=chance.randrange(MINUTES_OF_A_YEAR))).isoformat(),
            "member": {"external_id": f"C-{chance.randrange(members)}"},
            "currency": "CNY",
            "lines": lines,
            "total": sum(line["net"] for line in lines),
        }
        yield {"type": "sale.completed", "data": data}
