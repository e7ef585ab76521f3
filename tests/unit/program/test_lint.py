"""Doubts: warnings about a program that is correct."""

import re
from pathlib import Path

import pytest

from shared.program import lint as lint_module
from shared.program import lint_slips
from shared.program.validate import validate
from tests.unit.program.seeded_file import FILE, seeded

DOUBTS = [
    ("2027-06-12..2027-06-18", "«2026-06-12..2026-06-18", "dates-over"),
    ("2027-06-12..2027-06-18, days_of_month: [15]", "«2027-06-14..2027-06-18, days: [sat]", "no-such-day"),
    ("days_of_month: [15]", "categories: [«烟草]", "excluded-category"),
    ("multiply: 1.5}", "multiply: «1.1}", "tier-rate-falls"),
    ("dates: 2027-06-12..2027-06-18, days_of_month: [15]", "days_of_month: [15, «31]", "short-months"),
    ("    give: {points: 10}\n", "    give: {points: 10}\n    «limit: {per_member: 1}\n", "limit-for-ever"),
    ("    give: {points: 10}\n", "    give: {points: 10}\n    budget: {points_total: «9}\n", "budget-for-one"),
    (
        "earn:\n",
        (
            "stacking: {max_multiplier: 2}\nearn:\n"
            "  - {id: x, name: 大促, on: purchase, when: {days: [sat]}, «give: {multiply: 3}}\n"
        ),
        "above-cap",
    ),
    ("give: {points: 10}", "give: {extra_percent: «0.5}", "tiny-percent"),
    ("give: {points: 10}", "give: {multiply: «1}", "times-one"),
    ("give: {points: 10}", "give: {points: «5001}", "order-below-gift"),
    ("points: 5000}", "points: 5000, per_member_per_day_max_points: «4999}", "day-below-order"),
    ("months: 12}", "months: 1, remind: {days_before: [27, «28], by: [app]}}", "reminder-too-early"),
    (
        "{mode: months_after_earning, months: 12}",
        "{mode: days_after_earning, days: 20, remind: {days_before: [«30, 7], by: [app]}}",
        "reminder-too-early",
    ),
    ("{exclude", "{payment_methods: [cash, «微信], exclude", "payment-alike"),
    ("{exclude", "{payment_methods: [cash, «wechat], exclude", "payment-alike"),
    (
        "    give: {points: 10}\n",
        (
            "    give: {points: 10}\n"
            "  - {id: more, name: 更多, group: time, on: purchase, when: {days: [sat]}, give: {multiply: 3}}\n"
            "  - {id: less, name: 更少, group: «times, on: purchase, when: {days: [sun]}, give: {multiply: 2}}\n"
        ),
        "group-alike",
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
        "days_of_month: [15]", "categories: [有机蔬果]"
    )
    path.write_text(text, "utf-8")
    assert [one.message for one in validate(path).findings] == [
        "SKU 对应表里没有品类“有机蔬果”。是不是想写“有机蔬菜”？"
    ]


@pytest.mark.parametrize(
    ("right", "as_well"),
    [
        ("{exclude", "{payment_methods: [cash, apple_pay, unionpay, 美团], exclude"),
        ("give: {points: 10}", "group: sale-1\n    give: {points: 10}"),
        ("give: {points: 10}", "give: {points: 5000}"),
        ("give: {points: 10}", "give: {extra_percent: 1}"),
        ("months: 12}", "months: 1, remind: {days_before: [27, 7], by: [app]}}"),
    ],
)
def test_what_is_meant_as_it_stands_is_not_doubted(right: str, as_well: str, tmp_path: Path) -> None:
    text, _, _ = seeded(right, f"«{as_well}")
    rule = "  - {id: two, name: 二, group: sale-2, on: purchase, when: {days: [sun]}, give: {multiply: 2}}\n"
    path = tmp_path / "program.yaml"
    path.write_text(text.replace("redeem:\n", f"{rule}redeem:\n"), "utf-8")
    assert validate(path).findings == ()


def test_a_percentage_below_one_is_told_with_what_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "program.yaml"
    path.write_text(FILE.replace("give: {points: 10}", "give: {extra_percent: 0.5}"), "utf-8")
    (found,) = validate(path).findings
    assert (found.message, found.remedy) == ("extra_percent 是百分数：0.5 只多给 0.5%", "要多给 50% 就写 50")


def test_every_doubt_has_a_case_here() -> None:
    told = {code for _, _, code in DOUBTS} | {"category-not-in-map", "too-generous", "poor-reward"}
    texts = "".join(Path(str(module.__file__)).read_text("utf-8") for module in (lint_module, lint_slips))
    assert set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', texts)) == told


@pytest.mark.parametrize(
    ("worth", "doubt"),
    [("1.33", ()), ("1.34", ("按一分的价值算，最高等级返还销售额的 20%，超过 20%",))],
)
def test_points_that_give_back_too_much_of_what_is_sold_are_doubted(
    worth: str, doubt: tuple[str, ...], tmp_path: Path
) -> None:
    """One point for ten yuan, gold ×1.5: at 1.34 a point that is 20.1 % of sales. The mug costs more than it did."""
    path = tmp_path / "program.yaml"
    path.write_text(FILE.replace("available_after_days: 7", f"worth: {worth}"), "utf-8")
    assert tuple(one.message for one in validate(path).findings) == doubt


@pytest.mark.parametrize(("value", "doubted"), [("25.00", False), ("24.99", True)])
def test_a_reward_for_more_than_the_shop_asks_is_doubted(value: str, *, doubted: bool, tmp_path: Path) -> None:
    """300 points at 0.05 and 10.00 in cash come to 25.00."""
    text = FILE.replace("available_after_days: 7", "worth: 0.05").replace(
        "cash: 10.00,", f"cash: 10.00, value: {value},"
    )
    path = tmp_path / "program.yaml"
    path.write_text(text, "utf-8")
    assert [one.code for one in validate(path).findings] == (["poor-reward"] if doubted else [])
