"""A marketer begins a file and looks at what it means: init, explain, calendar, diff."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.program import app
from cli.program_look import TEMPLATES
from shared.earning.calculate import calculate
from shared.earning.sale import Facts
from shared.program.load import load_program
from shared.program.validate import validate
from tests.builders import ZONE, a_sale
from tests.unit.program.seeded_file import FILE

LONG_AFTER = datetime(2027, 3, 3, 7, tzinfo=UTC)


def run(*arguments: str, language: str = "zh") -> Result:
    return CliRunner().invoke(app, [*arguments, "--lang", language])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "program.yaml"
    path.write_text(FILE, "utf-8")
    return path


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_valid_at_once_and_without_doubts(template: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    result = run("init", str(path), "--template", template)
    assert result.exit_code == 0, result.output
    assert validate(path, "zh").findings == ()
    assert path.read_text("utf-8").count("#") >= 5, "it is commented"


@pytest.mark.parametrize(
    ("template", "tier", "points"),
    [("cafe", "guest", 200), ("supermarket", "normal", 20), ("fashion", "regular", 200), ("beauty", "gold", 120)],
)
def test_a_template_earns_what_it_says(template: str, tier: str, points: int, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    run("init", str(path), "--template", template)
    sale = a_sale(10_000, occurred_at=LONG_AFTER)
    assert (
        calculate(sale, Facts(tier_id=tier, zone=ZONE, order_number=2), load_program(path).draft.program).points
        == points
    )


def test_init_never_overwrites_a_file(file: Path) -> None:
    result = run("init", str(file))
    assert (result.exit_code, file.read_text("utf-8")) == (1, FILE)
    assert "已经存在" in result.stderr


def test_init_knows_its_templates(tmp_path: Path) -> None:
    result = run("init", str(tmp_path / "x.yaml"), "--template", "bakery", language="en")
    assert result.exit_code == 2
    assert "cafe, supermarket, fashion, beauty" in result.stderr


def test_explain_says_a_rule_in_a_sentence_and_its_next_ten_times(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    run("init", str(path))
    lines = run("explain", str(path), "wednesday-fresh").stdout.splitlines()
    assert lines[:3] == ["周三生鲜日双倍 (wednesday-fresh)", "周三，08:00-22:00，品类 生鲜：积分 ×2。", "接下来："]
    assert len(lines) == 13
    assert all("周三 08:00 – 22:00" in line for line in lines[3:])


def test_explain_of_a_rule_without_a_window_and_of_none(file: Path) -> None:
    assert run("explain", str(file), "base", language="en").stdout.splitlines()[-1] == "On any day, at any time."
    wrong = run("explain", str(file), "bonos", language="en")
    assert (wrong.exit_code, "bonus?" in wrong.stderr) == (1, True)


def test_calendar_shows_days_and_where_campaigns_meet(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    run("init", str(path))
    shown = run("calendar", str(path), "--month", "2027-09").stdout
    rows = [line.rstrip() for line in shown.splitlines()[2:]]
    assert [row.split()[0] for row in rows] == ["2027-09-01", "2027-09-08", "2027-09-15", "2027-09-22", "2027-09-29"]
    assert rows[1].endswith("只取最高的一个"), "a Wednesday that is the 8th"
    assert run("calendar", str(path), "--month", "September").exit_code == 2


def test_diff_says_what_changes_and_flags_what_is_worse(file: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    new.write_text(FILE.replace("give: {points: 10}", "give: {points: 5}"), "utf-8")
    result = run("diff", str(file), str(new))
    assert result.exit_code == 0
    head, name, before, after = result.stdout.splitlines()
    assert head.endswith(" 起：")
    assert name == "~ 满赠  ⚠ 对顾客可能更不利"
    assert before.startswith("    ")
    assert before.endswith("加赠 10 分。")
    assert after.startswith("  → ")
    assert after.endswith("加赠 5 分。")
    (change,) = json.loads(run("diff", str(file), str(new), "--format", "json").stdout)
    assert (change["kind"], change["rule_id"], change["name"], change["worse"]) == ("changed", "bonus", "满赠", True)


def test_diff_of_equal_files_and_of_one_file(file: Path) -> None:
    assert run("diff", str(file), str(file)).stdout == "没有变化\n"
    assert run("diff", str(file)).exit_code == 2


def test_a_rule_is_found_by_its_name_too(file: Path) -> None:
    assert run("explain", str(file), "满赠").stdout == run("explain", str(file), "bonus").stdout


def test_days_before_the_version_begins_are_not_in_its_calendar(file: Path) -> None:
    """The file begins on 8 December: the Wednesday of the 2nd still has the version before."""
    shown = run("calendar", str(file), "--month", "2026-12").stdout.splitlines()
    assert [line.split()[0] for line in shown[2:-1]] == [f"2026-12-{day:02d}" for day in (9, 16, 23, 30)]
    assert shown[-1] == "这一版 2026-12-08 起生效，之前的日子按旧版"
    told = json.loads(run("calendar", str(file), "--month", "2026-12", "--format", "json").stdout)
    assert [one["day"] for one in told["days"]] == [line.split()[0] for line in shown[2:-1]]
