"""Mistakes that people make in a program file: each is found where it stands, and told what to write instead."""

from pathlib import Path

import pytest

from shared.program.findings import as_github, as_json, as_text
from shared.program.source import UnreadableFileError
from shared.program.validate import validate
from tests.unit.program.seeded_file import FILE, findings_of, seeded

MISTAKES = [
    ("min_amount: 100", "«min_amout: 100", "不认识“min_amout”。是不是想写“min_amount”？", "改成 min_amount"),
    ("[wed]", "[«Wedsday]", "“Wedsday”不是星期几。请写 mon…sun 或 周一…周日。是不是想写 wed？", "改成 wed"),
    ("[wed]", "[周三, «周8]", "“周8”不是星期几。请写 mon…sun 或 周一…周日", "例如 sat 或 周六"),
    ("[wed]", "[«星期三]", "“星期三”不是星期几。请写 mon…sun 或 周一…周日。是不是想写 周三？", "改成 周三"),
    ("[wed]", "[«周末]", "“周末”不是星期几。请写 mon…sun 或 周一…周日。是不是想写 周六, 周日？", "改成 周六, 周日"),
    ("[wed]", "[«周三，周四]", "“周三，周四”里是中文的逗号或顿号，成了一项", "改成 周三, 周四"),
    ("[wed]", "«wed", "这里要写列表，写成了“wed”", "改成 [wed]"),
    ("[gold]", "[gold, «goldd]", "没有叫“goldd”的会员等级。现有：normal、silver、gold", "改成 gold"),
    ("[gold]", "[«金卡]", "没有叫“金卡”的会员等级。现有：normal、silver、gold", "改成 gold"),
    ("[gold]", "[«白金]", "没有叫“白金”的会员等级。现有：normal、silver、gold", "改成现有的等级编号"),
    ("id: steps", "id: «bonus", "规则编号“bonus”已在第 2 条规则用过，请换一个", "换一个没用过的编号"),
    (
        "2027-06-12..2027-06-18",
        "«2027-06-18..2027-06-12",
        "结束日期 2027-06-12 早于开始日期 2027-06-18",
        "改成 2027-06-12..2027-06-18",
    ),
    ("Asia/Shanghai", "«Asia/Beijing", "不认识时区“Asia/Beijing”，中国大陆请写 Asia/Shanghai", "改成 Asia/Shanghai"),
    ("Asia/Shanghai", "«Asia/Shangai", "不认识时区“Asia/Shangai”。是不是想写“Asia/Shanghai”？", "改成 Asia/Shanghai"),
    ("currency: CNY", "currency: «人民币", "“人民币”不是币种代码", "改成 CNY"),
    ("currency: CNY", "currency: «RMB", "“RMB”不是币种代码", "改成 CNY"),
    ("currency: CNY", "currency: «钱", "“钱”不是币种代码", "写三个大写字母，例如 CNY"),
    ("program: 会员积分", "«program:", "“program”后面没有值", "写上值，或删去这一行"),
    ("Asia/Shanghai", "«UTC+8", "不认识时区“UTC+8”，中国大陆请写 Asia/Shanghai", "改成 Asia/Shanghai"),
    ("Asia/Shanghai", "«UTC+9", "不认识时区“UTC+9”，请写 IANA 时区名", "例如 Asia/Shanghai"),
    ("2026-12-08 00:00", "«2026/12/8", "“2026/12/8”不是时间", "改成 2026-12-08 00:00"),
    (
        "2027-06-12..2027-06-18",
        "«2027年6月12日至2027年6月18日",
        "“2027年6月12日至2027年6月18日”不是日期",
        "改成 2027-06-12..2027-06-18",
    ),
    ("2027-06-12..2027-06-18", "«六一", "“六一”不是日期", "写 2027-06-12 或 2027-06-12..2027-06-18（含头含尾）"),
    ("2026-12-08 00:00", "«12月8日", "“12月8日”不是时间", "写年-月-日 时:分，例如 2026-12-08 00:00"),
    (
        "2026-12-08 00:00",
        "«9999-12-31 23:59",
        "“9999-12-31 23:59”的年份太远",
        "写 2000 到 2199 年之间的时间",
    ),
    ("months: 12", "months: «120000", "“120000”太大，最多是 1200", "写 1200 或更小的数"),
    ("points: 300", "points: «3000000000", "“3000000000”太大，最多是 1000000000", "写 1000000000 或更小的数"),
    ("2026-12-08 00:00", "«2026-02-30 00:00", "没有“2026-02-30”这一天", "改成日历上有的日期"),
    ('"08:00-22:00"', "«8点到22点", "“8点到22点”不是时段", "改成 08:00-22:00"),
    ('"08:00-22:00"', "«早上", "“早上”不是时段", '按 24 小时写，加引号，例如 "08:00-22:00"'),
    ('"08:00-22:00"', '«"08:00-08:00"', "时段“08:00-08:00”从头到尾没有时间", "全天就不用写 hours"),
    ("[15]", "[15, «32]", "“32”不是每月的几号", "写 1 到 31；-1 是最后一天"),
    ("days: 7", "days: «七天", "“七天”不是数字", "写成数字，不加引号和单位"),
    ("days: 7", "days: «7天", "“7天”不是数字", "改成 7"),
    ("points: 5000}", "points: 5,«000}", "数字里有逗号", "改成 5000"),
    ("days: 7", "days: «7.5", "“7.5”不是整数", "写成整数"),
    ("days: 7", "days: «-1", "“-1”太小，至少是 0", "写 0 或更大的数"),
    ("days: 7", "days: «400", "“400”太大，最多是 365", "写 365 或更小的数"),
    ("per_amount: 10}", "per_amount: «0}", "“0”太小，必须大于 0", "写大于 0 的数"),
    ("per_amount: 10}", "per_amount: «0.005}", "CNY 没有“0.005”这么小的金额", "最多写 2 位小数"),
    ("multiply: 1.5}", "multiply: «1.23456}", "“1.23456”的小数位太多，最多 4 位", "减少小数位"),
    (
        "measure: points_earned",
        "measure: «point_earned",
        "“point_earned”不能写在这里。可以写：points_earned、amount_spent、visits。是不是想写 points_earned？",
        "改成 points_earned",
    ),
    (
        "measure: points_earned",
        "measure: «积分",
        "“积分”不能写在这里。可以写：points_earned、amount_spent、visits。是不是想写 points_earned？",
        "改成 points_earned",
    ),
    (
        "{mode: months_after_earning, months: 12}",
        "{mode: «months_after_earning}",
        "expire 的 mode 是 months_after_earning 时要写 months",
        "加上 months",
    ),
    (
        "mode: months_after_earning, months: 12",
        "mode: never, «months: 12",
        "expire 的 mode 是 never 时不能写 months",
        "删去 months",
    ),
    (
        "give: {points: 10}",
        "give: «{points: 10, multiply: 2}",
        "give 要给且只给一样：points、steps、multiply 或 extra_percent（现在有：points、multiply）",
        "留下一样，其余的另写一条规则",
    ),
    (
        "give: {points: 10}",
        "give: «{points: 10, count: full_units}",
        "count 只和 per_amount 一起用",
        "加上 per_amount，或删去 count",
    ),
    (
        "give: {points: 1, per",
        "give: «{per",
        "有 per_amount 却没有 points",
        "加上 points，例如 {points: 1, per_amount: 10}",
    ),
    (
        "give: {points: 10}",
        "give: «{}",
        "give 里没有写给什么",
        "写上 points、steps、multiply 或 extra_percent 中的一样",
    ),
    ("- id: base\n    name: 消费\n", "- «id: base\n", "缺少“name”", "加上 name"),
    (
        "on: purchase\n    give: {points: 1,",
        "on: «buy\n    give: {points: 1,",
        "“buy”不是能给积分的行为。可以写：purchase、check_in、follow、share、review、survey、browse、enroll、referral_enrolled、referral_first_order、custom:…",
        "从可以写的里面选一个",
    ),
    ("reach: 0}", "reach: «100}", "第一个等级人人都有，reach 要是 0，写成了 100", "改成 reach: 0"),
    ("reach: 10000", "reach: «1000", "等级要从低到高写：1000 不高于上一级的 2000", "写大于 2000 的数，或调换顺序"),
    ("keep: 1500", "keep: «2500", "保级（2500）比升级（2000）还难", "写不大于 2000 的数"),
    ("from_amount: 500", "from_amount: «0", "分段要从小到大：0 不大于上一段的 0", "写大于 0 的数，或调换顺序"),
    (
        "{from_amount: 0, multiply: 1}, {from_amount: 500, multiply: 1.2}",
        "{from_amount: 0, multiply: 1.5}, {from_amount: 500, multiply: «1.2}",
        "买得多不能倍率反而低：1.2 低于上一段的 1.5",
        "写不小于 1.5 的数",
    ),
    ("id: mug", "id: «Mug 1", "编号“Mug 1”不合格", "改成 mug-1"),
    (
        "id: mug",
        "id: «马克杯",
        "编号“马克杯”不合格",
        "用小写字母、数字、- 和 _，以字母开头，最多 40 个，例如 fresh-day",
    ),
    ("[烟草]", "«烟草", "这里要写列表，写成了“烟草”", "改成 [烟草]"),
    ("stock: 30", "stock: 30, hidden: «yes", "这里要写 true 或 false，写成了“yes”", "改成 true 或 false"),
    ("when: {min", "when: {«streak_days: 30, min", "on: purchase 的规则不能写“streak_days”", "删去它，或改 on"),
    ("redeem:\n", "redeem:\n  «shipping: {points: 100}\n", "这个版本的 Jifen 还不支持“shipping”", "请先删去这一项"),
    (
        "redeem:\n",
        "  - {id: tap, name: 签到, on: check_in, give: {«per_amount: 1, points: 5}}\nredeem:\n",
        "on: check_in 的规则不能写“per_amount”",
        "删去它，或改 on",
    ),
    (
        "redeem:\n",
        "  - {id: tap, name: 分享, on: share, give: {«streak: [1, 2]}}\nredeem:\n",
        "on: share 的规则不能写“streak”",
        "删去它，或改 on",
    ),
    (
        "give: {points: 1, per_amount: 10}",
        "give: {points: 1, per_amount: 10}\n    «budget: {points_total: 9}",
        "基础规则不能有预算，预算是给活动的",
        "删去 budget，要封顶就用 safety",
    ),
    (
        "give: {points: 10}",
        "give: {points: 10}\n    budget: «{}",
        "budget 没有写多少",
        "加上 points_total 或 per_member_per_day",
    ),
    (
        "min_amount: 100",
        "«total_amount: 100",
        "“total_amount”要和 within_days 一起写",
        "加上 within_days: 30 这样的天数",
    ),
    (
        "min_amount: 100",
        "«within_days: 30",
        "within_days 没有说累计什么",
        "加上 total_amount 或 distinct_stores，或两样都写",
    ),
    (
        "redeem:\n",
        "  - {id: x, name: 跨店, on: purchase, when: {within_days: 9, total_amount: 9}, «give: {points: 9}}\nredeem:\n",
        "累计达标的奖励没有限次，达标后每一单都会再给",
        "加上 limit: {per_member: 1, every: month}",
    ),
    ("[15]", "[15], stores: «[all]", "“all”写在列表里就成了门店编号", "改成 all，不加方括号"),
    ("type: product", "type: «coupon", "这个版本的 Jifen 还不支持“type: coupon”", "换成支持的，或先删去"),
    ("currency: CNY", "currency: CNY\n«currency: USD", "“currency”在第 4 行已经写过", "两处合成一处"),
    (
        "[gold]",
        "«*gold",
        "不能用锚点或引用（& *）：“gold”",
        "把内容直接写在用到的地方；文字以 * 或 & 开头就加引号",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "message", "remedy"), MISTAKES)
