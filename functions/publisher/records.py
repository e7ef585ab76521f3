"""The ledger's stream as the publisher reads it: new entries, shards that lost pieces, notices that a reward runs low.

A batch is worked through in order, and its events are put on the bus in that order.
- What fails for a passing reason ends the batch and is named to Lambda, which brings that record and all behind it
  again. Doing a record twice changes nothing, and tells what it told before with the same id.
- A record that can never be taken would come back until it had held up everything behind it for hours. It is put
  aside, named by its key, and the batch goes on.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from functions.publisher import business
from functions.publisher.dependencies import Dependencies
from shared.errors import Unavailable
from shared.ledger.items import entry_of, instant
from shared.ledger.published import Event, events_of, is_new_entry
from shared.names import STOCK_LOW_PREFIX, STOCK_PREFIX
from shared.redemption.low_stock import STOCK_LOW, event_of, is_low_shard, notice_low_stock
from shared.runtime import telemetry
from shared.runtime.attributes import Item, decode
from shared.runtime.patience import Patience

PASSING: Final = (BotoCoreError, ClientError, Unavailable)

Record = Mapping[str, Any]


class Fall(NamedTuple):
    """A shard of a reward that has fewer pieces than before."""

    reward_id: str
    left: int


class Told(NamedTuple):
    """An event, and the record that it comes from."""

    sequence_number: str
    event: Event


class Batch:
    """One batch of the stream; a reward is added up once in it, because its reading is newer than every record."""

    def __init__(self, built: Dependencies, patience: Patience) -> None:
        self._built = built
        self._patience = patience
        self._added_up: set[str] = set()
        self._told: list[Told] = []

    def take(self, records: Sequence[Record]) -> str | None:
        """Do what records ask for, then publish; give the sequence number of the first one that must come again."""
        unread = next((number_of(record) for record in records if not self._take(record)), None)
        return self._publish() or unread

    def _take(self, record: Record) -> bool:
        """Do what one record asks for, or put it aside; say whether that could be done."""
        try:
            self._read_or_put_aside(record)
        except PASSING as error:
            telemetry.write_line("record postponed", level="warning", error=error)
            return False
        return True

    def _read_or_put_aside(self, record: Record) -> None:
        try:
            self._read(record)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001 whatever it was, it will be the same the next time
            self._built.aside.put(record, error)
            telemetry.count("RecordsPutAside")
            telemetry.write_line("record put aside", level="error", error=error)

    def _read(self, record: Record) -> None:
        after = new_image(record)
        if is_new_entry(old_image(record), after):
            self._tell(record, events_of(entry_of(after)))
        elif record["eventName"] == "INSERT" and after["pk"].startswith(STOCK_LOW_PREFIX):
            self._tell(record, [Event(type=STOCK_LOW, at=instant(after["o"]), detail=event_of(after))])
        elif fall := fall_of(record):
            self._look(fall)

    def _tell(self, record: Record, events: Sequence[Event]) -> None:
        self._told += [Told(number_of(record), event) for event in events]

    def _look(self, fall: Fall) -> None:
        watch = self._built.watch
        if fall.reward_id in self._added_up or not is_low_shard(fall.reward_id, fall.left, watch):
            return
        if notice_low_stock(fall.reward_id, watch, self._patience):
            telemetry.note(reward_id=fall.reward_id)
            telemetry.count("RewardsLow")
        self._added_up.add(fall.reward_id)

    def _publish(self) -> str | None:
        taken = self._built.bus.put([told.event for told in self._told], self._patience)
        telemetry.count("EventsPublished", taken)
        business.count(told.event for told in self._told[:taken])
        return self._told[taken].sequence_number if taken < len(self._told) else None


def take_batch(records: Sequence[Record], built: Dependencies, patience: Patience) -> dict[str, Any]:
    """Take a batch, and name the first record that must come again in the way that Lambda asks for."""
    telemetry.forget()
    failed = Batch(built, patience).take(records)
    telemetry.note(items=len(records))
    if failed is None:
        telemetry.write_line("batch published")
        return {"batchItemFailures": []}
    telemetry.write_line("batch postponed", level="warning")
    return {"batchItemFailures": [{"itemIdentifier": failed}]}


def number_of(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def new_image(record: Record) -> Item:
    """Give the item as it is after the change; its keys where it was removed."""
    changed = record["dynamodb"]
    return decode(changed.get("NewImage") or changed["Keys"])


def old_image(record: Record) -> Item | None:
    before = record["dynamodb"].get("OldImage")
    return decode(before) if before else None


def fall_of(record: Record) -> Fall | None:
    """Read a shard's loss of pieces; None for every other change."""
    after, before = new_image(record), old_image(record)
    if before is None or record["eventName"] != "MODIFY" or not after["pk"].startswith(STOCK_PREFIX):
        return None
    if after["left"] >= before["left"]:
        return None
    return Fall(after["pk"].split("#")[1], after["left"])
