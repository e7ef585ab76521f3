"""`jifen ops redrive`: what was put aside goes back to where it came from. Q5."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session
from moto import mock_aws

from cli.ops import DeadLetters, UnknownQueueError, run_of

PAYLOAD = {"kind": "expiry", "at": "2026-12-31T16:05:00Z"}


class Functions:
    """Lambda, as far as it is invoked."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert (FunctionName, InvocationType) == ("planner", "Event")
        self.payloads.append(json.loads(Payload))
        return {"StatusCode": 202}


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    with mock_aws():
        yield get_session().create_client("sqs", region_name="us-east-1")


@pytest.fixture
def letters(sqs: Any) -> DeadLetters:
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("tasks", "failed", "runs", "stream")}
    return DeadLetters(
        queues=sqs,
        functions=Functions(),
        urls={"SweepTasks": urls["failed"], "SweepRuns": urls["runs"], "PublisherStream": urls["stream"]},
        sources={"SweepTasks": urls["tasks"]},
        planner="planner",
    )


def put(letters: DeadLetters, name: str, *bodies: str) -> None:
    for body in bodies:
        letters.queues.send_message(QueueUrl=letters.urls[name], MessageBody=body)


def test_q5_tasks_go_back_to_their_queue(letters: DeadLetters) -> None:
    put(letters, "SweepTasks", *(f"task {number}" for number in range(23)))
    assert letters.depths() == {"PublisherStream": 0, "SweepRuns": 0, "SweepTasks": 23}
    assert letters.redrive("SweepTasks") == 23
    assert letters.depths()["SweepTasks"] == 0
    bodies: list[str] = []
    while answer := letters.queues.receive_message(
        QueueUrl=letters.sources["SweepTasks"], MaxNumberOfMessages=10, WaitTimeSeconds=0
    ).get("Messages"):
        bodies += [message["Body"] for message in answer]
    assert sorted(bodies) == sorted(f"task {number}" for number in range(23))


def test_an_empty_queue_gives_nothing_back(letters: DeadLetters) -> None:
    assert letters.redrive("SweepTasks") == 0


def test_runs_are_started_again(letters: DeadLetters) -> None:
    put(letters, "SweepRuns", json.dumps(PAYLOAD), json.dumps({"requestPayload": PAYLOAD, "responsePayload": {}}))
    assert letters.redrive("SweepRuns") == 2
    assert letters.functions.payloads == [PAYLOAD, PAYLOAD]
    assert letters.depths()["SweepRuns"] == 0


def test_what_a_stream_put_aside_is_nobodys_to_give_back(letters: DeadLetters) -> None:
    with pytest.raises(UnknownQueueError):
        letters.redrive("PublisherStream")
    with pytest.raises(UnknownQueueError):
        letters.redrive("Elsewhere")


def test_a_run_whose_time_the_scheduler_did_not_put_in_is_of_when_it_was_put_aside() -> None:
    body = json.dumps({**PAYLOAD, "at": "<aws.scheduler.scheduled-time>"})
    sent = {"SentTimestamp": "1798733100000"}
    assert run_of({"Body": body, "Attributes": sent}) == {**PAYLOAD, "at": "2026-12-31T16:05:00+00:00"}
    told = {"SCHEDULED_TIME": {"StringValue": "2026-12-30T16:05:00Z", "DataType": "String"}}
    assert run_of({"Body": body, "Attributes": sent, "MessageAttributes": told})["at"] == "2026-12-30T16:05:00Z"