def test_a_mistake_is_found_where_it_stands(right: str, wrong: str, message: str, remedy: str, tmp_path: Path) -> None:
    text, line, column = seeded(right, wrong)
    found = [one for one in findings_of(text, tmp_path) if one.severity == "error"]
    assert [(one.line, one.column) for one in found] == [(line, column)]
    assert found[0].remedy == remedy
    assert found[0].message == message


def test_the_file_without_a_mistake_has_no_findings(tmp_path: Path) -> None:
    assert findings_of(FILE, tmp_path) == []


def test_all_findings_come_in_one_run_from_top_to_bottom(tmp_path: Path) -> None:
    text = (
        FILE.replace("Asia/Shanghai", "Asia/Beijing").replace("min_amount", "min_amout").replace("[gold]", "[dimond]")
    )
    text = text.replace("id: steps", "id: base").replace("type: product", "type: coupon")
    assert [one.code for one in findings_of(text, tmp_path)] == [
        "unknown-zone-china",
        "unknown-field",
        "unknown-tier",
        "duplicate-rule",
        "unsupported-value",
    ]


def test_unsupported_rewards_are_refused_by_name_and_the_others_still_checked(tmp_path: Path) -> None:
    draw = "    - {id: draw, name: 积分转盘, type: lottery, points: 20}\n"
    text = FILE.replace("  catalog:\n", "  catalog:\n" + draw).replace("min_amount", "min_amout")
    found = findings_of(text, tmp_path)
    assert [(one.code, one.line, one.column) for one in found] == [
        ("unknown-field", 24, 12),
        ("unsupported-value", 34, 36),
    ]


