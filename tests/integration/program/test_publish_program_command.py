"""`jifen program publish` on the engine: numbered, immutable, once, told before it is done."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.program.store import write_chain
from shared.program.stores import Chain, Store
from shared.program.timeline import LEAD
from tests.builders import HandClock, Till, a_sale
from tests.integration.program.rules_desk import CHANGED, FILE, Desk
from tests.observed import Killed, interrupted, killed

ALMOST_LEAD = LEAD - timedelta(seconds=5)


def factor(text: str, value: str) -> str:
    """Add a campaign to a file, so that each value is another content."""
    return f"{text}  - {{id: more, name: 大促, on: purchase, give: {{multiply: {value}}}}}\n"


def test_the_first_version_is_number_1_and_may_begin_in_the_past(desk: Desk) -> None:
    result = desk.publish(FILE)

    assert (result.exit_code, "已发布第 1 版" in result.stdout) == (0, True), result.output
    (ref,) = desk.timeline.refs
    assert (ref.number, ref.schedule.effective) == (1, datetime(2025, 12, 31, 16, tzinfo=UTC))
    timeline, version, deed = sorted(desk.items)
    assert (timeline, version) == ("PROGRAM TIMELINE", "PROGRAM VERSION#000001")
    assert (
        deed
        == f"TRAIL#{ref.published_at:%y%m%d} {ref.published_at.isoformat(timespec='microseconds')}#program.published#1"
    )


def test_shows_what_will_happen_and_publishes_once_the_number_is_typed(desk: Desk) -> None:
    result = desk.publish(FILE, typed="1\n")

    assert result.exit_code == 0, result.output
    shown = result.stdout.splitlines()
    assert shown[0].strip() == "将发布第 1 版"
    assert [line.split() for line in shown[1:3]] == [["会员计划", "门店会员积分"], ["规则", "1"]]
    assert shown[4].split() == ["生效", "2026-01-01", "00:00:00", "Asia/Shanghai"]
    assert len(desk.timeline.refs) == 1


@pytest.mark.parametrize("typed", ["2\n", "y\n", "yes\n"])
def test_anything_but_the_number_publishes_nothing(desk: Desk, typed: str) -> None:
    result = desk.publish(FILE, typed=typed)

    assert (result.exit_code, result.stderr) == (1, "没有发布\n")
    assert desk.items == {}


@pytest.mark.parametrize("options", [(), ("--effective", "now"), ("--effective", "2099-01-01 00:00")])
def test_the_same_content_again_changes_nothing(desk: Desk, options: tuple[str, ...]) -> None:
    desk.publish(FILE)
    before = desk.items

    result = desk.publish(FILE + "# 只多了注释\n", *options)

    assert (result.exit_code, result.stdout) == (0, "和第 1 版一样，没有变化，不需要发布\n")
    assert desk.items == before


def test_a_planned_version_may_be_planned_for_another_time_but_not_twice_for_the_same(desk: Desk) -> None:
    desk.publish(FILE)
    desk.publish(CHANGED, "--effective", "2099-01-01 00:00")

    again = desk.publish(CHANGED, "--effective", "2099-01-01 00:00")
    sooner = desk.publish(CHANGED, "--effective", "2098-01-01 00:00")

    assert "和第 2 版一样" in again.stdout
    assert "已计划的第 2 版" in sooner.stdout
    assert [ref.number for ref in desk.timeline.refs] == [1, 2, 3]


def test_a_new_version_leaves_those_before_it_as_they_were(desk: Desk) -> None:
    desk.publish(FILE)
    first = desk.items["PROGRAM VERSION#000001"]

    for value in ("1.5", "2", "3"):
        desk.publish(factor(FILE, value), "--effective", "now")

    assert desk.items["PROGRAM VERSION#000001"] == first
    assert [ref.number for ref in desk.timeline.refs] == [1, 2, 3, 4]
    assert [desk.a_function().numbered(number).version for number in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert len({ref.sha256 for ref in desk.timeline.refs}) == 4


def test_an_old_content_is_published_as_a_new_version(desk: Desk) -> None:
    desk.publish(FILE)
    desk.publish(CHANGED, "--effective", "now")

    result = desk.publish(FILE, "--effective", "now")

    assert "（与第 1 版内容相同）" in result.stdout
    first, _, third = desk.timeline.refs
    assert (third.number, third.sha256) == (3, first.sha256)


def test_now_means_lead_after_the_publication(desk: Desk) -> None:
    desk.publish(FILE)

    result = desk.publish(CHANGED, "--effective", "now")

    assert "发布后 60 秒" in result.stdout
    ref = desk.timeline.refs[-1]
    assert ref.schedule.effective - ref.published_at == timedelta(seconds=60)


def test_a_change_that_would_begin_in_the_past_is_refused_before_it_is_asked_for(desk: Desk) -> None:
    desk.publish(FILE)
    before = desk.items

    result = desk.publish(CHANGED, typed="2\n")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("新版本最早 ")
    assert result.stderr.endswith("改文件里的 effective，或加 --effective now\n")
    assert desk.items == before


def test_a_version_begins_no_earlier_than_lead(desk: Desk) -> None:
    desk.publish(FILE)
    at = datetime.now(UTC) + ALMOST_LEAD

    result = desk.publish(CHANGED, "--effective", at.isoformat())

    assert (result.exit_code, len(desk.timeline.refs)) == (1, 1)


@pytest.mark.parametrize("effective", ["now", "2026-02-01 00:00"])
def test_customers_are_told_in_time_or_it_is_refused_s2_22(desk: Desk, effective: str) -> None:
    notice = "notice: {days_before: 7, text: 周三会员日改为双倍积分}\n"
    desk.publish(FILE)

    result = desk.publish(CHANGED + notice, "--effective", effective)

    assert result.exit_code == 1
    assert "规则变动要提前 7 天告知顾客" in result.stderr
    assert len(desk.timeline.refs) == 1
    in_eight_days = datetime.now(UTC) + timedelta(days=8)
    assert desk.publish(CHANGED + notice, "--effective", in_eight_days.isoformat()).exit_code == 0


def test_the_notice_that_was_promised_holds_for_what_is_worse_even_if_the_new_file_drops_it_s2_22(desk: Desk) -> None:
    promise = "notice: {days_before: 7, text: 规则变动提前一周告知}\n"
    desk.publish(factor(FILE, "3") + promise)

    worse = desk.publish(factor(FILE, "2"), "--effective", "now")
    better = desk.publish(factor(FILE, "4"), "--effective", "now")

    assert worse.exit_code == 1
    assert "规则变动要提前 7 天告知顾客" in worse.stderr
    assert better.exit_code == 0, better.output
    assert len(desk.timeline.refs) == 2


@pytest.mark.parametrize("call", [2, 3])
def test_whoever_was_overtaken_is_refused_and_writes_nothing(desk: Desk, call: int) -> None:
    """Somebody publishes after the timeline was shown: before it is read again (2), or before the write (3)."""
    desk.publish(FILE)
    theirs = factor(FILE, "2")

    with interrupted(desk.connection.dynamodb, call=call, by=lambda: desk.somebody_publishes(theirs)):
        result = desk.publish(CHANGED, "--effective", "now")

    assert (result.exit_code, result.stderr) == (
        1,
        "有人先发布了一版（现在是修订 2）。请看 jifen program status，再发布一次\n",
    )
    assert [ref.number for ref in desk.timeline.refs] == [1, 2]
    (campaign,) = [rule for rule in desk.a_function().numbered(2).earn if rule.id == "more"]
    assert getattr(campaign.give, "factor", None) == Decimal(2)


@pytest.mark.parametrize("answer_lost", [False, True])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_k1_a_publication_that_died_is_completed_by_the_next_and_never_done_twice(
    desk: Desk, call: int, *, answer_lost: bool
) -> None:
    desk.publish(FILE)
    planned = ("--effective", "2099-01-01 00:00")

    with killed(desk.connection.dynamodb, call=call, answer_lost=answer_lost), pytest.raises(Killed):
        desk.publish(CHANGED, *planned)

    assert desk.publish(CHANGED, *planned).exit_code == 0
    assert [ref.number for ref in desk.timeline.refs] == [1, 2]


def test_the_map_of_skus_goes_with_its_version(desk: Desk) -> None:
    mapped = FILE + "eligible: {category_map: map.csv}\n"
    (desk.folder / "map.csv").write_text("sku,category\n690,生鲜\n", "utf-8")
    desk.publish(mapped)
    (desk.folder / "map.csv").write_text("sku,category\n690,饮料\n691,生鲜\n", "utf-8")

    desk.publish(mapped, "--effective", "now")

    function = desk.a_function()
    assert function.categories(function.numbered(1)) == {"690": "生鲜"}
    assert function.categories(function.numbered(2)) == {"690": "饮料", "691": "生鲜"}


def test_a_file_with_errors_is_not_published(desk: Desk) -> None:
    result = desk.publish(FILE.replace("purchase", "purchse"))

    assert (result.exit_code, result.stdout) == (1, "")
    assert "11:9 错误" in result.stderr
    assert desk.items == {}


def test_an_instant_that_is_none_is_refused(desk: Desk) -> None:
    result = desk.publish(FILE, "--effective", "明天", lang="en")

    assert result.exit_code == 2
    assert "not `明天`" in result.stderr


def test_all_stores_cannot_begin_before_the_pilot(desk: Desk) -> None:
    rollout = "rollout: {pilot_stores: [SH001], all_stores_from: 2026-02-01 00:00}\n"

    result = desk.publish(FILE + rollout, "--effective", "2099-01-01 00:00")

    assert (result.exit_code, result.stderr) == (1, "全部门店不能早于试点门店。改 rollout.all_stores_from\n")


def test_a_pilot_begins_in_its_stores_and_then_everywhere(desk: Desk) -> None:
    desk.publish(FILE)
    soon = f"{datetime.now(UTC) + timedelta(days=8):%Y-%m-%d}"
    result = desk.publish(CHANGED, "--effective", "now", "--pilot", f"SH001, SH002..{soon}")
    assert result.exit_code == 0, result.output
    schedule = desk.timeline.refs[-1].schedule
    assert schedule.pilot_stores == {"SH001", "SH002"}
    assert schedule.all_stores_from == datetime.fromisoformat(f"{soon}T00:00:00+08:00")


def test_stores_that_the_published_list_lacks_are_named_before_the_number_is_typed(desk: Desk) -> None:
    """A pilot in a store that does not exist tries nothing out, and its rule never holds."""
    write_chain(
        Chain(stores=(Store(id="SH001", name="人民广场店"),)),
        client=desk.ledger.client,
        table=desk.ledger.tables.ledger,
    )
    desk.publish(FILE)
    campaign = FILE + "  - {id: more, name: 大促, on: purchase, when: {stores: [SH002]}, give: {multiply: 2}}\n"
    soon = f"{datetime.now(UTC) + timedelta(days=8):%Y-%m-%d}"
    told = "⚠ 不认识的门店 SH002, SH999：不在已发布的门店名单里"
    result = desk.publish(campaign, "--effective", "now", "--pilot", f"SH001,SH999..{soon}", typed="no\n")
    assert (result.exit_code, told in result.stdout) == (1, True), result.output
    result = desk.publish(CHANGED, "--effective", "now", "--pilot", f"SH001..{soon}")
    assert (result.exit_code, "不认识的门店" in result.stdout) == (0, False), result.output


def test_the_earliest_time_that_a_refusal_names_is_accepted(desk: Desk) -> None:
    desk.publish(FILE)
    told = FILE.replace("points:", "notice: {days_before: 7, text: 改了}\npoints:", 1)
    refused = desk.publish(factor(told, "2"), "--effective", "now")
    (earliest,) = re.findall("最早 (.+) 生效", refused.stderr)
    assert (refused.exit_code, desk.publish(factor(told, "2"), "--effective", earliest).exit_code) == (1, 0)


@pytest.mark.parametrize("pilot", ["SH001", "..2026-12-15", "SH001.."])
def test_a_pilot_says_where_and_until_when(desk: Desk, pilot: str) -> None:
    result = desk.publish(FILE, "--pilot", pilot)
    assert (result.exit_code, desk.timeline.refs) == (2, ())
    assert pilot in result.stderr


def test_what_the_latest_sales_would_have_cost_is_shown_before_the_number_is_typed(desk: Desk) -> None:
    desk.publish(FILE)
    till = Till(ledger=desk.ledger, clock=HandClock(now=datetime.now(UTC)))
    till.sell(a_sale(100_00, occurred_at=till.clock()), till.a_member())
    result = desk.publish(CHANGED, "--effective", "now", typed="no\n")
    shown = " ".join(result.stdout.split())
    told = "1 位会员会得到 20 分，约合 ¥0.20。比“现行第 1 版”多 100.0%：多 10 分，约 ¥0.10。"
    assert f"最近 30 天的销售，按新规则： 按“新规则”，{told}" in shown
    assert "旧规则积分 10 新规则积分 20 变化 +100.0%" in shown
    without = desk.publish(CHANGED, "--effective", "now", "--days", "0", typed="no\n")
    assert "按新规则" not in without.stdout


def test_without_sales_there_is_nothing_to_simulate(desk: Desk) -> None:
    desk.publish(FILE)
    assert "最近 30 天没有会员的销售" in desk.publish(CHANGED, "--effective", "now", typed="no\n").stdout
