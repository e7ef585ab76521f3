"""`jifen program simulate`: a basket explained, a file of sales compared, a page for a manager, mistakes told."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.program import app
from tests.integration.program.rules_desk import CHANGED, FILE


def run(*arguments: object, lang: str = "zh") -> Result:
    return CliRunner().invoke(app, ["simulate", *map(str, arguments), "--lang", lang, "--processes", "1"])


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


def test_a_basket_of_a_tier_that_there_is_not_is_refused(files: Path) -> None:
    """A misspelt tier must not be calculated as none."""
    tiers = (
        "tiers:\n  measure: visits\n  levels:\n    - {id: normal, name: 普通, reach: 0}\n"
        "    - {id: gold, name: 金卡, reach: 9, multiply: 2}\n"
    )
    (files / "old.yaml").write_text(FILE + tiers, "utf-8")
    basket = ("--basket", files / "basket.json", "--tier")
    for tier, points in (("normal", "= 12"), ("gold", "= 24"), ("金卡", "= 24")):
        assert run(files / "old.yaml", *basket, tier).stdout.splitlines()[-1] == points
    refused = run(files / "old.yaml", *basket, "黄金")
    assert (refused.exit_code, refused.stderr) == (2, "没有叫“黄金”的会员等级。现有：normal 普通、gold 金卡\n")


def test_a_basket_that_is_no_sale_is_told_field_by_field(files: Path) -> None:
    (files / "basket.json").write_text('{"store_id": "SH001"}', "utf-8")
    refused = run(files / "old.yaml", "--basket", files / "basket.json")
    assert refused.exit_code == 2
    assert "basket.json 不是一单销售：receipt_id: Field required; occurred_at: Field required; " in refused.stderr


def test_sales_are_compared_with_another_file(files: Path) -> None:
    result = run(
        files / "new.yaml", "--sales", files / "sales.ndjson", "--against", files / "old.yaml", "--format", "json"
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["sales"], told["returns"], told["refused"], told["members"]) == (2, 1, 0, 2)
    assert (told["points_before"], told["points"], told["change_percent"]) == (25, 50, 100.0)
    assert (told["currency"], told["cost_before_minor"], told["cost_minor"]) == ("CNY", 25, 50)
    assert (told["spend_minor"], told["members_with_more"], told["members_with_less"]) == (250_00, 2, 0)
    assert told["most_affected"][0] == {"member": "card:C-2", "before": 20, "after": 40}
    assert [(rule["rule"], rule["before"], rule["after"]) for rule in told["rules"]] == [
        ("base", 25.0, 50.0),
        ("rounding", 0.0, 0.0),
    ]
    assert [(day["day"], day["after"]) for day in told["days"]] == [
        ("2026-11-01", 20),
        ("2026-11-02", 40),
        ("2026-11-03", -10),
    ]
    assert told["budgets"] == []


def test_a_folder_of_sales_and_the_table_on_the_terminal(files: Path) -> None:
    folder = files / "sales"
    folder.mkdir()
    (files / "sales.ndjson").rename(folder / "november.ndjson")
    shown = run(files / "new.yaml", "--sales", folder, "--against", files / "old.yaml", "--worth", "0.1").stdout
    head, *rows = shown.splitlines()
    assert head == "按“new.yaml”，2 位会员会得到 50 分，约合 ¥5.00。比“old.yaml”多 100.0%：多 25 分，约 ¥2.50。"
    assert [line.split() for line in rows[4:12]] == [
        ["可积分的销售额", "¥250.00"],
        ["旧规则积分", "25"],
        ["新规则积分", "50"],
        ["变化", "+100.0%"],
        ["旧规则成本", "¥2.50", "(占销售额", "1.00%)"],
        ["新规则成本", "¥5.00", "(占销售额", "2.00%)"],
        ["成本变化", "+¥2.50"],
        ["会员的得失", "2", "位变多，0", "位变少"],
    ]
    assert ["合计", "25", "50", "+25"] in [line.split() for line in rows]


def test_titles_are_not_folded_to_the_width_of_their_tables(files: Path) -> None:
    sales, old = files / "sales.ndjson", files / "old.yaml"
    shown = run(files / "new.yaml", "--sales", sales, "--against", old, lang="en").stdout
    assert "The 2 members whose points change most" in shown.splitlines()


def test_a_page_stands_alone_and_says_the_same(files: Path) -> None:
    page = files / "page.html"
    run(files / "new.yaml", "--sales", files / "sales.ndjson", "--against", files / "old.yaml", "--html", page)
    text = page.read_text("utf-8")
    assert text.count("<rect") == 6, "three days, old and new"
    assert "http" not in text
    assert "<script" not in text
    assert "+100.0%" in text
    assert text.count("<table>") == text.count("<caption>") == 3
    described = re.search(r'<title id="chart-title">(.*?)</title><desc id="chart-desc">(.*?)</desc>', text)
    assert described
    assert described.groups() == (
        "每天的积分",
        "柱状图：2026-11-01 至 2026-11-03，分 / 天。最高 40，在 2026-11-02。",
    )


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


BUDGETED = """
  - id: bonus
    name: 每单送5分
    on: purchase
    give: {points: 5}
    budget: {points_total: 7}
