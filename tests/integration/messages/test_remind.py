"""Who is reminded of what, when: once per group of lots, channel and offset. S1-10, S3-28, K3, P8."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from shared.ledger.account import TierState
from shared.ledger.store import Ledger
from shared.messages.message import Channel, Kind
from shared.messages.remind import remind
from shared.messages.settings import Settings
from shared.messages.texts import told
from shared.program.expiry import ExtendOnce
from shared.redemption.rewards import Reward
from tests.builders import a_ladder, a_program, months, patience, publish
from tests.engine import dynamodb_client
from tests.integration.messages.people import EVERY_CHANNEL, Shop, by_sms, reminding_policy
from tests.observed import Killed, killed, observed

# Bought on 1 December, the points can be used through 1 January.
LAST_DAY = "270101"
EXPIRING = "points-expiring"


@pytest.fixture
def open_shop(shop: Shop) -> Callable[..., Shop]:
    def opening(*channels: str, **others: Any) -> Shop:
        policy = others.pop("expire", None) or reminding_policy(*channels)
        publish(shop.ledger, a_program(expire=policy, **others))
        return shop

    return opening


class TestS110:
    """S1-10: thirty, seven and one day before."""

    def test_s1_10_a_year_of_days_makes_three_reminders_by_each_channel(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop(*EVERY_CHANNEL)
        every = dict.fromkeys(Kind, tuple(Channel))
        member = shop.member(settings=Settings(channels=every))
        shop.buy(member, 300)

        for _ in range(40):
            shop.remind(member)
            shop.clock.forward(days=1)

        assert sorted(shop.summary(member)) == sorted(
            (EXPIRING, LAST_DAY, offset, channel) for offset in (30, 7, 1) for channel in EVERY_CHANNEL
        )

    @pytest.mark.parametrize(
        ("day", "offsets"),
        [
            ("2026-12-01", []),
            ("2026-12-02", [30]),
            ("2026-12-24", [30]),
            ("2026-12-25", [7]),
            ("2026-12-30", [7]),
            ("2026-12-31", [1]),
            ("2027-01-01", [1]),
            ("2027-01-02", []),
        ],
    )
    def test_s1_10_a_reminder_is_due_until_the_next_one_is(
        self, open_shop: Callable[..., Shop], day: str, offsets: list[int]
    ) -> None:
        shop = open_shop()
        member = shop.member()
        shop.buy(member, 300)
        shop.at(f"{day} 12:00")

        shop.remind(member)

        assert [offset for _kind, _lot, offset, _channel in shop.summary(member)] == offsets

    def test_s1_10_it_says_how_many_points_and_until_when(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop()
        member = shop.member()
        shop.buy(member, 300)
        shop.at("2026-12-25 12:00")
        shop.remind(member)

        (message,) = shop.told(member)

        assert told(message, "zh-CN").text == "您有300积分的有效期至2027-01-01，逾期作废。"
        assert told(message, "en").text == "300 of your points can be used through 2027-01-01."

    def test_s1_10_doubled_and_simultaneous_sweeps_make_one(
        self, open_shop: Callable[..., Shop], engine_url: str
    ) -> None:
        shop = open_shop("app", "email")
        member = shop.member()
        shop.buy(member, 300)
        shop.at("2026-12-25 12:00")
        others = [Shop(Ledger(client=dynamodb_client(engine_url), tables=shop.ledger.tables)) for _ in range(4)]
        for other in others:
            other.clock = shop.clock

        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda one: one.remind(member), others))

        assert sum(made) == 2
        assert shop.remind(member) == 0
        assert len(shop.told(member)) == 2

    def test_lots_of_one_day_are_one_group(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop()
        member = shop.member()
        for _ in range(3):
            shop.buy(member, 100)
        shop.at("2026-12-25 12:00")
        shop.remind(member)

        (message,) = shop.told(member)

        assert message.notice.details["points"] == 300

    def test_what_is_spent_is_not_spoken_of(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop()
        member = shop.member()
        shop.at("2026-12-25 12:00")

        assert shop.remind(member) == 0

    def test_pending_points_count_from_the_day_on_which_they_come(self, open_shop: Callable[..., Shop]) -> None:
        """Nothing has touched the account since: what is told is true all the same."""
        shop = open_shop(pending_days=20, expire=reminding_policy())
        member = shop.member()
        shop.buy(member, 300)
        shop.at("2026-12-21 00:00")  # usable today, through 21 January
        shop.clock.forward(minutes=1)
        assert shop.ledger.account(member).lots == {}
        shop.at("2026-12-22 12:00")

        shop.remind(member)

        assert shop.summary(member) == [(EXPIRING, "270121", 30, "app")]

    def test_points_that_will_be_given_more_time_are_not_spoken_of(self, open_shop: Callable[..., Shop]) -> None:
        extended = reminding_policy(extend_once=ExtendOnce(months=3))
        shop = open_shop(expire=extended)
        member = shop.member()
        shop.buy(member, 300)
        shop.at("2026-12-25 12:00")
        assert shop.remind(member) == 0
        shop.at("2027-01-02 12:00")
        shop.touch(member)  # through 1 April, once
        shop.at("2027-03-25 12:00")

        shop.remind(member)

        assert shop.summary(member) == [(EXPIRING, "270401", 7, "app")]


class TestWhoIsTold:
    def test_texts_only_for_who_asks_for_them(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop(*EVERY_CHANNEL)
        usual, texted, unproven = (
            shop.member(),
            shop.member(settings=by_sms()),
            shop.member(phone=None, settings=by_sms()),
        )
        for member in (usual, texted, unproven):
            shop.buy(member, 300)
        shop.at("2026-12-31 12:00")
        for member in (usual, texted, unproven):
            shop.remind(member)

        told = [{channel for *_about, channel in shop.summary(member)} for member in (usual, texted, unproven)]

        assert told == [{"app", "email"}, {"sms"}, set()]

    @pytest.mark.parametrize(
        "settings",
        [
            Settings(enabled=False),
            Settings(channels={Kind.POINTS_EXPIRING: ()}),
            Settings(channels={Kind.POINTS_EXPIRING: (Channel.SMS,)}),  # the chain offers the app alone
        ],
    )
    def test_who_switched_it_off_is_told_nothing(self, open_shop: Callable[..., Shop], settings: Settings) -> None:
        shop = open_shop()
        member = shop.member(settings=settings)
        shop.buy(member, 300)
        shop.at("2026-12-31 12:00")

        assert shop.remind(member) == 0

    def test_p3_who_withdrew_consent_is_told_nothing(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop()
        member = shop.member()
        shop.buy(member, 300)
        shop.withdraw(member)
        shop.at("2026-12-31 12:00")

        assert shop.remind(member) == 0

    def test_an_account_without_a_member_is_told_nothing(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop()
        member = shop.till.a_member()
        shop.buy(member, 300)
        shop.at("2026-12-31 12:00")

        assert shop.remind(member) == 0

    def test_a_program_without_reminders_reminds_nobody(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop(expire=months(1))
        member = shop.member()
        shop.buy(member, 300)
        shop.at("2026-12-31 12:00")

        assert shop.remind(member) == 0


def test_s3_28_what_to_redeem_them_for_now(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    shop.offer(
        Reward(id="car", name="汽车", points=90_000),
        Reward(id="mug", name="马克杯", points=100),
        Reward(id="bowl", name="精致餐具", points=250),
        Reward(id="gone", name="售罄", points=290, stock=5),
    )
    member = shop.member()
    shop.buy(member, 300)
    shop.at("2026-12-31 12:00")
    shop.remind(member)

    (message,) = shop.told(member)

    assert told(message, "zh-CN").text == (
        "您有300积分的有效期至2027-01-01，逾期作废。现在即可兑换：精致餐具（250积分）。"
    )


class TestTierWarning:
    SILVER = TierState(tier_id="silver", since=date(2026, 1, 5), valid_until=date(2027, 1, 4))

    def test_says_what_is_missing_and_by_when(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop(expire=months(24), tiers=a_ladder(grace_days=10))
        member = shop.member(tier=self.SILVER)
        shop.buy(member, 400)  # silver makes 480 of them; 1000 are needed
        shop.at("2026-12-20 12:00")  # the 14th of January is 25 days away

        assert shop.remind(member) == 1
        assert shop.remind(member) == 0

        (message,) = shop.told(member)
        assert shop.summary(member) == [("tier-warning", "270104", 30, "app")]
        assert told(message, "zh-CN").text == "截至2027-01-14再累积520积分即可保住银卡会员，否则将变为普通会员。"
        assert told(message, "en").text == (
            "Earn 520 more points by 2027-01-14 to keep 银卡会员; otherwise it becomes 普通会员."
        )

    def test_is_not_given_where_the_tier_is_kept_as_things_stand(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop(expire=months(24), tiers=a_ladder())
        member = shop.member(tier=self.SILVER)
        shop.buy(member, 1_000)
        shop.at("2026-12-31 12:00")

        assert shop.remind(member) == 0

    def test_the_lowest_tier_has_nothing_to_lose(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop(expire=months(24), tiers=a_ladder())
        member = shop.member()
        shop.at("2026-12-31 12:00")

        assert shop.remind(member) == 0


class TestCosts:
    """P8: nothing is written but what is due; what is not due is not even read."""

    def test_p8_nothing_due_makes_no_call(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop()
        member = shop.member()
        shop.buy(member, 300)
        account, moment, reminding = shop.ledger.account(member), shop.moment, shop.reminding
        _ = moment.program

        with observed(shop.ledger.client) as traffic:
            assert not remind(account, moment, reminding, patience())

        assert traffic.calls == []

    def test_p8_three_channels_cost_three_write_units_and_once_only(self, open_shop: Callable[..., Shop]) -> None:
        shop = open_shop(*EVERY_CHANNEL)
        member = shop.member(settings=Settings(channels=dict.fromkeys(Kind, tuple(Channel))))
        shop.buy(member, 300)
        shop.at("2026-12-31 12:00")
        account, moment, reminding = shop.ledger.account(member), shop.moment, shop.reminding

        with observed(shop.ledger.client) as first:
            assert remind(account, moment, reminding, patience()) == 3
        with observed(shop.ledger.client) as second:
            assert remind(account, moment, reminding, patience()) == 0

        assert first.write_units == 3
        assert (second.calls, second.read_units, second.write_units) == (["Query"], 0.5, 0)


def test_k3_what_a_killed_sweep_left_out_is_made_by_the_next_one(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop("app", "email")
    member = shop.member()
    shop.buy(member, 300)
    shop.at("2026-12-31 12:00")
    account, moment, reminding = shop.ledger.account(member), shop.moment, shop.reminding
    call = 1
    seen = set()
    while True:
        try:
            with killed(shop.ledger.client, call=call, answer_lost=True):
                remind(account, moment, reminding, patience())
        except Killed:
            seen.add(len(shop.told(member)))
            call += 1
        else:
            break

    shop.remind(member)

    assert seen == {0, 1}  # it died between the two channels, too
    assert shop.summary(member) == [(EXPIRING, LAST_DAY, 1, "app"), (EXPIRING, LAST_DAY, 1, "email")]
