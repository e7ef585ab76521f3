"""P20: dollars for a million, by what the tests count; and the month of a chain."""

import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from cli.cost import monthly
from cli.figures import BALANCE, EARN, REDEEM, Use


@pytest.mark.parametrize(
    ("use", "dynamodb", "together"), [(EARN, 3.1875, 4.68), (REDEEM, 4.50, 6.00), (BALANCE, 0.125, 1.53)]
)
def test_p20_a_million_costs_what_its_parts_add_up_to(use: Use, dynamodb: float, together: float) -> None:
    assert use.dollars_per_million["DynamoDB"] == dynamodb
    assert round(sum(use.dollars_per_million.values()), 2) == together


def test_a_month_grows_with_its_sales_and_stands_still_without_any() -> None:
    idle, busy = monthly(stores=10, sales=0, members=0), monthly(stores=10, sales=100, members=0)
    assert sum(sum(line.dollars.values()) for line in idle) == pytest.approx(8.8)
    (earned,) = [line for line in busy if line.name == "earn"]
    assert earned.times == 30_000
    assert sum(earned.dollars.values()) == pytest.approx(0.1404, abs=0.001)


@pytest.mark.parametrize(("lang", "word"), [("zh", "合计"), ("en", "together")])
def test_both_languages_tell_the_sum(lang: str, word: str) -> None:
    answer = CliRunner().invoke(app, ["cost", "--stores", "10", "--sales", "300", "--lang", lang])
    assert answer.exit_code == 0
    assert word in answer.output
