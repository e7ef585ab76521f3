"""The event bus: ten events a call, in the order in which they are given."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import BusyError
from shared.ledger.published import Event
from shared.names import EVENT_SOURCE
from shared.runtime.patience import Patience

MOST_EVENTS: Final = 10
MOST_BYTES: Final = 256 * 1024
TIME_BYTES: Final = 14
"""What EventBridge counts for the time of an event, whatever it is."""

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """`client` is botocore's client of EventBridge."""

    client: Any
    name: str

    def put(self, events: Sequence[Event], patience: Patience) -> int:
        """Put events; give how many of them, from the first on, the bus has taken.

        What it refuses is put again for as long as there is time. An event behind the one that it never took may have
        been taken: it is told again with it, by the same id.
        """
        taken = 0
        for call in _calls([self._entry(event) for event in events]):
            taken_of_call = self._put(call, patience)
            taken += taken_of_call
            if taken_of_call < len(call):
                break
        return taken

    def _put(self, call: Sequence[Entry], patience: Patience) -> int:
        waiting = dict(enumerate(call))
        failures = 0
        while waiting:
            waiting = self._refused(waiting)
            try:
                if waiting:
                    patience.pause(failures)
            except BusyError:
                return min(waiting)
            failures += 1
        return len(call)

    def _refused(self, entries: dict[int, Entry]) -> dict[int, Entry]:
        """Put entries; give those that the bus did not surely take, which is all where it did not answer."""
        try:
            answers = self.client.put_events(Entries=list(entries.values()))["Entries"]
        except (BotoCoreError, ClientError):
            return entries
        return {at: entries[at] for at, answer in zip(entries, answers, strict=True) if "ErrorCode" in answer}

    def _entry(self, event: Event) -> Entry:
        return {
            "EventBusName": self.name,
            "Source": EVENT_SOURCE,
            "DetailType": event.type,
            "Time": event.at,
            "Detail": json.dumps(event.detail, ensure_ascii=False, separators=(",", ":")),
        }


def _calls(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut entries into what a call takes."""
    call: list[Entry] = []
    size = 0
    for entry in entries:
        more = size_of(entry)
        if call and (len(call) == MOST_EVENTS or size + more > MOST_BYTES):
            yield call
            call, size = [], 0
        call.append(entry)
        size += more
    if call:
        yield call


def size_of(entry: Entry) -> int:
    """Give the bytes that EventBridge counts. Source: EventBridge User Guide, "Calculating PutEvents entry size"."""
    return TIME_BYTES + sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))
