"""The messenger where SNS, or a process, fails, and what it logs. K3, Q1, Q3, S7."""

import json
from dataclasses import replace

import pytest

from shared.messages.message import State
from shared.runtime.patience import Patience
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