def test_english_says_the_same_in_english(tmp_path: Path) -> None:
    (found,) = findings_of(FILE.replace("min_amount", "min_amout"), tmp_path, "en")
    assert (found.message, found.remedy) == (
        "unknown field `min_amout`. Did you mean `min_amount`?",
        "write min_amount",
    )


def test_the_caret_stands_under_the_mistake_also_after_chinese(tmp_path: Path) -> None:
    path = tmp_path / "program.yaml"
    path.write_text(FILE.replace("name: 银卡, reach: 2000", "name: 银卡, reech: 2000"), "utf-8")
    validated = validate(path)
    shown = as_text(validated.document, validated.findings[-1:], "zh").splitlines()
    assert shown[0] == f"{path}:14:30 错误 不认识“reech”。是不是想写“reach”？ [unknown-field]"
    assert shown[1] == "    14 │     - {id: silver, name: 银卡, reech: 2000, keep: 1500, multiply: 1.2}"
    assert shown[2] == "       │                                ^^^^^"
    assert shown[3] == "       └ 改成 reach"


def test_json_and_github_carry_the_same_findings(tmp_path: Path) -> None:
    path = tmp_path / "program.yaml"
    path.write_text(FILE.replace("Asia/Shanghai", "Asia/Beijing"), "utf-8")
    validated = validate(path, "en")
    assert '"line": 3' in as_json(validated.document, validated.findings)
    assert as_github(validated.document, validated.findings) == (
        f"::error file={path},line=3,col=11,title=unknown-zone-china::"
        "unknown time zone `Asia/Beijing`, mainland China is Asia/Shanghai%0Awrite Asia/Shanghai"
    )


