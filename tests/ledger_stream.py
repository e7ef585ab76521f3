"""The ledger's stream, as the engine makes it and as Lambda hands it over."""

import base64
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from shared.ledger.store import Ledger

Record = dict[str, Any]


class LedgerStream:
    """Reads the stream of one ledger from its beginning on; every reading goes on where the last one ended."""

    def __init__(self, ledger: Ledger, engine_url: str) -> None:
        specification = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        told = ledger.client.update_table(TableName=ledger.tables.ledger, StreamSpecification=specification)
        self._arn = told["TableDescription"]["LatestStreamArn"]
        self._client = get_session().create_client(
            "dynamodbstreams",
            endpoint_url=engine_url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(parameter_validation=False),  # the engine's shards have shorter names than AWS'
        )
        self._iterator = ""

    def records(self) -> list[Record]:
        """Give what has been written since the last time."""
        records: list[Record] = []
        self._iterator = self._iterator or self._from_the_beginning()
        while True:
            answer = self._client.get_records(ShardIterator=self._iterator)
            self._iterator = answer["NextShardIterator"]
            records += [as_handed_over(record, self._arn) for record in answer["Records"]]
            if not answer["Records"]:
                return records

    def _from_the_beginning(self) -> str:
        (shard,) = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        told = self._client.get_shard_iterator(
            StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        return str(told["ShardIterator"])


def as_handed_over(record: Record, arn: str) -> Record:
    """Give a record as Lambda does: binary values in base64, the time in seconds, and with its stream."""
    changed = record["dynamodb"]
    seconds = changed["ApproximateCreationDateTime"].timestamp()
    changed = {**_in_text(changed), "ApproximateCreationDateTime": seconds}
    return {**record, "dynamodb": changed, "eventSourceARN": arn}


def _in_text(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {name: _in_text(part) for name, part in value.items()}
        case list():
            return [_in_text(part) for part in value]
        case _:
            return value
