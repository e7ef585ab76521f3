"""`jifen program simulate`: a basket explained, a file of sales compared, a page for a manager, mistakes told."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.program import app
from tests.integration.program.rules_desk import CHANGED, FILE


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["simulate", *map(str, arguments), "--lang", "zh", "--processes", "1"])


def a_posting(receipt: str, amount: int, member: str | None = "C-1", day: int = 1) -> dict[str, Any]:
    data: dict[str, Any] = {
        "store_id": "SH001",
        "receipt_id": receipt,
        "occurred_at": f"2026-11-{day:02d}T10:00:00+08:00",
        "currency": "CNY",
        "lines": [{"line_id": "1", "sku": "6901", "quantity": "1", "net": amount, "category": "生鲜"}],
        "total": amount,
    }
    if member:
        data["member"] = {"card": member}
    return {"type": "sale.completed", "data": data}


REFUND = {
    "type": "sale.refunded",
    "data": {
        "store_id": "SH001",
        "receipt_id": "A",
        "refund_id": "R-1",
        "occurred_at": "2026-11-03T10:00:00+08:00",
        "amount": 5000,
    },
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "old.yaml").write_text(FILE, "utf-8")
    (tmp_path / "new.yaml").write_text(CHANGED, "utf-8")
    sales = [a_posting("A", 10_000), a_posting("B", 20_000, "C-2", 2), a_posting("C", 9_000, None), REFUND]
    (tmp_path / "sales.ndjson").write_text("\n".join(map(json.dumps, sales)), "utf-8")
    (tmp_path / "basket.json").write_text(json.dumps(a_posting("A", 12_000)), "utf-8")
    return tmp_path


def test_a_basket_is_explained(files: Path) -> None:
    shown = run(files / "old.yaml", "--basket", files / "basket.json").stdout.splitlines()
    assert shown[0] == "12           消费积分   1 行商品"
    assert shown[-1] == "= 12"
    told = json.loads(run(files / "old.yaml", "--basket", files / "basket.json", "--format", "json").stdout)
    assert (told["points"], told["explain"][0]["kind"]) == (12, "total")


def test_sales_are_compared_with_another_file(files: Path) -> None:
    result = run(
        files / "new.yaml", "--sales", files / "sales.ndjson", "--against", files / "old.yaml", "--format", "json"
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["sales"], told["returns"], told["refused"]) == (2, 1, 0)
    assert (told["points_before"], told["points"], told["change_percent"]) == (25, 50, 100.0)
    assert told["most_affected"][0] == {"member": "card:C-2", "before": 20, "after": 40}
    assert told["by_rule"] == {"base": 50.0, "tier": 0.0}


def test_a_folder_of_sales_and_the_table_on_the_terminal(files: Path) -> None:
    folder = files / "sales"
    folder.mkdir()
    (files / "sales.ndjson").rename(folder / "november.ndjson")
    shown = run(files / "new.yaml", "--sales", folder, "--against", files / "old.yaml", "--worth", "0.1").stdout
    assert [line.split() for line in shown.splitlines()[4:9]] == [
        ["旧规则积分", "25"],
        ["新规则积分", "50"],
        ["变化", "+100.0%"],
        ["新规则成本", "¥5.00"],
        ["成本变化", "+¥2.50"],
    ]


def test_a_page_stands_alone_and_says_the_same(files: Path) -> None:
    page = files / "page.html"
    run(files / "new.yaml", "--sales", files / "sales.ndjson", "--against", files / "old.yaml", "--html", page)
    text = page.read_text("utf-8")
    assert text.count("<rect") == 4, "two days, old and new; the third is below zero"
    assert "http" not in text
    assert "<script" not in text
    assert "+100.0%" in text


def test_names_are_escaped_on_the_page(files: Path) -> None:
    (files / "old.yaml").write_text(FILE.replace("门店会员积分", "<b>&"), "utf-8")
    page = files / "page.html"
    run(files / "old.yaml", "--sales", files / "sales.ndjson", "--against", files / "old.yaml", "--html", page)
    assert "<b>&" not in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not json", "Expecting value"),
        ('{"type": "sale.completed"}', "an event has a type"),
        ('{"type": "sale.completed", "data": {"member": {"card": "C"}}}', "store_id"),
    ],
)
def test_a_file_that_is_no_sales_file_is_told(text: str, reason: str, files: Path) -> None:
    wrong = files / "wrong.json"
    wrong.write_text(text, "utf-8")
    result = run(files / "old.yaml", "--sales", wrong, "--against", files / "old.yaml")
    assert (result.exit_code, "wrong.json" in result.stderr, reason in result.stderr) == (2, True, True)


def test_exactly_one_source_is_named(files: Path) -> None:
    assert run(files / "old.yaml").exit_code == 2
    assert run(files / "old.yaml", "--sales", files, "--basket", files / "basket.json").exit_code == 2
    assert run(files / "old.yaml", "--replay", "a month").exit_code == 2
    assert run(files / "old.yaml", "--basket", files / "nothing.json").exit_code == 2
