"""The sender: an event becomes a message per endpoint, and each is POSTed until it is taken. Q1, Q2, Q5, T26."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from functions.webhook_sender.pace import PAUSES_SECONDS, pause_after
from functions.webhook_sender.queue import NotSentError
from shared.runtime.patience import Patience
from tests.integration.outgoing.post_office import SECRET, PostOffice
from tests.receiver import HOST, Receiver, answering


@pytest.fixture
def nowhere() -> str:
    """Give the URL of a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"https://{HOST}:{listening.getsockname()[1]}/"


def posted(receiver: Receiver) -> list[tuple[str, str]]:
    """Give the path and the id of every POST, in order."""
    return [(request.path, request.headers["webhook-id"]) for request in receiver.requests]


class TestSendingOn:
    def test_an_event_goes_to_every_endpoint_that_wants_it_and_to_no_other(
        self, office: PostOffice, receiver: Receiver
    ) -> None:
        office.register(
            ep_1=(receiver.url(path="/1"), "points.earned,tier.changed"),
            ep_2=(receiver.url(path="/2"), "tier.changed"),
            ep_3=(receiver.url(path="/3"), "*"),
        )
        office.happen("ent_1")
        office.run()
        office.happen("tier_1", event_type="tier.changed")
        office.run()

        assert posted(receiver)[:2] == [("/1", "ent_1"), ("/3", "ent_1")]
        assert posted(receiver)[2:] == [("/1", "tier_1"), ("/2", "tier_1"), ("/3", "tier_1")]
        assert office.waiting() == 0

    def test_messages_of_an_endpoint_are_a_group_so_that_the_queue_is_fair(
        self, office: PostOffice, receiver: Receiver
    ) -> None:
        office.register(ep_1=(receiver.url(), "*"), ep_2=(receiver.url(), "*"))
        office.happen("ent_1")
        office.take(office.records())

        assert [one["attributes"]["MessageGroupId"] for one in office.records()] == ["ep_1", "ep_2"]

    def test_an_event_that_nobody_wants_is_done(self, office: PostOffice) -> None:
        office.happen("ent_1")
        office.run()
        assert office.waiting() == 0

    def test_more_endpoints_than_a_call_takes_are_all_told(self, office: PostOffice, receiver: Receiver) -> None:
        office.register(**{f"ep_{at}": (receiver.url(path=f"/{at}"), "*") for at in range(23)})
        office.happen("ent_1")
        office.run()
        assert {path for path, _ in posted(receiver)} == {f"/{at}" for at in range(23)}

    def test_q2_an_event_that_was_sent_on_in_part_comes_again_as_a_whole_with_the_same_id(
        self, office: PostOffice, receiver: Receiver
    ) -> None:
        office.register(ep_1=(receiver.url(path="/1"), "*"), ep_2=(receiver.url(path="/2"), "*"))
        office.happen("ent_1")
        records = office.records()
        with losing_the_last(office.sqs):
            (failed,) = office.take(records)
        office.run()
        assert office.take([failed]) == []
        office.run()
        assert sorted(posted(receiver)) == [("/1", "ent_1"), ("/1", "ent_1"), ("/2", "ent_1")]


@contextmanager
def losing_the_last(sqs: Any) -> Iterator[None]:
    """Let the queue refuse the last message of every batch."""

    def drop(params: dict[str, Any], **_others: Any) -> dict[str, Any]:
        return {**params, "Entries": params["Entries"][:-1]}

    def tell(parsed: dict[str, Any], **_others: Any) -> None:
        parsed["Failed"] = [{"Id": "last", "SenderFault": False, "Code": "InternalError"}]

    hooks: dict[str, Callable[..., Any]] = {
        "provide-client-params.sqs.SendMessageBatch": drop,
        "after-call.sqs.SendMessageBatch": tell,
    }
    for event, hook in hooks.items():
        sqs.meta.events.register(event, hook)
    yield
    for event, hook in hooks.items():
        sqs.meta.events.unregister(event, hook)


