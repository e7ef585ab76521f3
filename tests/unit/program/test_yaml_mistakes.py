"""Broken YAML: told as what people do, where they did it. « marks the place, as in `seeded_file`."""

from pathlib import Path

import pytest

from tests.unit.program.seeded_file import FILE, findings_of, seeded

YAML_MISTAKES = [
    ("program: 会员积分", "«program:会员积分", "这一行缺少冒号，或冒号后面没有空格"),
    ("program: 会员积分", "program«：会员积分", "这里是全角符号“：”"),
    ("points: 1, per", "points: 1«，per", "这里是全角符号“，”"),
    ("points: 1, per_amount:", "points: 1 per_amount«:", "这里的上一项之后缺少逗号"),
    ("[wed]", "«[wed", "从这里开始的括号没有结束"),
    ("[wed]", "[wed,«,sat]", "这里缺少一项"),
    ("[烟草]}", "[烟草]}«}", "这里多出一个括号"),
    ("program: 会员积分", "program: «'会员积分", "从这里开始的引号没有结束"),
    ("program: 会员积分", 'program: "会员"«积分', "引号后面还有文字"),
    ("program: 会员积分", "program: «@会员积分", "文字不能以这个符号开头"),
    ("name: 满赠", "name: 满100元«: 赠10分", "这里的冒号不合语法：缩进不对，或文字里有冒号却没加引号"),
    ("    name: 满赠", "   «name: 满赠", "这一行的缩进和上面同一级的行不一致"),
    ("    name: 满赠", "«\tname: 满赠", "这里是制表符（Tab），YAML 只认空格"),
    ("safety:", "«---\nsafety:", "一个文件里只能有一份内容，这里又开始了一份"),
    ("name: 满赠", "name: 满«\x07赠", "这里有看不见的字符 U+0007"),
    ("name: 满赠", "name: 满«\u200b赠", "这里有看不见的字符 U+200B"),
    ("    name: 满赠", "«\u3000\u3000name: 满赠", "这里是全角空格或网页里的特殊空格，YAML 只认普通空格"),
    ("name: 满赠", "name:«\u00a0满赠", "这里是全角空格或网页里的特殊空格，YAML 只认普通空格"),
    ("- id: bonus", "«-id: bonus", "“-”后面没有空格"),
    ("schema: 1\n", "«```yaml\nschema: 1\n", "这一行是从聊天或文档里带来的代码框标记，不是规则"),
    ("safety:", "«// 上限\nsafety:", "注释要用“#”开头"),
    ("{points: 10}", "«｛points: 10}", "这里是全角符号“｛”"),
    ("name: 满赠", "name: «!限时", "文字不能以这个符号开头"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), YAML_MISTAKES)
def test_broken_yaml_is_told_as_what_people_do(right: str, wrong: str, message: str, tmp_path: Path) -> None:
    text, line, column = seeded(right, wrong)
    assert [(one.line, one.column, one.message) for one in findings_of(text, tmp_path)] == [(line, column, message)]


def test_all_tabs_are_told_in_one_run(tmp_path: Path) -> None:
    text = FILE.replace("    name:", "\tname:")
    assert [(one.line, one.column, one.code) for one in findings_of(text, tmp_path)] == [
        (18, 1, "tab"),
        (22, 1, "tab"),
        (27, 1, "tab"),
    ]
