"""The messenger: from the stream to SNS, once where nobody dies, outside quiet hours. K3, Q1, Q3, Q4, P3, S7."""

import json
from dataclasses import replace

import pytest

from shared.ledger.items import account_item
from shared.messages.message import State
from shared.messages.settings import Settings
from shared.program.rules import Hours
from shared.runtime.attributes import encode
from tests.builders import LONG_AGO, shanghai
from tests.integration.messages.conftest import Reminded
from tests.integration.messages.people import (
    PHONE,
    Messenger,
    Post,
    RefusingSns,
    Shop,
    by_sms,
    message_of,
    only_app,
)
from tests.observed import Killed, killed


class TestLeaving:
    def test_a_message_leaves_by_the_topic_and_is_marked(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(only_app())
        messenger.run()

        message = message_of(shop, member)
        assert post.heard() == [
            {
                "message_id": message.message_id,
                "member_id": member,
                "kind": "points-expiring",
                "channel": "app",
                "language": "zh-CN",
                "title": "积分即将到期",
                "text": "您有300积分的有效期至2027-01-01，逾期作废。",
                "made_at": "2026-12-31T04:00:00.000Z",
                "data": {"points": 300, "valid_through": "2027-01-01", "unit": "积分"},
            }
        ]
        assert (message.state, message.settled_at) == (State.SENT, shop.clock())

    def test_subscribers_choose_by_attributes(self, post: Post, messenger: Messenger, reminded: Reminded) -> None:
        post.listen("mail", {"channel": ["email"], "kind": ["points-expiring"], "language": ["en"]})
        post.listen("chinese", {"language": ["zh-CN"]})
        reminded(Settings(language="en", changed_at=LONG_AGO))
        messenger.run()

        assert [one["channel"] for one in post.heard("mail")] == ["email"]
        assert post.heard("chinese") == []
        assert sorted(one["channel"] for one in post.heard()) == ["app", "email"]

    def test_a_text_goes_to_the_proven_phone_and_names_the_sender(
        self, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        reminded(by_sms())
        messenger.run()

        assert post.texts == [(PHONE, "【门店会员积分】您有300积分的有效期至2027-01-01，逾期作废。")]
        assert post.heard() == []

    def test_without_a_budget_texts_leave_by_the_topic(self, shop: Shop, post: Post, reminded: Reminded) -> None:
        reminded(by_sms())
        Messenger(shop, post, texts_a_month=0).run()

        assert (post.texts, [one["channel"] for one in post.heard()]) == ([], ["sms"])

    def test_texts_stop_at_the_limit_of_the_month(self, shop: Shop, post: Post, reminded: Reminded) -> None:
        members = [reminded(by_sms()) for _ in range(3)]
        messenger = Messenger(shop, post, texts_a_month=2)
        messenger.run()

        told = [message_of(shop, member) for member in members]
        assert len(post.texts) == 2
        assert sorted((one.state.value, one.reason) for one in told) == [
            ("sent", ""),
            ("sent", ""),
            ("skipped", "sms-limit"),
        ]
        shop.at("2027-02-01 12:00")
        assert shop.messages.count_sms("2702", most=2)

    @pytest.mark.parametrize(
        ("code", "status", "left"),
        [("Throttling", 400, True), ("InvalidParameter", 400, True), ("Internal", 500, False)],
    )
    def test_what_sns_refuses_uses_nothing_of_the_month_and_what_nobody_knows_of_does(
        self, shop: Shop, post: Post, reminded: Reminded, code: str, status: int, *, left: bool
    ) -> None:
        reminded(by_sms())
        messenger = Messenger(shop, post, texts_a_month=1)
        messenger.outbox = replace(messenger.outbox, sns=RefusingSns(code, status))
        messenger.run()
        messenger.look_again()

        assert shop.messages.count_sms("2612", most=1) is left

    def test_a_phone_that_takes_no_texts_is_not_tried_again(
        self, shop: Shop, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(by_sms())
        messenger.outbox = replace(messenger.outbox, sns=RefusingSns("InvalidParameter"))
        messenger.run()

        assert (message_of(shop, member).state, message_of(shop, member).reason) == (State.SKIPPED, "phone-refused")


class TestOnce:
    def test_q4_doubled_records_are_told_once(self, post: Post, messenger: Messenger, reminded: Reminded) -> None:
        reminded(only_app())
        records = messenger.records()

        messenger.take([*records, *records])
        messenger.take(records)

        assert len(post.heard()) == 1

    def test_k3_who_dies_before_telling_tells_once(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(only_app())
        records = messenger.records()
        with killed(shop.ledger.client, call=1, answer_lost=True), pytest.raises(Killed):
            messenger.take(records)
        assert post.heard() == []

        messenger.take(records)

        assert len(post.heard()) == 1
        assert message_of(shop, member).state is State.SENT

    def test_k3_who_dies_between_telling_and_marking_tells_twice_with_one_id(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(only_app())
        records = messenger.records()
        heard = []
        for call in range(1, 9):
            with killed(shop.ledger.client, call=call, answer_lost=False):
                try:
                    messenger.take(records)
                except Killed:
                    heard += post.heard()
                    continue
            heard += post.heard()
            break

        assert len(heard) == 2
        assert {one["message_id"] for one in heard} == {message_of(shop, member).message_id}


class TestQuietHours:
    def test_in_quiet_hours_it_is_put_off_and_told_when_they_end(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(only_app(), at="2026-12-31 02:00")
        messenger.run()
        looked = 0
        while messenger.queue.waiting:
            ((_body, delay),) = messenger.queue.waiting
            assert 60 <= delay <= 900
            shop.clock.forward(seconds=delay)
            assert messenger.look_again() == []
            looked += 1

        assert looked == 28
        assert len(post.heard()) == 1
        assert shanghai("2026-12-31 09:00") <= (message_of(shop, member).settled_at or LONG_AGO)
        assert (message_of(shop, member).settled_at or LONG_AGO) <= shanghai("2026-12-31 09:01")

    def test_the_queue_holds_a_key_and_nothing_else(self, messenger: Messenger, reminded: Reminded) -> None:
        member = reminded(only_app(), at="2026-12-31 02:00")
        messenger.run()

        ((body, _delay),) = messenger.queue.waiting
        assert json.loads(body) == {"pk": f"MESSAGES#{member}", "sk": "261231#points-expiring#270101#1#app"}

    @pytest.mark.parametrize(
        ("zone", "at", "told"),
        [
            ("Asia/Shanghai", "2026-12-31 20:59", True),
            ("Asia/Shanghai", "2026-12-31 21:00", False),
            ("America/New_York", "2026-12-31 21:00", False),  # eight in the morning there
            ("America/New_York", "2026-12-31 22:00", True),
        ],
    )
    def test_they_are_those_of_the_members_zone(
        self, post: Post, messenger: Messenger, reminded: Reminded, zone: str, at: str, *, told: bool
    ) -> None:
        reminded(only_app(zone=zone), at=at)
        messenger.run()

        assert len(post.heard()) == int(told)

    def test_who_wants_none_is_told_at_night(self, post: Post, messenger: Messenger, reminded: Reminded) -> None:
        reminded(only_app(quiet_hours=None), at="2026-12-31 02:00")
        messenger.run()

        assert len(post.heard()) == 1

    def test_what_would_not_be_true_any_more_when_they_end_is_skipped(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(only_app(), at="2027-01-01 23:50")
        messenger.run()
        shop.at("2027-01-02 00:05")
        messenger.look_again()

        assert post.heard() == []
        assert message_of(shop, member).reason == "over"

    def test_points_that_were_spent_meanwhile_are_not_spoken_of(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(only_app(quiet_hours=Hours(start=0, end=23 * 60)))
        messenger.run()
        account = replace(shop.ledger.account(member), lots={})
        shop.ledger.client.put_item(TableName=shop.ledger.tables.accounts, Item=encode(account_item(account)))
        shop.at("2026-12-31 23:30")
        messenger.look_again()

        assert post.heard() == []
        assert message_of(shop, member).reason == "spent"


class TestConsent:
    def test_an_opt_out_counts_for_what_waits_already(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(only_app())
        shop.choose(member, Settings(enabled=False))
        messenger.run()

        assert post.heard() == []
        assert (message_of(shop, member).state, message_of(shop, member).reason) == (State.SKIPPED, "declined")

    def test_p3_consent_withdrawn_while_it_was_put_off(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(only_app(), at="2026-12-31 02:00")
        messenger.run()
        shop.withdraw(member)
        shop.at("2026-12-31 12:00")
        messenger.look_again()
        shop.buy(member, 5)  # earning goes on

        assert post.heard() == []
        assert message_of(shop, member).reason == "declined"

    def test_a_member_who_is_gone_is_told_nothing(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        member = reminded(only_app())
        key = {"pk": {"S": f"MEMBER#{member}"}, "sk": {"S": "PROFILE"}}
        shop.ledger.client.delete_item(TableName=shop.ledger.tables.members, Key=key)
        messenger.run()

        assert post.heard() == []
