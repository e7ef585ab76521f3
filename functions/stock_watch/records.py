"""The ledger's stream as this function reads it: shards that lost pieces, and notices that a reward runs low.

A batch is worked through in order. The first record that fails ends it and is named to Lambda, which brings that
record and all behind it again; doing a record twice changes nothing and may tell a notice twice, with the same id.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from functions.stock_watch.dependencies import Dependencies
from shared.keys import STOCKLOW_PREFIX
from shared.names import STOCK_PREFIX
from shared.redemption.low_stock import event_of, is_low_shard, notice_low_stock
from shared.runtime import telemetry
from shared.runtime.attributes import Item, decode
from shared.runtime.patience import Patience

SOURCE: Final = "jifen"
DETAIL_TYPE: Final = "reward.stock_low"

Record = Mapping[str, Any]


class NotToldError(Exception):
    """The bus did not take an event."""


class Fall(NamedTuple):
    """A shard of a reward that has fewer pieces than before."""

    reward_id: str
    left: int


class Batch:
    """One batch of the stream; a reward is added up once in it, because its reading is newer than every record."""

    def __init__(self, built: Dependencies, patience: Patience) -> None:
        self._built = built
        self._patience = patience
        self._added_up: set[str] = set()

    def take(self, record: Record) -> None:
        """Do what one record asks for. Raises NotToldError, BusyError, and botocore's errors."""
        item = new_image(record)
        if record["eventName"] == "INSERT" and item["pk"].startswith(STOCKLOW_PREFIX):
            self._tell(item)
        elif fall := fall_of(record):
            self._look(fall)

    def _look(self, fall: Fall) -> None:
        watch = self._built.watch
        if fall.reward_id in self._added_up or not is_low_shard(fall.reward_id, fall.left, watch):
            return
        if notice_low_stock(fall.reward_id, watch, self._patience):
            telemetry.note(reward_id=fall.reward_id)
            telemetry.count("RewardsLow")
        self._added_up.add(fall.reward_id)

    def _tell(self, item: Item) -> None:
        entry = {
            "EventBusName": self._built.bus,
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": json.dumps(event_of(item), ensure_ascii=False),
        }
        if self._built.events.put_events(Entries=[entry])["FailedEntryCount"]:
            raise NotToldError


def take_batch(records: Sequence[Record], built: Dependencies, patience: Patience) -> dict[str, Any]:
    """Take records in order, and name the first one that failed in the way that Lambda asks for."""
    telemetry.forget()
    telemetry.note(items=len(records))
    batch = Batch(built, patience)
    for record in records:
        try:
            batch.take(record)
        except Exception as error:  # noqa: BLE001 the entry point: whatever it was, the record is brought again
            telemetry.write_line("record postponed", level="warning", error=error)
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    telemetry.write_line("batch watched")
    return {"batchItemFailures": []}


def new_image(record: Record) -> Item:
    """Give the item as it is after the change; its keys where it was removed."""
    changed = record["dynamodb"]
    return decode(changed.get("NewImage") or changed["Keys"])


def fall_of(record: Record) -> Fall | None:
    """Read a shard's loss of pieces; None for every other change."""
    after = new_image(record)
    if record["eventName"] != "MODIFY" or not after["pk"].startswith(STOCK_PREFIX):
        return None
    before = decode(record["dynamodb"]["OldImage"])
    if after["left"] >= before["left"]:
        return None
    return Fall(after["pk"].split("#")[1], after["left"])