class TestDelivering:
    def test_q1_an_endpoint_that_is_down_keeps_nobody_elses_event(
        self, office: PostOffice, receiver: Receiver, nowhere: str
    ) -> None:
        office.register(ep_down=(nowhere, "*"), ep_up=(receiver.url(), "*"))
        office.happen("ent_1", "ent_2", "ent_3")
        office.take(office.records())

        failed = office.take(office.records())

        assert [json.loads(one["body"])["endpoint"] for one in failed] == ["ep_down"] * 3
        assert [identifier for _, identifier in posted(receiver)] == ["ent_1", "ent_2", "ent_3"]

    def test_an_endpoint_that_did_not_answer_is_asked_again_after_half_a_minute_and_not_before(
        self, office: PostOffice, nowhere: str
    ) -> None:
        office.register(ep_down=(nowhere, "*"))
        office.happen("ent_1", "ent_2", "ent_3")
        office.take(office.records())
        deliveries = office.records()
        assert office.take(deliveries) == deliveries
        assert len(office.resolved) == 1

        office.clock.forward(seconds=29)
        office.take(deliveries)
        assert len(office.resolved) == 1
        office.clock.forward(seconds=2)
        office.take(deliveries)
        assert len(office.resolved) == 2

    def test_what_was_refused_comes_again_later_and_later_and_is_delivered_after_all(
        self, office: PostOffice, receiver: Receiver
    ) -> None:
        office.register(ep_1=(receiver.url(), "*"))
        receiver.behave = answering(503)
        office.happen("ent_1")
        office.take(office.records())
        (delivery,) = office.records()
        with hiding(office) as hidden:
            for tries in range(1, 9):
                attributes = {**delivery["attributes"], "ApproximateReceiveCount": str(tries)}
                assert office.take([{**delivery, "attributes": attributes}]) != []
        receiver.behave = answering(200)

        assert hidden == [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, 0]
        assert office.take([delivery]) == []
        assert len(receiver.requests) == 9
        assert {request.headers["webhook-id"] for request in receiver.requests} == {"ent_1"}

    def test_q5_a_delivery_that_is_given_back_from_the_dead_letters_keeps_its_id(
        self, office: PostOffice, receiver: Receiver
    ) -> None:
        office.register(ep_1=(receiver.url(), "*"))
        office.happen("ent_1")
        office.take(office.records())
        (delivery,) = office.records()
        office.take([delivery])
        office.sqs.send_message(QueueUrl=office.url, MessageBody=delivery["body"])  # as `jifen ops redrive` does
        office.run()
        assert [identifier for _, identifier in posted(receiver)] == ["ent_1", "ent_1"]

    def test_an_endpoint_that_is_gone_is_told_nothing_more_for_an_hour(
        self, office: PostOffice, receiver: Receiver, capsys: pytest.CaptureFixture[str]
    ) -> None:
        office.register(ep_1=(receiver.url(), "*"))
        receiver.behave = answering(410)
        office.happen("ent_1", "ent_2")
        office.run()
        assert len(receiver.requests) == 1
        gone = [line for line in lines_of(capsys) if line["message"] == "endpoint gone"]
        assert [(line["endpoint_id"], line["EndpointsGone"], line["level"]) for line in gone] == [("ep_1", 1, "ERROR")]

        office.clock.forward(minutes=61)
        office.happen("ent_3")
        office.run()
        assert [identifier for _, identifier in posted(receiver)] == ["ent_1", "ent_3"]
        assert office.waiting() == 0

    def test_what_waits_for_an_endpoint_that_was_removed_is_dropped(
        self, office: PostOffice, receiver: Receiver
    ) -> None:
        office.register(ep_1=(receiver.url(), "*"))
        office.happen("ent_1")
        office.take(office.records())
        office.register()
        office.clock.forward(minutes=1)
        office.run()
        assert (receiver.requests, office.waiting()) == ([], 0)

    def test_a_container_that_has_not_heard_of_an_endpoint_yet_reads_the_list_again(
        self, office: PostOffice, receiver: Receiver
    ) -> None:
        office.happen("ent_0")
        older = office.container()
        office.take(office.records(), by=older)
        office.register(ep_1=(receiver.url(), "*"))
        office.happen("ent_1")
        office.take(office.records(), by=office.container())

        office.take(office.records(), by=older)

        assert [identifier for _, identifier in posted(receiver)] == ["ent_1"]

    def test_an_url_that_leads_inside_meanwhile_is_not_asked(self, office: PostOffice, receiver: Receiver) -> None:
        office.register(ep_1=(receiver.url(host="169.254.169.254"), "*"))
        office.happen("ent_1")
        office.take(office.records())
        deliveries = office.records()
        assert office.take(deliveries, by=office.container(resolve=lambda host, _port: [host])) == deliveries
        assert receiver.requests == []


