"""What a marketer writes in a notation of their own: the remedy names what to write, and once written it works."""

from pathlib import Path

import pytest

from tests.unit.program.seeded_file import findings_of, seeded

# What is right, what somebody writes instead of it, and what the remedy puts there.
OWN_NOTATIONS = [
    ("days: 7", "days: «7# 天", "7"),
    ("days: 7", "days: «07", "7"),
    ("multiply: 1.5}", "multiply: «双倍}", "2"),
    ("multiply: 1.5}", "multiply: «×2}", "2"),
    ("multiply: 1.5}", "multiply: «150%}", "1.5"),
    ("min_amount: 100", "min_amount: «¥100", "100"),
    ("points: 5000}", "points: «5万}", "50000"),
    ("points: 5000}", "points: «5 000}", "5000"),
    ("points: 5000}", "points: «５０００分}", "5000"),
    ("available_after_days: 7", "worth: «1分", "0.01"),
    ("available_after_days: 7", "worth: «1%", "0.01"),
    ("available_after_days: 7", "worth: «2角", "0.2"),
    ("[wed]", "[«周七]", "周日"),
    ("[wed]", "[«周一至周五]", "周一, 周二, 周三, 周四, 周五"),
    ("[wed]", "[«fri-mon]", "fri, sat, sun, mon"),
    ("[wed]", "[«工作日]", "周一, 周二, 周三, 周四, 周五"),
    ("[wed]", "«weekend", "[sat, sun]"),
    ("[15]", "«［15］", "[15]"),
    ('"08:00-22:00"', "«8-22", "08:00-22:00"),
    ('"08:00-22:00"', "«“08:00-22:00”", "08:00-22:00"),
    ('"08:00-22:00"', "«8am to 10pm", "08:00-22:00"),
    ('"08:00-22:00"', "«8.30-12:00am", "08:30-00:00"),
    ("2027-06-12..2027-06-18", "«24.12.2027..31.12.2027", "2027-12-24..2027-12-31"),
    ("2027-06-12..2027-06-18", "«12/24/2027 to 12/31/2027", "2027-12-24..2027-12-31"),
    ("2026-12-08 00:00", "«24.12.2026 8:00", "2026-12-24 08:00"),
    ("[15]", "[«15号]", "15"),
    ("[15]", "[«月底]", "-1"),
    ("schema: 1\n", "schema: 1\nday_starts_at: «4:00\n", "04:00"),
    ("schema: 1\n", "schema: 1\nday_starts_at: «凌晨4点\n", "04:00"),
    ("id: bonus", "id: «Full Hundred", "full-hundred"),
    ("every: day", "every: «每天", "day"),
    ("type: product", "type: «商品", "product"),
    ("on: purchase\n    when: {dates", "on: «消费\n    when: {dates", "purchase"),
    ("{min_amount: 100", "{«min_amount:100", "min_amount: 100"),
    ("{min_amount: 100", "{«min_amount：100", "min_amount: 100"),
]


@pytest.mark.parametrize(("right", "wrong", "meant"), OWN_NOTATIONS)
def test_what_the_remedy_says_is_what_the_file_wants(right: str, wrong: str, meant: str, tmp_path: Path) -> None:
    text, line, column = seeded(right, wrong)
    (found,) = [one for one in findings_of(text, tmp_path) if one.severity == "error"]
    assert (found.line, found.column, found.remedy) == (line, column, f"改成 {meant}")
    mended = text.splitlines(keepends=True)
    row = mended[line - 1]
    mended[line - 1] = row[: column - 1] + meant + row[column - 1 + found.width :]
    assert [one for one in findings_of("".join(mended), tmp_path) if one.severity == "error"] == []


@pytest.mark.parametrize(
    ("right", "wrong", "meant"),
    [
        ("reach: 10000", "reach: 10,«000", "10000"),
        ("points: 5000}", "points: 5,«000,000}", "5000000"),
        ("multiply: 1.5}", "multiply: 1,«5}", "1.5"),
    ],
)
def test_digits_behind_a_comma_are_told_once_with_the_number_that_is_meant(
    right: str, wrong: str, meant: str, tmp_path: Path
) -> None:
    text, line, column = seeded(right, wrong)
    assert [(one.line, one.column, one.message, one.remedy) for one in findings_of(text, tmp_path)] == [
        (line, column, "数字里有逗号", f"改成 {meant}")
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("{points: 10}", "{points: 10, «min_amount: 5}", "“min_amount”不能写在这里，要写在 when 里"),
        ("{min_amount: 100,", "{«multiply: 2, min_amount: 100,", "“multiply”不能写在这里，要写在 give 里"),
        ("[15]", "[15], «from: 2027-06-12", "起止日期要写在一起，没有“from”"),
        ("[15]", "[15], categories: [生鲜], «饮料", "逗号后面的“饮料”成了单独的字段"),
        ("dates: 2027-06-12..2027-06-18", "dates: 2027-06-12,«2027-06-18", "逗号后面的“2027-06-18”成了单独的字段"),
        ("    name: 满赠", "    «name: #满赠", "“name”没有值：“#”和它后面的字是注释"),
    ],
)
def test_what_stands_in_the_wrong_place_is_told_where_it_belongs(
    right: str, wrong: str, message: str, tmp_path: Path
) -> None:
    text, line, column = seeded(right, wrong)
    errors = [one for one in findings_of(text, tmp_path) if one.severity == "error"]
    assert [(one.line, one.column, one.message) for one in errors] == [(line, column, message)]


def test_a_day_that_may_be_read_in_two_ways_is_not_guessed(tmp_path: Path) -> None:
    text, _, _ = seeded("2026-12-08 00:00", "«06/12/2026")
    (found,) = findings_of(text, tmp_path)
    assert found.remedy == "写年-月-日 时:分，例如 2026-12-08 00:00"


def test_an_unknown_field_at_the_top_of_the_file_is_told(tmp_path: Path) -> None:
    text, line, column = seeded("safety:", "«安全: {a: 1}\nsafety:")
    (found,) = findings_of(text, tmp_path)
    assert (found.code, found.line, found.column) == ("unknown-field", line, column)
