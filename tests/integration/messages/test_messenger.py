"""The messenger: from the stream to SNS, once where nobody dies, outside quiet hours. K3, Q1, Q3, Q4, P3, S7."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.ledger.items import account_item
from shared.messages.message import Channel, Kind, Message, State
from shared.messages.settings import Settings
from shared.program.model import Hours
from shared.runtime.attributes import encode
from shared.runtime.patience import Patience
from tests.builders import LONG_AGO, a_program, publish, shanghai
from tests.integration.messages.people import (
    EVERY_CHANNEL,
    NOON,
    PHONE,
    Messenger,
    Post,
    Shop,
    by_sms,
    reminding_policy,
)
from tests.observed import Killed, killed

Reminded = Callable[..., str]


@pytest.fixture
def reminded(shop: Shop) -> Reminded:
    """Give a member who has been reminded of 300 points, a day before; the message waits in the stream."""

    def reminding(settings: Settings | None = None, *, at: str = "2026-12-31 12:00", **others: Any) -> str:
        publish(shop.ledger, a_program(expire=reminding_policy(*EVERY_CHANNEL)))
        shop.clock.now = NOON
        member = shop.member(settings=settings, **others)
        shop.buy(member, 300)
        shop.at(at)
        shop.remind(member)
        return member

    return reminding


def only_app(**others: Any) -> Settings:
    return Settings(channels=dict.fromkeys(Kind, (Channel.APP,)), changed_at=LONG_AGO, **others)


def message_of(shop: Shop, member: str) -> Message:
    (message,) = shop.told(member)
    return message


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


class TestFailures:
    def test_a_service_that_is_down_stops_neither_the_stream_nor_the_message(
        self, shop: Shop, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        members = [reminded(only_app()) for _ in range(2)]
        working = messenger.outbox
        messenger.outbox = replace(working, sns=RefusingSns("InternalError"))
        messenger.run()
        assert len(messenger.queue.waiting) == 2
        messenger.outbox = working

        assert messenger.look_again() == []

        assert {one["member_id"] for one in post.heard()} == set(members)
        assert {message_of(shop, member).state for member in members} == {State.SENT}

    def test_q1_the_queue_is_told_exactly_which_failed(
        self, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        for _ in range(2):
            reminded(only_app(), at="2026-12-31 12:00")
        bodies = [
            json.dumps({"pk": one["dynamodb"]["NewImage"]["pk"]["S"], "sk": one["dynamodb"]["NewImage"]["sk"]["S"]})
            for one in messenger.records()
        ]
        records = [
            {"eventSource": "aws:sqs", "messageId": str(at), "body": body}
            for at, body in enumerate([bodies[0], "poison", bodies[1]])
        ]

        assert messenger.take(records) == ["1"]
        assert len(post.heard()) == 2

    def test_q3_the_first_record_that_fails_is_named_and_those_before_it_are_done(
        self, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        reminded(only_app())
        (good,) = messenger.records()
        poison = {"eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "666"}}

        assert messenger.take([good, poison, good]) == ["666"]
        assert len(post.heard()) == 1
        assert messenger.take([good]) == []
        assert post.heard() == []

    def test_q3_where_the_queue_fails_too_the_stream_brings_it_again(
        self, post: Post, messenger: Messenger, reminded: Reminded
    ) -> None:
        reminded(only_app())
        records = messenger.records()
        working = messenger.outbox
        messenger.outbox, messenger.queue.fails = replace(working, sns=RefusingSns("InternalError")), True

        assert messenger.take(records) == [records[0]["dynamodb"]["SequenceNumber"]]

        messenger.outbox = working
        assert messenger.take(records) == []
        assert len(post.heard()) == 1

    def test_what_there_is_no_time_for_comes_again(self, post: Post, messenger: Messenger, reminded: Reminded) -> None:
        reminded(only_app())
        records = messenger.records()

        assert messenger.take(records, allowed=Patience(remaining_ms=lambda: 0))
        assert post.heard() == []


class TestLogs:
    def test_s7_no_phone_name_or_text_in_the_logs(
        self, messenger: Messenger, reminded: Reminded, capsys: pytest.CaptureFixture[str]
    ) -> None:
        reminded(by_sms())
        messenger.run()
        reminded(by_sms())
        messenger.outbox = replace(messenger.outbox, sns=RefusingSns("InternalError"))
        messenger.run()
        messenger.look_again()

        logged = "".join(capsys.readouterr())
        assert '"MessagesSent":1' in logged
        assert "message postponed" in logged
        for secret in (PHONE, PHONE[3:], PHONE[-4:], "王小明", "您有", "300积分"):
            assert secret not in logged

    def test_s7_nothing_of_a_person_stands_in_the_ledger(
        self, shop: Shop, messenger: Messenger, reminded: Reminded
    ) -> None:
        reminded(by_sms())
        messenger.run()

        written = json.dumps(shop.items(), ensure_ascii=False, default=str)
        assert PHONE[3:] not in written
        assert "王小明" not in written


class RefusingSns:
    """SNS that takes nothing, and quotes what it was given, as it does."""

    def __init__(self, code: str) -> None:
        self._code = code

    def publish(self, **request: Any) -> None:
        raise ClientError({"Error": {"Code": self._code, "Message": f"Invalid: {request}"}}, "Publish")
