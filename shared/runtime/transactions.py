"""The one way in which items are written: conditional writes, each with the error that its condition means.

DynamoDB answers a cancelled transaction with one reason per write, in order. The first write whose condition failed
decides the error, so writes are listed in order of precedence. A failed condition is never tried again here: it
says that the world is not as read, and only the caller can read again. Conflicts with another transaction and
throttling say nothing about the world; these are tried again with full jitter while there is time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import DependencyUnavailableError
from shared.runtime.attributes import Item, decode, encode, encode_value
from shared.runtime.patience import Patience

LARGEST_TRANSACTION = 100

_TRANSIENT_REASONS = frozenset(
    {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"}
)
_TRANSIENT_ERRORS = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
        "InternalServerError",
        "ServiceUnavailable",
    }
)

Refusal = Callable[[Item | None], Exception]
"""Makes the error that a failed condition means, given the item that stood in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalWrite:
    """One write of a transaction, as TransactWriteItems takes it, and what its failed condition means."""

    request: dict[str, Any]
    refusal: Refusal


def put_if_absent(table: str, item: Item, *, refusal: Refusal, key: str = "pk") -> ConditionalWrite:
    """Put an item that may not exist yet; `key` names the table's partition key."""
    return put_if(table, item, condition=f"attribute_not_exists({key})", refusal=refusal)


def put_anyway(table: str, item: Item) -> ConditionalWrite:
    """Put an item whatever stands in its place: for what is as its last writer says."""
    return ConditionalWrite(request={"Put": {"TableName": table, "Item": encode(item)}}, refusal=_never)


def put_if(
    table: str,
    item: Item,
    *,
    condition: str,
    values: Item | None = None,
    names: dict[str, str] | None = None,
    refusal: Refusal,
) -> ConditionalWrite:
    request: dict[str, Any] = {
        "TableName": table,
        "Item": encode(item),
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if values:
        request["ExpressionAttributeValues"] = {name: encode_value(value) for name, value in values.items()}
    if names:
        request["ExpressionAttributeNames"] = names
    return ConditionalWrite(request={"Put": request}, refusal=refusal)


def check(table: str, key: Item, *, condition: str, values: Item | None = None, refusal: Refusal) -> ConditionalWrite:
    """Check an item that the transaction leaves as it is."""
    request: dict[str, Any] = {
        "TableName": table,
        "Key": encode(key),
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if values:
        request["ExpressionAttributeValues"] = encode(values)
    return ConditionalWrite(request={"ConditionCheck": request}, refusal=refusal)


def _never(_old: Item | None) -> Exception:
    return AssertionError("a write without a condition was refused")


def commit(client: Any, writes: Sequence[ConditionalWrite], patience: Patience) -> None:  # noqa: ANN401 a botocore client
    """Do all writes or none.

    Raises the refusal of the first write whose condition failed, BusyError when conflicts outlast the patience, and
    DependencyUnavailableError when no answer came (the writes may then have been done: the caller's next try, with
    the same keys, finds out).
    """
    failures = 0
    while True:
        patience.check()
        try:
            client.transact_write_items(TransactItems=[write.request for write in writes])
        except client.exceptions.TransactionCanceledException as cancelled:
            _raise_refusal(writes, cancelled)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _TRANSIENT_ERRORS:
                raise
        except BotoCoreError as error:
            raise DependencyUnavailableError from error
        else:
            return
        patience.pause(failures)
        failures += 1


def _raise_refusal(writes: Sequence[ConditionalWrite], cancelled: ClientError) -> None:
    """Raise what the cancellation means; return where it means nothing but a conflict or throttling."""
    reasons = cancelled.response.get("CancellationReasons", [])
    for write, reason in zip(writes, reasons, strict=True):
        if reason["Code"] == "ConditionalCheckFailed":
            old = reason.get("Item")
            raise write.refusal(decode(old) if old else None) from None
    if any(reason["Code"] not in _TRANSIENT_REASONS for reason in reasons):
        raise cancelled
