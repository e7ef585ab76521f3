"""History, rollback, notice and diff against what is live, on the engine."""

import json

from typer.testing import Result

from tests.deeds import deeds_on
from tests.integration.program.rules_desk import CHANGED, FILE, Desk

NOTICE = "notice: {days_before: 7, text: 五元一分}\n"


def after_a_change(desk: Desk) -> None:
    desk.publish(FILE)
    assert desk.publish(CHANGED, "--effective", "now", "--author", "lin").exit_code == 0


def rolled_back(desk: Desk, *options: str) -> Result:
    return desk.run("rollback", *options, "--yes", "--author", "wang", "--lang", "zh")


def test_history_names_author_hash_and_beginning_latest_first(desk: Desk) -> None:
    after_a_change(desk)
    rows = desk.run("history", "--lang", "zh").stdout.splitlines()
    assert [row.split()[0] for row in rows[1:-1]] == ["2", "1"]
    assert "lin" in rows[1]
    assert desk.timeline.refs[1].sha256[:8] in rows[1]
    assert rows[2].rstrip().endswith("现行"), "the new one begins in a minute"
    second, first = json.loads(desk.run("history", "--format", "json").stdout)["versions"]
    assert (second["version"], second["author"], second["live"]) == (2, "lin", False)
    assert (first["live"], first["sha256"]) == (True, desk.timeline.refs[0].sha256)


def test_t25_the_trail_says_who_published_each_version(desk: Desk) -> None:
    after_a_change(desk)
    rolled_back(desk, "1")
    published = [deed for ref in desk.timeline.refs for deed in deeds_on(ref.published_at.date(), desk.ledger)]
    assert {(deed.what.value, deed.who, deed.about) for deed in published} >= {
        ("program.published", "lin", "2"),
        ("program.published", "wang", "3"),
    }


def test_history_before_any_version(desk: Desk) -> None:
    assert desk.run("history", "--lang", "zh").stdout == "还没有任何版本\n"
    assert json.loads(desk.run("history", "--format", "json").stdout) == {"timezone": None, "versions": []}


def test_rollback_publishes_the_old_content_as_a_new_version(desk: Desk) -> None:
    after_a_change(desk)
    result = rolled_back(desk, "1")
    assert result.exit_code == 0, result.output
    first, second, third = desk.timeline.refs
    assert (third.number, third.sha256, third.author) == (3, first.sha256, "wang")
    assert second.sha256 != third.sha256
    assert "内容同第 1 版" in desk.run("history", "--lang", "zh").stdout
    assert json.loads(desk.run("history", "--format", "json").stdout)["versions"][0]["content_of"] == 1


def test_rollback_needs_no_notice(desk: Desk) -> None:
    desk.publish(FILE + NOTICE)
    desk.publish(CHANGED, "--effective", "now")
    assert rolled_back(desk, "1").exit_code == 0


def test_rollback_to_what_is_not_there_or_is_in_force(desk: Desk) -> None:
    desk.publish(FILE)
    assert rolled_back(desk, "7").exit_code == 1
    again = rolled_back(desk, "1")
    assert (again.exit_code, len(desk.timeline.refs)) == (0, 1)
    assert "没有变化" in again.stdout


def test_publish_shows_what_changes_and_warns_of_what_nobody_is_told(desk: Desk) -> None:
    desk.publish(CHANGED)
    shown = desk.publish(FILE, "--effective", "now").stdout
    assert "    每消费 ¥5.00 积 1 分。\n  → 每消费 ¥10.00 积 1 分。" in shown
    assert "没有公告" in shown
    assert "没有公告" not in desk.publish(CHANGED, "--effective", "now").stdout


def test_diff_and_notice_against_the_live_version(desk: Desk) -> None:
    desk.publish(FILE)
    path = desk.folder / "next.yaml"
    path.write_text(CHANGED, "utf-8")
    assert "→ 每消费 ¥5.00 积 1 分。" in desk.run("diff", "--live", str(path), "--lang", "zh").stdout
    told = desk.run("notice", str(path), "--lang", "zh").stdout.splitlines()
    assert told == ["2026-01-01 00:00 起，门店会员积分有以下变化：", "1. 消费积分：每消费 ¥5.00 积 1 分。"]


def test_a_notice_says_which_terms_are_gone(desk: Desk) -> None:
    desk.publish(FILE + "redeem: {cancel_grace_days: 30}\n")
    path = desk.folder / "next.yaml"
    path.write_text(FILE, "utf-8")
    told = desk.run("notice", str(path), "--lang", "zh").stdout.splitlines()
    assert told[1].startswith("1. 条款：以下不再适用：")
    assert "30" in told[1]