def test_a_missing_map_and_a_bad_row_of_it_are_found(tmp_path: Path) -> None:
    text = FILE.replace("[烟草]}", "[烟草], category_map: map.csv}")
    assert [one.code for one in findings_of(text, tmp_path)] == ["map-missing"]
    (tmp_path / "map.csv").write_text("sku,category\n690,生鲜\n690,饮料\n", "utf-8")
    (found,) = findings_of(text, tmp_path)
    assert (found.line, found.message) == (9, "“map.csv”第 3 行：SKU 690 有两个品类")


@pytest.mark.parametrize(
    ("table", "problems"),
    [
        ("sku,category,,\n690,生鲜,,\n,,,\n".encode(), []),
        ("sku,category\n690,生鲜\n691,饮料\n".encode("gbk"), ["第 2 行：不是 UTF-8 编码"]),
        ("sku;category\n690;生鲜\n".encode(), ["第 1 行：表头要是 sku,category，写成了“sku;category”"]),
        (b"", ["第 1 行：表头要是 sku,category，写成了“”"]),
        (
            "sku,category\n6.90123E+12,生鲜\n690,生鲜\n691\n690,饮料\n".encode(),
            [
                "第 2 行：“6.90123E+12”是被 Excel 改写了的条码，先把这一列的格式设成文本",
                "第 4 行：要有 SKU 和品类两列",
                "第 5 行：SKU 690 有两个品类",
            ],
        ),
    ],
)
def test_what_excel_makes_of_a_map_is_read_or_told_line_by_line(
    table: bytes, problems: list[str], tmp_path: Path
) -> None:
    (tmp_path / "map.csv").write_bytes(table)
    found = findings_of(FILE.replace("[烟草]}", "[烟草], category_map: map.csv}"), tmp_path)
    assert [one.message for one in found] == [f"“map.csv”{problem}" for problem in problems]
    assert all(one.remedy.endswith("用 Excel 就另存为“CSV UTF-8（逗号分隔）”") for one in found)


