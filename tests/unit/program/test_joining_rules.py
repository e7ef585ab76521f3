"""Rules on what is no purchase: what they may say, and what they are told where they say something else."""

from pathlib import Path

import pytest

from tests.unit.program.seeded_file import FILE, findings_of


@pytest.mark.parametrize(
    ("rule", "code", "at"),
    [
        ("{id: invite, name: 邀请, on: referral_enrolled, give: {points: 100}}", "referral-to-whom", "give"),
        ("{id: join, name: 注册, on: enroll, give: {points: 50, to: both}}", "not-with-on", "to:"),
        ("{id: join, name: 注册, on: enroll, when: {min_likes: 3}, give: {points: 50}}", "not-with-on", "min_likes"),
        ("{id: join, name: 注册, on: enroll, when: {min_amount: 3}, give: {points: 50}}", "not-with-on", "min_amount"),
        ("{id: join, name: 注册, on: enroll, give: {streak: [1, 2]}}", "not-with-on", "streak"),
        ("{id: s, name: 问卷, on: survey, confirmed_by: member, give: {points: 5}}", "member-needs-limit", "member"),
        ("{id: c, name: 签到, on: check_in, confirmed_by: staff, give: {streak: [1]}}", "not-with-on", "confirmed_by"),
        ("{id: f, name: 消费, on: purchase, confirmed_by: staff, give: {points: 5}}", "not-with-on", "confirmed_by"),
        ("{id: x, name: 消费, on: purchase, give: {points: 5, to: both}}", "not-with-on", "to:"),
    ],
)
def test_rules_on_joining_and_inviting_say_what_they_can(rule: str, code: str, at: str, tmp_path: Path) -> None:
    line = f"  - {rule}"
    found = findings_of(FILE.replace("earn:\n", f"earn:\n{line}\n"), tmp_path)
    assert [(one.code, one.column) for one in found] == [(code, line.index(at) + 1)]


def test_s2_04_a_ladder_that_falls_is_refused_and_a_rising_one_is_not(tmp_path: Path) -> None:
    line = "  - {id: check-in, name: 签到, on: check_in, give: {streak: [5, 6, 8, 10, 9, 13, 15]}}"
    (found,) = findings_of(FILE.replace("earn:\n", f"earn:\n{line}\n"), tmp_path)
    assert (found.code, found.column, found.message) == (
        "streak-falling",
        line.index("9, 13") + 1,
        "连续签到不能越签越少：9 低于前一天的 10",
    )
    rising = line.replace(" 9,", " 11,")
    assert findings_of(FILE.replace("earn:\n", f"earn:\n{rising}\n"), tmp_path) == []


@pytest.mark.parametrize(
    ("rule", "code", "at"),
    [
        ("{id: j, name: 注册, on: enroll, give: {points: 50}, budget: {points_total: 40}}", "budget-for-one", "40"),
        (
            "{id: i, name: 邀请, on: referral_enrolled, give: {points: 50, to: both}, budget: {points_total: 90}}",
            "budget-for-one",
            "90",
        ),
        ("{id: q, name: 灯谜, on: custom:quiz, when: {dates: 2020-09-13}, give: {points: 5}}", "dates-over", "2020"),
    ],
)
def test_doubts_about_rules_on_what_is_no_purchase(rule: str, code: str, at: str, tmp_path: Path) -> None:
    line = f"  - {rule}"
    found = findings_of(FILE.replace("earn:\n", f"earn:\n{line}\n"), tmp_path)
    assert [(one.code, one.column) for one in found] == [(code, line.index(at) + 1)]


GIFT = "    - {id: pack, name: 礼包, type: product, points: 0, hidden: true}\n"
GIVES = "  - {id: month, name: 30天, on: check_in, when: {streak_days: 30}, give: {reward: pack}}"


def with_gift(gift: str = GIFT, rule: str = GIVES) -> str:
    return FILE.replace("  catalog:\n", "  catalog:\n" + gift).replace("earn:\n", f"earn:\n{rule}\n")


@pytest.mark.parametrize(
    ("gift", "rule", "code"),
    [
        (GIFT, GIVES.replace("reward: pack", "reward: pakc"), "unknown-gift"),
        (GIFT, GIVES.replace("reward: pack", "reward: mug"), "gift-has-price"),
        (GIFT.replace("hidden: true", "hidden: false"), GIVES, "free-is-a-gift"),
        (GIFT.replace("hidden: true", "hidden: true, stock: 5"), GIVES, "gift-is-free"),
        (GIFT.replace("hidden: true", "hidden: true, review: staff"), GIVES, "review-of-gift"),
        (GIFT, GIVES.replace("check_in, when: {streak_days: 30}", "enroll"), "not-with-on"),
    ],
)
def test_what_a_rule_gives_is_a_gift_of_the_catalogue(gift: str, rule: str, code: str, tmp_path: Path) -> None:
    assert [one.code for one in findings_of(with_gift(gift, rule), tmp_path)] == [code]


UPGRADE = "    - {id: up, name: 升级, type: tier_upgrade, points: 100, to_tier: silver}\n"


def test_f16_what_is_asked_for_may_need_an_approval_and_a_tier_may_not(tmp_path: Path) -> None:
    camera = "    - {id: camera, name: 相机, type: product, points: 100, review: staff}\n"
    assert findings_of(with_gift(GIFT + camera + UPGRADE), tmp_path) == []
    reviewed = UPGRADE.replace("silver", "silver, review: staff")
    assert [one.code for one in findings_of(with_gift(GIFT + reviewed), tmp_path)] == ["review-of-upgrade"]
    with_grace = with_gift().replace("  catalog:\n", "  cancel_grace_days: 400\n  catalog:\n")
    assert [one.code for one in findings_of(with_grace, tmp_path)] == ["too-large"]


def test_a_gift_of_the_catalogue_is_right(tmp_path: Path) -> None:
    assert findings_of(with_gift(), tmp_path) == []