"""


def test_a_budget_tells_when_it_runs_out_by_the_clock_of_the_program_and_that_it_is_too_small(files: Path) -> None:
    (files / "new.yaml").write_text(FILE + BUDGETED, "utf-8")
    sales = [a_posting("A", 10_000), a_posting("B", 20_000, "C-2"), a_posting("C", 20_000, "C-3", 2)]
    (files / "sales.ndjson").write_text("\n".join(map(json.dumps, sales)), "utf-8")
    arguments = (files / "new.yaml", "--sales", files / "sales.ndjson", "--against", files / "old.yaml")
    assert json.loads(run(*arguments, "--format", "json").stdout)["budgets"] == [
        {
            "rule": "bonus",
            "name": "每单送5分",
            "points_total": 7,
            "per_member_per_day": None,
            "given": 7.0,
            "cut": 8.0,
            "ran_out_at": "2026-11-01T10:00:00+08:00",
            "average_day": 7.5,
            "too_small": True,
        }
    ]
    page = files / "page.html"
    shown = run(*arguments, "--html", page).stdout
    assert ["每单送5分", "共", "7", "7", "8", "2026-11-01", "10:00"] in [line.split() for line in shown.splitlines()]
    warning = "“每单送5分”的预算 7 分，平均一天要送 8 分：还不够一天。"
    assert f"⚠ {warning}" in shown
    assert warning in page.read_text("utf-8")


def test_without_a_member_there_is_nothing_to_simulate_and_that_is_said(files: Path) -> None:
    (files / "sales.ndjson").write_text(json.dumps(a_posting("C", 9_000, None)), "utf-8")
    result = run(files / "new.yaml", "--sales", files / "sales.ndjson", "--against", files / "old.yaml")
    assert (result.exit_code, "散客不积分" in result.stdout) == (0, True)


def test_exactly_one_source_is_named(files: Path) -> None:
    assert run(files / "old.yaml").exit_code == 2
    assert run(files / "old.yaml", "--sales", files, "--basket", files / "basket.json").exit_code == 2
    assert run(files / "old.yaml", "--replay", "a month").exit_code == 2
    assert run(files / "old.yaml", "--basket", files / "nothing.json").exit_code == 2


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("门店,小票\nSH001,1\n".encode(), "没有 InvoiceNo 这一列"),
        ("门店,小票\nSH001,1\n".encode("gbk"), "不是 UTF-8 编码"),
    ],
)
def test_a_table_that_a_spreadsheet_has_saved_is_told_what_it_lacks(table: bytes, reason: str, files: Path) -> None:
    (files / "sales.csv").write_bytes(table)
    refused = run(files / "old.yaml", "--sales", files / "sales.csv", "--against", files / "old.yaml")
    assert (refused.exit_code, f"sales.csv: {reason}" in refused.stderr) == (2, True), refused.stderr
