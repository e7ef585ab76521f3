"""The page of problems and the code hold each other, both ways."""

import re
from pathlib import Path

from shared.http.texts import PROBLEMS
from tools import problems_page

PAGE = (Path(__file__).parents[2] / "docs" / "problems.md").read_text(encoding="utf-8")


def test_the_committed_page_is_the_generated_one() -> None:
    assert problems_page.rendered() == PAGE, "run: python -m tools.problems_page"


def test_every_code_has_a_section_and_every_section_a_code() -> None:
    assert set(re.findall(r"^## (\S+)$", PAGE, re.MULTILINE)) == set(PROBLEMS)


def test_every_error_that_the_code_can_raise_has_a_section() -> None:
    assert {error.code for error in problems_page.raisable()} == set(PROBLEMS)
