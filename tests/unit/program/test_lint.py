"""Doubts: warnings about a program that is correct."""

from pathlib import Path

import pytest

from shared.program.validate import validate
from tests.unit.program.test_mistakes import FILE, seeded

DOUBTS = [
    ("2027-06-12..2027-06-18", "«2026-06-12..2026-06-18", "dates-over"),
    ("days_of_month: [8]", "categories: [«烟草]", "excluded-category"),
    ("multiply: 1.5}", "multiply: «1.1}", "tier-rate-falls"),
    ("days_of_month: [8]", "days_of_month: [8, «31]", "short-months"),
    (
        "earn:\n",
        (
            "stacking: {max_multiplier: 2}\nearn:\n"
            "  - {id: x, name: 大促, on: purchase, when: {days: [sat]}, «give: {multiply: 3}}\n"
        ),
        "above-cap",
    ),
    ("stock: 30,", "stock: 30, low_stock: «40,", "low-stock-at-start"),
    (
        "earn:\n  - id: base\n    name: 消费\n",
        "«earn:\n  - id: base\n    name: 消费\n    when: {stores: [SH001]}\n",
        "no-default-rate",
    ),
    (
        "    give: {points: 10}\n",
        (
            "    give: {points: 10}\n"
            "  - {id: more, name: 更多, on: purchase, when: {days: [sat, sun]}, give: {multiply: 3}}\n"
            "  - {id: «less, name: 更少, on: purchase, when: {days: [sat]}, give: {multiply: 2}}\n"
        ),
        "always-loses",
    ),
]


@pytest.mark.parametrize(("right", "doubtful", "code"), DOUBTS)
def test_a_doubt_is_a_warning_at_its_place_s1_05(right: str, doubtful: str, code: str, tmp_path: Path) -> None:
    text, line, column = seeded(right, doubtful)
    path = tmp_path / "program.yaml"
    path.write_text(text, "utf-8")
    validated = validate(path)
    assert [(one.severity, one.code, one.line, one.column) for one in validated.findings] == [
        ("warning", code, line, column)
    ]
    assert validated.compiled is not None


def test_a_category_that_the_map_lacks_is_told_with_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "map.csv").write_text("sku,category\n690,有机蔬菜\n", "utf-8")
    path = tmp_path / "program.yaml"
    text = FILE.replace("[烟草]}", "[烟草], category_map: map.csv}").replace(
        "days_of_month: [8]", "categories: [有机蔬果]"
    )
    path.write_text(text, "utf-8")
    assert [one.message for one in validate(path).findings] == [
        "SKU 对应表里没有品类“有机蔬果”。是不是想写“有机蔬菜”？"
    ]
