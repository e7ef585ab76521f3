"""Records of a table's stream, read again by the place that a dead letter names, as Lambda hands them to a function."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

MOST_PAGES: Final = 1000
"""A page has up to a thousand records, or none where a part of the stream is empty."""
_GONE: Final = frozenset({"TrimmedDataAccessException", "ResourceNotFoundException"})

Record = Mapping[str, Any]


class ForgottenError(Exception):
    """A stream keeps its records for 24 hours; these are gone."""


class Place(NamedTuple):
    """Records of one shard of a stream, by the sequence numbers of the first and the last one. None: look for it."""

    stream: str
    shard: str | None
    first: str
    last: str


def place_of(body: str) -> Place:
    """Read where records are: from Lambda's word of a batch, or from the publisher's of one record."""
    told = json.loads(body)
    if batch := told.get("DDBStreamBatchInfo"):
        return Place(batch["streamArn"], batch["shardId"], batch["startSequenceNumber"], batch["endSequenceNumber"])
    return Place(told["streamArn"], None, told["sequenceNumber"], told["sequenceNumber"])


def event_of(streams: Any, place: Place) -> str:
    """Make the event, as JSON, that hands the records of a place to a function. Raises ForgottenError.

    `streams` is botocore's client of DynamoDB Streams.
    """
    records = [{**record, "eventSourceARN": place.stream} for record in _records(streams, place)]
    return json.dumps({"Records": records}, default=_written)


def _records(streams: Any, place: Place) -> list[Record]:
    found: list[Record] = []
    try:
        for record in _from(streams, place):
            found.append(record)
            if _number(record) >= int(place.last):
                return found
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
    raise ForgottenError(place.stream, place.first)


def _from(streams: Any, place: Place) -> Iterator[Record]:
    """Read a shard from the first record of a place on."""
    iterator = streams.get_shard_iterator(
        StreamArn=place.stream,
        ShardId=place.shard or _shard_of(streams, place),
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=place.first,
    )["ShardIterator"]
    for _ in range(MOST_PAGES):
        page = streams.get_records(ShardIterator=iterator)
        yield from page["Records"]
        iterator = page.get("NextShardIterator")
        if not iterator:
            return


def _shard_of(streams: Any, place: Place) -> str:
    """Find the shard whose range holds a sequence number; one that is open has no end. Raises ForgottenError."""
    start: dict[str, str] = {}
    while True:
        described = streams.describe_stream(StreamArn=place.stream, **start)["StreamDescription"]
        for shard in described["Shards"]:
            span = shard["SequenceNumberRange"]
            begins, ends = int(span["StartingSequenceNumber"]), span.get("EndingSequenceNumber")
            if begins <= int(place.first) and (ends is None or int(place.first) <= int(ends)):
                return str(shard["ShardId"])
        if "LastEvaluatedShardId" not in described:
            raise ForgottenError(place.stream, place.first)
        start = {"ExclusiveStartShardId": described["LastEvaluatedShardId"]}


def _number(record: Record) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


def _written(value: object) -> object:
    """Write what JSON does not know as Lambda does: instants in seconds, bytes in base64."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)