@contextmanager
def hiding(office: PostOffice) -> Iterator[list[int]]:
    """Note for how many seconds messages are hidden."""
    hidden: list[int] = []

    def note(params: dict[str, Any], **_others: Any) -> dict[str, Any]:
        hidden.append(params["VisibilityTimeout"])
        return params

    events = office.sqs.meta.events
    events.register("provide-client-params.sqs.ChangeMessageVisibility", note)
    yield hidden
    events.unregister("provide-client-params.sqs.ChangeMessageVisibility", note)


class TestFailing:
    def test_q1_a_message_that_nobody_can_read_is_named_and_the_others_are_done(
        self, office: PostOffice, receiver: Receiver
    ) -> None:
        office.register(ep_1=(receiver.url(), "*"))
        office.happen("ent_1")
        office.take(office.records())
        deliveries = office.records()
        for body in ("no json", "[]", "{}", '{"detail-type": "points.earned", "detail": {}}'):
            office.sqs.send_message(QueueUrl=office.url, MessageBody=body)
        poison = office.records()

        assert office.take([*poison, *deliveries]) == poison
        assert len(receiver.requests) == 1

    def test_k5_a_list_that_cannot_be_read_loses_no_event(self, office: PostOffice, receiver: Receiver) -> None:
        office.register(ep_1=(receiver.url(), "*"))
        office.happen("ent_1")
        records = office.records()
        events = office.secretsmanager.meta.events
        events.register("before-call.secretsmanager", refuse)
        assert office.take(records) == records
        events.unregister("before-call.secretsmanager", refuse)
        assert office.take(records) == []
        office.run()
        assert len(receiver.requests) == 1

    def test_what_there_is_no_time_for_comes_again(self, office: PostOffice, receiver: Receiver) -> None:
        office.register(ep_1=(receiver.url(), "*"))
        office.happen("ent_1")
        records = office.records()
        assert office.take(records, allowed=Patience(remaining_ms=lambda: 0)) == records

    def test_s7_what_is_logged_names_ids_and_no_place_secret_or_content(
        self, office: PostOffice, receiver: Receiver, nowhere: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        office.register(ep_1=(receiver.url(path="/secret-path"), "*"), ep_2=(nowhere, "*"))
        receiver.behave = answering(500, b"a stack trace with a password")
        office.happen("ent_1")
        office.run()
        text = capsys.readouterr().err
        assert '"endpoint_id":"ep_1"' in text
        assert '"status":500' in text
        for word in (HOST, "secret-path", SECRET.removeprefix("whsec_"), "password", '"points"', "127.0.0.1"):
            assert word not in text


def refuse(**_others: Any) -> None:
    raise NotSentError


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_tries_are_spread_by_a_tenth_and_end() -> None:
    for tries, pause in enumerate(PAUSES_SECONDS, start=1):
        assert pause_after(tries, min) == pause * 90 // 100
        assert pause_after(tries, max) == pause * 110 // 100
        assert pause_after(tries, max) <= 12 * 3_600  # what a queue can hide a message for
    assert pause_after(len(PAUSES_SECONDS) + 1, max) == 0
