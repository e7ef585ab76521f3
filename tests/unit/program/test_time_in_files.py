"""What a file says about time: expiry that moves, tasks that keep a tier, points that buy one. S1-09, S1-11, S3-17."""

from pathlib import Path

import pytest

from shared.program.canonical import from_canonical, to_canonical
from shared.program.expiry import ExpirePolicy, ExpiryMode, ExtendOnce
from shared.program.load import load_program
from shared.program.model import KeepTask
from shared.program.validate import validate

FILE = """\
schema: 1
program: 门店会员积分
timezone: Asia/Shanghai
currency: CNY
effective: 2026-12-08 00:00
points:
  name: 积分
  expire: {EXPIRE}
eligible: {amount: paid}
tiers:
  measure: points_earned
  levels:
    - {id: normal, name: 普通会员, reach: 0}
    - {id: silver, name: 银卡会员, reach: 2000, keep: 1500}
  tasks:
    - TASK
earn:
  - id: base
    name: 每消费10元积1分
    on: purchase
    give: {points: 1, per_amount: 10}
redeem:
  catalog:
    - REWARD
"""
EXPIRE = "{mode: months_after_earning, months: 12, extend_once: {months: 3}}"
TASK = "{name: 当季满1250元, do: purchase, amount: 1250, every: quarter, result: keep, to: silver}"
REWARD = "{id: up, name: 升级银卡, type: tier_upgrade, points: 2000, to_tier: silver}"


def write(folder: Path, expire: str = EXPIRE, task: str = TASK, reward: str = REWARD) -> Path:
    file = folder / "program.yaml"
    file.write_text(FILE.replace("{EXPIRE}", expire).replace("TASK", task).replace("REWARD", reward), "utf-8")
    return file


def test_s1_09_s1_11_s3_17_what_the_file_says_is_what_runs(tmp_path: Path) -> None:
    loaded = load_program(write(tmp_path))
    program = loaded.draft.program
    assert program.points.expire.extend_once == ExtendOnce(months=3, if_bought_within_months=12)
    assert program.tiers is not None
    assert program.tiers.keep_tasks == (
        KeepTask(name="当季满1250元", amount_minor=125_000, every="quarter", tier_id="silver"),
    )
    (reward,) = loaded.catalog
    assert (reward.type, reward.to_tier, reward.points) == ("tier_upgrade", "silver", 2_000)


def test_every_purchase_may_move_the_date(tmp_path: Path) -> None:
    program = load_program(write(tmp_path, expire="{mode: extend_on_activity, months: 6}")).draft.program
    assert (program.points.expire.mode, program.points.expire.months) == (ExpiryMode.EXTEND_ON_ACTIVITY, 6)


@pytest.mark.parametrize(
    ("expire", "rule", "code"),
    [
        (EXPIRE, "give: {points: 10}, expire: {mode: days_after_earning, days: 7}", None),
        (EXPIRE, "give: {points: 1, per_amount: 5}, expire: {mode: never}", None),
        (EXPIRE, "give: {points: 10}, expire: {mode: days_after_earning}", "expire-needs"),
        (EXPIRE, "give: {points: 10}, expire: {mode: never, months: 3}", "expire-not-with"),
        (EXPIRE, "give: {points: 10}, expire: {mode: extend_on_activity, months: 3}", "not-an-option"),
        (EXPIRE, "give: {multiply: 2}, expire: {mode: end_of_year}", "expire-of-multiplier"),
        (
            "{mode: extend_on_activity, months: 6}",
            "give: {points: 10}, expire: {mode: end_of_year}",
            "expire-against-activity",
        ),
    ],
)
def test_a_rule_may_have_an_expiry_of_its_own(tmp_path: Path, expire: str, rule: str, code: str | None) -> None:
    file = write(tmp_path, expire=expire)
    text = file.read_text("utf-8").replace("redeem:", f"  - {{id: more, name: 加赠, on: purchase, {rule}}}\nredeem:")
    file.write_text(text, "utf-8")
    assert [finding.code for finding in validate(file).findings] == ([code] if code else [])


def test_the_expiry_of_a_rule_is_what_runs(tmp_path: Path) -> None:
    file = write(tmp_path)
    rule = "  - {id: more, name: 加赠, on: purchase, give: {points: 10}, expire: {mode: days_after_earning, days: 7}}\n"
    file.write_text(file.read_text("utf-8").replace("redeem:", rule + "redeem:"), "utf-8")
    program = load_program(file).draft.program
    assert program.earn[1].expire == ExpirePolicy(mode=ExpiryMode.DAYS_AFTER_EARNING, days=7)
    assert from_canonical(to_canonical(program), version=0) == program


HALVED = "{mode: months_after_earning, months: 12, halve_in_last_days: 30}"


def test_s3_15_points_lose_value_only_after_notice(tmp_path: Path) -> None:
    silent = write(tmp_path, expire=HALVED)
    (finding,) = validate(silent).findings
    assert (finding.code, finding.line, finding.column) == ("halving-needs-notice", 8, 52)
    told = silent.read_text("utf-8").replace("points:\n", "notice: {days_before: 30, text: 到期前贬值}\npoints:\n", 1)
    silent.write_text(told, "utf-8")
    assert load_program(silent).draft.program.points.expire.halve_in_last_days == 30


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expire": "{mode: extend_on_activity}"}, "expire-needs"),
        ({"task": TASK.replace("silver", "sliver")}, "unknown-tier"),
        ({"reward": REWARD.replace("to_tier: silver", "to_tier: gold")}, "unknown-tier"),
        ({"reward": REWARD.replace(", to_tier: silver", "")}, "upgrade-needs-tier"),
        ({"reward": REWARD.replace("tier_upgrade", "product")}, "tier-needs-upgrade"),
        ({"task": TASK.replace("do: purchase", "do: referral_enrolled")}, "task-needs"),
        ({"task": "{name: 邀请, do: referral_enrolled, times: 3, result: keep, to: silver}"}, "task-result"),
        ({"task": TASK.replace("every: quarter, ", "")}, "task-needs"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: dict[str, str], code: str) -> None:
    assert [finding.code for finding in validate(write(tmp_path, **change)).findings] == [code]
