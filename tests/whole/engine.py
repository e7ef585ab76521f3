"""The engine's own door, for what looks at whole tables and puts them back: through botocore most time goes into it."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

from shared.runtime.attributes import AttributeValue, Item, decode

_HEADERS: Final = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": "20260101T000000Z",
    "authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=unchecked",
}


class Engine:
    """A connection to a DynamoDB engine. Items are as DynamoDB writes them in JSON."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._connection = HTTPConnection(place.hostname or "", place.port)

    def scan(self, table: str) -> Iterator[dict[str, Any]]:
        """Read a whole table."""
        start: dict[str, Any] = {}
        while True:
            page = self._ask("Scan", {"TableName": table, "ConsistentRead": True, **start})
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def write(self, changes: Mapping[str, Sequence[Any]]) -> None:
        """Do a batch of puts and deletes, without any condition."""
        assert not self._ask("BatchWriteItem", {"RequestItems": changes}).get("UnprocessedItems")

    def close(self) -> None:
        self._connection.close()

    def _ask(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        headers = {**_HEADERS, "x-amz-target": f"DynamoDB_20120810.{operation}"}
        self._connection.request("POST", "/", json.dumps(request), headers)
        answer = self._connection.getresponse()
        body: dict[str, Any] = json.loads(answer.read())
        assert answer.status == 200, body
        return body


def plain(written: Mapping[str, Any]) -> Item:
    """Give an item as plain values from what JSON has of it: bytes stand there in base64."""
    return decode({name: _with_bytes(value) for name, value in written.items()})


def _with_bytes(value: Mapping[str, Any]) -> AttributeValue:
    ((kind, content),) = value.items()
    match kind:
        case "B":
            return {kind: b64decode(content)}
        case "M":
            return {kind: {name: _with_bytes(part) for name, part in content.items()}}
        case "L":
            return {kind: [_with_bytes(part) for part in content]}
        case _:
            return dict(value)
