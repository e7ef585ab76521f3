"""`jifen program validate` as a person and a build use it: exit codes, formats, languages."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.program import app
from tests.unit.program.seeded_file import FILE

CHINESE, ENGLISH = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8"}, {"LC_ALL": "en_US.UTF-8"}


def validate(path: Path, *options: str, locale: dict[str, str] = CHINESE) -> Result:
    return CliRunner().invoke(app, ["validate", str(path), *options], env=locale)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "program.yaml"
    path.write_text(FILE, "utf-8")
    return path


@pytest.fixture
def wrong(file: Path) -> Path:
    file.write_text(FILE.replace("Asia/Shanghai", "Asia/Beijing"), "utf-8")
    return file


@pytest.fixture
def doubtful(file: Path) -> Path:
    file.write_text(FILE.replace("stock: 30", "stock: 30, low_stock: 40"), "utf-8")
    return file


def test_a_file_without_findings_exits_0(file: Path) -> None:
    result = validate(file)
    assert (result.exit_code, result.stdout) == (0, f"{file}: 没有问题\n")


def test_errors_exit_1_and_show_the_line_the_place_and_the_remedy(wrong: Path) -> None:
    result = validate(wrong)
    assert (result.exit_code, result.stdout.splitlines()) == (
        1,
        [
            f"{wrong}:3:11 错误 不认识时区“Asia/Beijing”，中国大陆请写 Asia/Shanghai [unknown-zone-china]",
            "     3 │ timezone: Asia/Beijing",
            "       │           ^^^^^^^^^^^^",
            "       └ 改成 Asia/Shanghai",
            "",
            f"{wrong}: 1 处错误，0 处提醒",
        ],
    )


def test_doubts_alone_exit_0(doubtful: Path) -> None:
    result = validate(doubtful)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == f"{doubtful}:34:91 提醒 库存 30 一开始就低于提醒线 40 [low-stock-at-start]"


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (CHINESE, "读不了文件：没有 {path}，检查路径\n"),
        (ENGLISH, "the file cannot be read: no {path}, check the path\n"),
    ],
)
def test_a_file_that_is_not_there_exits_2(locale: dict[str, str], said: str, tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    result = validate(path, locale=locale)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", said.format(path=path))


def test_a_file_that_is_not_utf_8_exits_2(file: Path) -> None:
    file.write_bytes(FILE.encode("gbk"))
    result = validate(file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"读不了文件：{file} 第 2 行起不是 UTF-8 编码，在编辑器里另存为 UTF-8\n"


def test_json_says_the_same_for_programs(wrong: Path) -> None:
    result = validate(wrong, "--format", "json", locale=ENGLISH)
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "file": str(wrong),
        "ok": False,
        "findings": [
            {
                "severity": "error",
                "line": 3,
                "column": 11,
                "code": "unknown-zone-china",
                "message": "unknown time zone `Asia/Beijing`, mainland China is Asia/Shanghai",
                "remedy": "write Asia/Shanghai",
            }
        ],
    }


def test_github_shows_findings_beside_the_lines(doubtful: Path) -> None:
    result = validate(doubtful, "--format", "github", locale=ENGLISH)
    assert result.exit_code == 0
    assert result.stdout == (
        f"::warning file={doubtful},line=34,col=91,title=low-stock-at-start::"
        "the stock 30 is below the low-stock line 40 from the start%0Alower the line\n"
    )


def test_github_is_told_nothing_where_nothing_is_wrong(file: Path) -> None:
    result = validate(file, "--format", "github")
    assert (result.exit_code, result.stdout) == (0, "")


def test_the_language_may_be_chosen_whatever_the_locale(wrong: Path) -> None:
    assert "mainland China" in validate(wrong, "--lang", "en").stdout
    assert "中国大陆" in validate(wrong, "--lang", "zh", locale=ENGLISH).stdout
