"""What the messenger is given: records of the ledger's stream, and keys of messages that were put off.

A message that cannot be delivered just now is put into the queue, so that one failing service never stops the stream;
the queue tries again, some times, and keeps the key among its dead letters. A record of the stream that fails
otherwise ends its batch and is named to Lambda, which brings it and all behind it again. Doing either twice is
harmless.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from functions.messenger.dependencies import Dependencies
from shared.errors import BusyError
from shared.keys import Key
from shared.ledger.entries import EntryKind
from shared.ledger.items import entry_of
from shared.ledger.published import is_new_entry
from shared.messages.announce import announce_tier, lapsed_without_reminder
from shared.messages.deliver import Delivered, deliver
from shared.messages.message import State, message_id
from shared.names import MESSAGES_PREFIX, TIER_CHANGED_ATTRIBUTE
from shared.runtime import telemetry
from shared.runtime.attributes import Item, decode
from shared.runtime.patience import Patience

FROM_QUEUE: Final = "aws:sqs"
TRY_AGAIN_AFTER_SECONDS: Final = 60
_COUNTED: Final[Mapping[Delivered, telemetry.Metric]] = {
    Delivered.SENT: "MessagesSent",
    Delivered.SKIPPED: "MessagesSkipped",
    Delivered.LIMITED: "SmsLimitReached",
    Delivered.DELAYED: "MessagesDelayed",
}

Record = Mapping[str, Any]


def take_batch(records: Sequence[Record], built: Dependencies, patience: Patience) -> dict[str, Any]:
    """Take a batch of the stream or of the queue, and name what failed in the way that Lambda asks for.

    What there is no time left for counts as failed, and comes again.
    """
    telemetry.forget()
    telemetry.note(items=len(records))
    from_queue = bool(records) and records[0]["eventSource"] == FROM_QUEUE
    failed = _take_queue(records, built, patience) if from_queue else _take_stream(records, built, patience)
    telemetry.write_line("messages taken")
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}


def _take_queue(records: Sequence[Record], built: Dependencies, patience: Patience) -> list[str]:
    """Take every record, and name those that failed. Q1."""
    failed = []
    for record in records:
        try:
            patience.check()
            _deliver(Key(**json.loads(record["body"])), built, patience)
        except Exception as error:  # noqa: BLE001 the entry point: whatever it was, the queue brings it again
            telemetry.write_line("message postponed", level="warning", error=error)
            failed.append(record["messageId"])
    return failed


def _take_stream(records: Sequence[Record], built: Dependencies, patience: Patience) -> list[str]:
    """Take records in order, and name the first one that failed. Q3."""
    for record in records:
        try:
            patience.check()
            _take_change(record, built, patience)
        except Exception as error:  # noqa: BLE001 the entry point: whatever it was, the record is brought again
            telemetry.write_line("record postponed", level="warning", error=error)
            return [record["dynamodb"]["SequenceNumber"]]
    return []


def _take_change(record: Record, built: Dependencies, patience: Patience) -> None:
    if record["eventName"] == "REMOVE":
        return
    item, before = decode(record["dynamodb"]["NewImage"]), decode(record["dynamodb"].get("OldImage", {}))
    if item["pk"].startswith(MESSAGES_PREFIX):
        if not before and item["st"] == State.WAITING.value:
            _deliver_or_queue(Key(item["pk"], item["sk"]), built, patience)
        return
    if not is_new_entry(before, item):
        return
    if TIER_CHANGED_ATTRIBUTE in item:
        telemetry.count("MessagesMade", announce_tier(entry_of(item), built.announcing))
    if item["k"] == EntryKind.EXPIRED.value:
        _look_for_reminders(item, built)


def _deliver_or_queue(key: Key, built: Dependencies, patience: Patience) -> None:
    try:
        _deliver(key, built, patience)
    except BusyError:  # there is no time for the queue either: the record is brought again
        raise
    except Exception as error:  # noqa: BLE001 the entry point of one message: whatever it was, the queue brings it
        built.delivering.outbox.later(key, seconds=TRY_AGAIN_AFTER_SECONDS)
        telemetry.note(message_id=message_id(key))
        telemetry.count("MessagesDelayed")
        telemetry.write_line("message postponed", level="warning", error=error)


def _deliver(key: Key, built: Dependencies, patience: Patience) -> None:
    delivered = deliver(key, built.delivering, patience)
    if metric := _COUNTED.get(delivered):
        telemetry.count(metric)


def _look_for_reminders(item: Item, built: Dependencies) -> None:
    untold = lapsed_without_reminder(entry_of(item), built.announcing)
    telemetry.count("ExpiredWithoutReminder", len(untold))
    if untold:
        telemetry.note(member_id=item["m"])
        telemetry.write_line("points lapsed without a reminder", level="warning")
