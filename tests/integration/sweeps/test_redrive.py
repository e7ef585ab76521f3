"""`jifen ops redrive`: what was put aside goes back to where it came from. Q3, Q5."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import get_session
from moto import mock_aws

from cli.dead_letters import DeadLetters, UnknownQueueError, run_of

PAYLOAD = {"kind": "expiry", "at": "2026-12-31T16:05:00Z"}


class Functions:
    """Lambda, as far as it is invoked. `publisher` fails at records of the key in `failing`."""

    def __init__(self) -> None:
        self.payloads: list[dict[str, Any]] = []
        self.failing = ""

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        payload = json.loads(Payload)
        self.payloads.append(payload)
        if FunctionName == "planner":
            assert InvocationType == "Event"
            return {"StatusCode": 202}
        assert (FunctionName, InvocationType) == ("publisher", "RequestResponse")
        changes = [record["dynamodb"] for record in payload["Records"]]
        failed = [one["SequenceNumber"] for one in changes if one["Keys"]["pk"]["S"] == self.failing]
        told = {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(told).encode())}


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    with mock_aws():
        yield get_session().create_client("sqs", region_name="us-east-1")


@pytest.fixture
def stream(sqs: Any) -> str:
    """Make a table with a stream, of which four items came."""
    client = get_session().create_client("dynamodb", region_name="us-east-1")
    table = client.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for number in range(4):
        client.put_item(TableName="ledger", Item={"pk": {"S": f"SALE#{number}"}, "li": {"B": b"lines"}})
    return str(table["TableDescription"]["LatestStreamArn"])


@pytest.fixture
def letters(sqs: Any) -> DeadLetters:
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("tasks", "failed", "runs", "stream")}
    return DeadLetters(
        queues=sqs,
        functions=Functions(),
        streams=get_session().create_client(
            "dynamodbstreams",
            region_name="us-east-1",
            config=Config(account_id_endpoint_mode="disabled"),  # moto knows the plain address alone
        ),
        urls={"SweepTasks": urls["failed"], "SweepRuns": urls["runs"], "PublisherStream": urls["stream"]},
        sources={"SweepTasks": urls["tasks"]},
        readers={"PublisherStream": "publisher"},
        planner="planner",
    )


def put(letters: DeadLetters, name: str, *bodies: str) -> None:
    for body in bodies:
        letters.queues.send_message(QueueUrl=letters.urls[name], MessageBody=body)


def test_q5_tasks_go_back_to_their_queue(letters: DeadLetters) -> None:
    put(letters, "SweepTasks", *(f"task {number}" for number in range(23)))
    assert letters.depths() == {"PublisherStream": 0, "SweepRuns": 0, "SweepTasks": 23}
    assert letters.redrive("SweepTasks") == (23, [])
    assert letters.depths()["SweepTasks"] == 0
    bodies: list[str] = []
    while answer := letters.queues.receive_message(
        QueueUrl=letters.sources["SweepTasks"], MaxNumberOfMessages=10, WaitTimeSeconds=0
    ).get("Messages"):
        bodies += [message["Body"] for message in answer]
    assert sorted(bodies) == sorted(f"task {number}" for number in range(23))


def test_an_empty_queue_gives_nothing_back(letters: DeadLetters) -> None:
    assert letters.redrive("SweepTasks") == (0, [])


def test_runs_are_started_again(letters: DeadLetters) -> None:
    put(letters, "SweepRuns", json.dumps(PAYLOAD), json.dumps({"requestPayload": PAYLOAD, "responsePayload": {}}))
    assert letters.redrive("SweepRuns") == (2, [])
    assert letters.functions.payloads == [PAYLOAD, PAYLOAD]
    assert letters.depths()["SweepRuns"] == 0


def records_of(letters: DeadLetters, stream: str) -> tuple[str, list[str]]:
    """Give the shard of a stream, and the sequence numbers of its records."""
    (shard,) = letters.streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = letters.streams.get_shard_iterator(
        StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = letters.streams.get_records(ShardIterator=iterator)["Records"]
    return shard["ShardId"], [one["dynamodb"]["SequenceNumber"] for one in records]


def batch(stream: str, shard: str, first: str, last: str) -> str:
    """Write what Lambda puts into the queue of what a stream could not hand over."""
    place = {"streamArn": stream, "shardId": shard, "startSequenceNumber": first, "endSequenceNumber": last}
    return json.dumps({"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": place})


def keys_told(letters: DeadLetters) -> list[list[str]]:
    told = letters.functions.payloads
    return [[one["dynamodb"]["Keys"]["pk"]["S"] for one in payload["Records"]] for payload in told]


def test_q3_what_a_stream_put_aside_is_read_again_and_handed_to_its_function(letters: DeadLetters, stream: str) -> None:
    shard, numbers = records_of(letters, stream)
    alone = json.dumps(
        {"streamArn": stream, "sequenceNumber": numbers[3], "keys": {"pk": "SALE#3"}, "error": "KeyError"}
    )
    put(letters, "PublisherStream", batch(stream, shard, numbers[1], numbers[2]), alone)

    assert letters.redrive("PublisherStream") == (2, [])

    assert sorted(keys_told(letters)) == [["SALE#1", "SALE#2"], ["SALE#3"]]
    record = letters.functions.payloads[0]["Records"][0]
    assert (record["eventSource"], record["eventSourceARN"], record["eventName"]) == ("aws:dynamodb", stream, "INSERT")
    assert record["dynamodb"]["NewImage"]["li"] == {"B": base64.b64encode(b"lines").decode()}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], int | float)
    assert letters.depths()["PublisherStream"] == 0


def test_q3_what_fails_again_or_is_forgotten_stays_and_is_told(letters: DeadLetters, stream: str) -> None:
    shard, numbers = records_of(letters, stream)
    letters.functions.failing = "SALE#1"
    gone = batch(stream.replace("ledger", "elsewhere"), shard, numbers[0], numbers[0])
    bodies = [batch(stream, shard, one, one) for one in numbers[:3]]
    put(letters, "PublisherStream", gone, *bodies)

    given_back, left = letters.redrive("PublisherStream")

    assert given_back == 2
    assert sorted(left) == [
        f"publisher failed again at record {numbers[1]}: see its log",
        f"the stream has forgotten its record {numbers[0]}: it keeps 24 hours",
    ]


def test_a_queue_that_is_not_known_is_refused(letters: DeadLetters) -> None:
    with pytest.raises(UnknownQueueError):
        letters.redrive("Elsewhere")


def test_a_run_whose_time_the_scheduler_did_not_put_in_is_of_when_it_was_put_aside() -> None:
    body = json.dumps({**PAYLOAD, "at": "<aws.scheduler.scheduled-time>"})
    sent = {"SentTimestamp": "1798733100000"}
    assert run_of({"Body": body, "Attributes": sent}) == {**PAYLOAD, "at": "2026-12-31T16:05:00+00:00"}
    told = {"SCHEDULED_TIME": {"StringValue": "2026-12-30T16:05:00Z", "DataType": "String"}}
    assert run_of({"Body": body, "Attributes": sent, "MessageAttributes": told})["at"] == "2026-12-30T16:05:00Z"
