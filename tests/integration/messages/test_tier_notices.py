"""A tier that an entry changes is told of, once, and only while it stands. Q4."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from shared.ledger.account import TierState
from shared.messages.message import Channel, Kind
from shared.messages.settings import Settings
from shared.messages.texts import told
from shared.program.rules import Hours
from tests.builders import LONG_AGO, a_ladder, a_program, a_refund, a_sale, a_void, months, publish
from tests.integration.messages.people import Messenger, Post, Shop, by_sms

GOLD = TierState(tier_id="gold", since=date(2026, 1, 5), valid_until=date(2026, 12, 31))


@pytest.fixture
def open_shop(shop: Shop) -> Callable[..., Shop]:
    def opening(**others: Any) -> Shop:
        publish(shop.ledger, a_program(expire=months(60), tiers=a_ladder(**others)))
        return shop

    return opening


def texts(shop: Shop, member: str) -> list[str]:
    return [told(message, "zh-CN").text for message in shop.told(member)]


def test_an_upgrade_at_the_till_is_told_at_once(
    open_shop: Callable[..., Shop], messenger: Messenger, post: Post
) -> None:
    shop = open_shop()
    member = shop.member()
    shop.buy(member, 2_000)

    messenger.run()

    (heard,) = post.heard()
    assert (heard["kind"], heard["title"]) == ("tier-changed", "会员升级")
    assert heard["text"] == "恭喜您升级为银卡会员，有效期至2027-12-01。"
    assert heard["data"] == {
        "direction": "up",
        "tier": "silver",
        "tier_name": "银卡会员",
        "valid_until": "2027-12-01",
    }


def test_an_upgrade_by_a_sale_that_takes_the_place_of_parked_returns_is_told(
    open_shop: Callable[..., Shop], messenger: Messenger, post: Post
) -> None:
    shop = open_shop()
    member = shop.member()
    shop.till.take_back(a_refund(1_000, receipt_id="T-early", occurred_at=shop.clock()))
    messenger.run()
    shop.till.sell(a_sale(2_500_000, receipt_id="T-early", occurred_at=shop.clock()), member)

    messenger.run()

    assert [one["data"]["tier"] for one in post.heard()] == ["silver"]


def test_a_sale_that_changes_no_tier_is_told_to_nobody(
    open_shop: Callable[..., Shop], messenger: Messenger, post: Post
) -> None:
    shop = open_shop()
    shop.buy(shop.member(), 100)

    messenger.run()

    assert post.heard() == []


def test_a_tier_that_is_kept_and_one_that_is_lost(open_shop: Callable[..., Shop], messenger: Messenger) -> None:
    shop = open_shop()
    kept, lost = shop.member(tier=GOLD), shop.member(tier=GOLD)
    shop.buy(kept, 8_000)
    shop.at("2027-01-01 12:00")
    for member in (kept, lost):
        shop.touch(member)
    messenger.run()

    assert texts(shop, kept) == ["您的金卡会员已保级，有效期至2027-12-31。"]
    assert texts(shop, lost) == ["您的会员等级现为银卡会员，有效期至2027-12-31。"]


def test_of_years_that_are_made_up_for_the_last_state_is_told(
    open_shop: Callable[..., Shop], messenger: Messenger
) -> None:
    shop = open_shop()
    member = shop.member(tier=GOLD)
    shop.at("2029-06-01 12:00")
    shop.touch(member)  # silver for a year, then nothing
    messenger.run()

    assert texts(shop, member) == ["您的会员等级现为普通会员。"]


def test_an_upgrade_that_a_return_undoes(open_shop: Callable[..., Shop], messenger: Messenger) -> None:
    shop = open_shop(revoke_within_days=30)
    member = shop.member()
    shop.buy(member, 2_000)
    messenger.run()
    receipt_id = next(item["pk"].split("#")[2] for item in shop.items() if item["pk"].startswith("SALE#"))
    shop.clock.forward(days=1)
    shop.till.take_back(a_void(receipt_id=receipt_id, occurred_at=shop.clock()))
    messenger.run()

    assert texts(shop, member) == ["恭喜您升级为银卡会员，有效期至2027-12-01。", "您的会员等级现为普通会员。"]


def test_of_a_night_s_changes_the_last_one_alone_is_told_in_the_morning_whatever_is_looked_at_first(
    open_shop: Callable[..., Shop], messenger: Messenger, post: Post
) -> None:
    shop = open_shop(revoke_within_days=30)
    member = shop.member()
    shop.at("2026-12-01 22:00")
    shop.buy(member, 2_000)
    messenger.run()
    receipt_id = next(item["pk"].split("#")[2] for item in shop.items() if item["pk"].startswith("SALE#"))
    shop.till.take_back(a_void(receipt_id=receipt_id, occurred_at=shop.clock()))
    messenger.run()
    shop.at("2026-12-02 09:30")

    messenger.take(messenger.queue.records()[::-1])

    assert [one["data"]["tier"] for one in post.heard()] == ["normal"]
    assert sorted(one.reason for one in shop.told(member)) == ["", "changed"]


@pytest.mark.parametrize(("points", "heard"), [(1_000, []), (10_000, ["gold"])])
def test_a_warning_that_waited_is_not_told_to_whoever_has_kept_the_tier_or_risen_meanwhile(
    open_shop: Callable[..., Shop], messenger: Messenger, post: Post, points: int, heard: list[str]
) -> None:
    shop = open_shop()
    by_day = Settings(quiet_hours=Hours(start=9 * 60, end=21 * 60), changed_at=LONG_AGO)
    silver = TierState(tier_id="silver", since=date(2026, 1, 5), valid_until=date(2026, 12, 31))
    member = shop.member(tier=silver, settings=by_day)
    shop.at("2026-12-31 12:00")
    shop.remind(member)
    messenger.run()
    shop.buy(member, points)
    shop.at("2026-12-31 21:30")
    messenger.look_again()
    messenger.run()

    assert [one["data"]["tier"] for one in post.heard()] == heard
    assert [one.reason for one in shop.told(member) if one.notice.kind is Kind.TIER_WARNING] == ["changed"]


def test_q4_records_that_come_again_make_and_tell_one(
    open_shop: Callable[..., Shop], messenger: Messenger, post: Post
) -> None:
    shop = open_shop()
    member = shop.member()
    shop.buy(member, 2_000)
    upgrade = messenger.records()

    messenger.take([*upgrade, *upgrade])
    messages = messenger.records()
    messenger.take(messages)
    messenger.take([*upgrade, *messages])

    assert (len(messages), len(shop.told(member)), len(post.heard())) == (1, 1, 1)


def test_who_switched_tiers_off_is_not_told(open_shop: Callable[..., Shop], messenger: Messenger, post: Post) -> None:
    shop = open_shop()
    off = Settings(channels={Kind.TIER_CHANGED: (), Kind.POINTS_EXPIRING: (Channel.APP,)}, changed_at=LONG_AGO)
    for settings in (off, by_sms()):
        shop.buy(shop.member(settings=settings), 2_000)

    messenger.run()

    assert (post.heard(), post.texts) == ([], [])
