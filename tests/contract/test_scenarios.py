"""Every scenario of the rules, and every figure of reliability, is shown by a test that carries its id."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
SCENARIOS: Final = (
    *("S0-03", "S0-04", "S0-05", "S0-09", "S0-16"),
    *("S1-01", "S1-02", "S1-04", "S1-06", "S1-07", "S1-12"),
    *(f"S2-{number:02d}" for number in range(1, 11)),
    *("S2-14", "S2-15", "S2-19", "S2-22"),
    *(f"S3-{number:02d}" for number in range(1, 9)),
    *("S3-11", "S3-14", "S3-20", "S3-23"),
    *("E4a", "E4b", "E4c", "E13", "E15e"),
    *("S0-15", "T7", "T8", "T9"),
)
FIGURES: Final = (
    *(f"W{number}" for number in range(1, 15) if number not in {10, 11}),  # those are of formats that are not read
    *(f"I{number}" for number in range(1, 14) if number != 4),
    *(f"L{number}" for number in range(1, 14)),
    *(f"C{number}" for number in range(1, 9)),
    *(f"K{number}" for number in range(1, 7)),
    *(f"Q{number}" for number in range(1, 8)),
    "P17",
)


@cache
def claims() -> str:
    """Give the names and docstrings of all tests, as words of small letters and digits."""
    return " ".join(_word(claim) for path in sorted(TESTS.rglob("test_*.py")) for claim in _claims(path))


def _claims(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"{node.name} {ast.get_docstring(node) or ''}"


def _word(claim: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", claim.lower())


@pytest.mark.parametrize("scenario", [*SCENARIOS, *FIGURES])
def test_a_test_shows_the_scenario(scenario: str) -> None:
    wanted = re.sub(r"^(e\d+)([a-z])$", r"\1 ?\2", _word(scenario))
    assert re.search(rf"\b{wanted}\b", claims())