def test_anchors_and_tags_are_refused(tmp_path: Path) -> None:
    text = FILE.replace("[gold]", "&one [gold]").replace("[wed]", "!days [wed]").replace("[15]", "&one [15]")
    assert [one.code for one in findings_of(text, tmp_path)] == ["no-anchors", "no-tags", "no-anchors"]


@pytest.mark.parametrize(("text", "code"), [("", "empty-file"), ("# 空\n", "empty-file"), ("- 1\n", "not-a-mapping")])
def test_what_is_no_program_at_all_is_said_so(text: str, code: str, tmp_path: Path) -> None:
    assert [one.code for one in findings_of(text, tmp_path)] == [code]


def test_a_misspelt_section_is_told_once_and_its_content_checked_too(tmp_path: Path) -> None:
    text = FILE.replace("tiers:\n", "teirs:\n").replace("earn:\n", "earns:\n").replace("Asia/Shanghai", "Asia/Beijing")
    text = text.replace("[wed]", "[Wedsday]").replace("reach: 2000", "raech: 2千")
    assert [(one.code, one.line, one.column, one.remedy) for one in findings_of(text, tmp_path)] == [
        ("unknown-zone-china", 3, 11, "改成 Asia/Shanghai"),
        ("unknown-field", 10, 1, "改成 tiers"),
        ("unknown-field", 14, 30, "改成 reach"),
        ("not-a-number", 14, 37, "改成 2000"),
        ("unknown-field", 16, 1, "改成 earn"),
        ("unknown-weekday", 24, 51, "改成 wed"),
    ]


def test_a_file_that_is_not_utf_8_cannot_be_checked(tmp_path: Path) -> None:
    path = tmp_path / "program.yaml"
    path.write_bytes(FILE.encode("gbk"))
    with pytest.raises(UnreadableFileError) as unreadable:
        validate(path)
    assert unreadable.value.reason["zh"] == f"{path} 第 2 行起不是 UTF-8 编码，在编辑器里另存为 UTF-8"


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "program.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    assert validate(path).findings == ()
