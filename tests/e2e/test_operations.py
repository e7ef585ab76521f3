"""What operators do with the deployed stage: visit it, have it audited, rebuild an account. S8, L6, K6."""

import json
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from cli.connection import Connection
from cli.ops import dead_letters
from cli.rebuild import done, planned_for, rebuilding_of
from cli.smoke import Target, steps_of, taken
from cli.sweeps import AUDITING, Counts, machine_of
from shared.runtime.attributes import encode
from shared.sweeps.tasks import Kind
from tests.e2e.conftest import listening
from tests.e2e.shop import Customer, Shop, an_ordinary_day
from tests.e2e.test_journey import events_heard


def audited(connection: Connection) -> Counts:
    machine, started = machine_of(connection, AUDITING), datetime.now(UTC)
    planned = machine.start(Kind.AUDIT, started)
    machine.wait(seconds=120)
    return machine.counts(planned["run"], started, least_tasks=planned["segments"])


def test_a_visit_finds_nothing_wrong(shop: Shop, connection: Connection) -> None:
    console = Console(record=True, quiet=True)
    target = Target(shop.api, "till-sh001", connection.signing_secret("till-sh001"))
    assert [step.name for step in steps_of(target) if not taken(step, console)] == []


def test_q3_what_the_stream_put_aside_is_read_again_and_told_again(
    shop: Shop, connection: Connection, aws: dict[str, Any]
) -> None:
    earned = listening(aws, connection.local["event_bus"], "earned", {"detail-type": ["points.earned"]})
    wang, letters = shop.enrolled(), dead_letters(connection)
    sale = shop.sale(wang, paid=100_000, at=an_ordinary_day())
    assert shop.post(sale).body["result"] == "applied"
    (first,) = of_member(wang, events_heard(aws["sqs"], earned))
    table = connection.dynamodb.describe_table(TableName=connection.tables.ledger)["Table"]
    place = {
        "streamArn": table["LatestStreamArn"],
        "sequenceNumber": number_in_stream(letters.streams, sale["data"]["receipt_id"], table),
    }
    aws["sqs"].send_message(QueueUrl=letters.urls["PublisherStream"], MessageBody=json.dumps(place))

    assert letters.redrive("PublisherStream") == (1, [])

    (again,) = of_member(wang, events_heard(aws["sqs"], earned))
    assert again["detail"] == first["detail"]
    assert letters.depths()["PublisherStream"] == 0


def of_member(customer: Customer, events: list[Any]) -> list[Any]:
    return [event for event in events if event["detail"]["member_id"] == customer.member_id]


def number_in_stream(streams: Any, receipt_id: str, table: dict[str, Any]) -> str:
    """Find the record of a sale."""
    arn = table["LatestStreamArn"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        page = streams.get_records(ShardIterator=iterator["ShardIterator"])
        while page["Records"]:
            for record in page["Records"]:
                if record["dynamodb"]["Keys"]["pk"]["S"].endswith(f"#{receipt_id}"):
                    return str(record["dynamodb"]["SequenceNumber"])
            page = streams.get_records(ShardIterator=page["NextShardIterator"])
    raise AssertionError("the stream does not have it")


def test_the_deployed_audit_finds_a_changed_account_and_it_is_rebuilt(shop: Shop, connection: Connection) -> None:
    wang = shop.enrolled()
    shop.sell(wang, paid=100_000, at=an_ordinary_day())
    right, before = shop.available(wang), audited(connection)
    connection.dynamodb.update_item(
        TableName=connection.tables.accounts,
        Key=encode({"id": wang.member_id}),
        UpdateExpression="SET l = :more",
        ExpressionAttributeValues=encode({":more": {"~": 1_000_000}}),
    )
    assert (before.done, before.left) == (0, 0)
    assert audited(connection).done > 0

    rebuilding = rebuilding_of(connection)
    ((plan,), _) = planned_for([wang.member_id], rebuilding)
    assert done(plan, rebuilding, "ops-1")

    assert shop.available(wang) == right
    assert audited(connection).done == 0
