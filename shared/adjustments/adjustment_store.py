"""Every DynamoDB call on adjustments: in the ledger what was asked for and decided, in the table of members the words.

| ledger, REQUESTED | | members, notes and waiting list | |
|---|---|---|---|
| pk, sk | `ADJUSTMENT#id`, `REQUESTED` | pk, sk | `ADJUSTMENT#member`, `id`; `ADJUSTMENTS`, `instant#id` |
| k, o | `requested`, at | cn, in | note for the customer, note among staff |
| de | g digest, m member, s store, p points, | no | why it was rejected (`id#REJECTED`) |
| | why, by author, vt last day, w waits | o, de | as in the ledger (waiting list) |

`DECIDED` beside `REQUESTED` is the entry `adjusted`, or an item of kind `rejected` with o, and by whom in de.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from shared import keys
from shared.adjustments.adjustment import Adjustment, Decision, Known, Notes, Reason
from shared.errors import AdjustmentNotFoundError, DailyCapReachedError
from shared.ledger.items import instant, write_instant
from shared.ledger.once import key_taken
from shared.ledger.store import Ledger, stale
from shared.runtime.attributes import Item, decode, encode
from shared.runtime.ids import is_id
from shared.runtime.patience import Patience
from shared.runtime.transactions import ConditionalWrite, commit, put_if_absent

PREFIX: Final = "adj"
REQUESTED: Final = "requested"
REJECTED: Final = "rejected"
MOST_LISTED: Final = 100


class Waiting(NamedTuple):
    """What waits for a second person, with what was written about it."""

    adjustment: Adjustment
    notes: Notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustments:
    """The ledger, whose tables and client are used."""

    ledger: Ledger

    def find(self, identifier: str) -> Known:
        """Read an adjustment as it is now. Raises AdjustmentNotFoundError, for a refused one too."""
        found = self.ledger.collection(keys.adjustment_collection(identifier)) if is_id(PREFIX, identifier) else []
        items = {item["sk"]: item for item in found}
        requested = items.get(keys.REQUESTED)
        if requested is None or requested["k"] != REQUESTED:
            raise AdjustmentNotFoundError
        decided = items.get(keys.DECIDED)
        return Known(adjustment_of(requested), _decision(decided) if decided else None)

    def notes(self, member_id: str, adjustment_id: str) -> Notes:
        """Read what was written about an adjustment of a member. AP-82."""
        answer = self.ledger.client.query(
            TableName=self.ledger.tables.members,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :id)",
            ExpressionAttributeValues=encode({":pk": keys.adjustment_notes_of(member_id), ":id": adjustment_id}),
        )
        told: Item = {}
        for item in answer["Items"]:
            told |= decode(item)
        return _notes(told)

    def waiting(self, wanted: Callable[[Adjustment], bool]) -> list[Waiting]:
        """Read what waits for a decision and is wanted, a hundred at most, oldest first. AP-83."""
        found: list[Waiting] = []
        start: Mapping[str, Any] = {}
        while True:
            page = self.ledger.client.query(
                TableName=self.ledger.tables.members,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues=encode({":pk": keys.ADJUSTMENTS}),
                **({"ExclusiveStartKey": start} if start else {}),
            )
            listed = (decode(item) for item in page["Items"])
            found += [one for item in listed if wanted((one := Waiting(adjustment_of(item), _notes(item))).adjustment)]
            start = page.get("LastEvaluatedKey", {})
            if not start or len(found) >= MOST_LISTED:
                return found[:MOST_LISTED]

    def asking(self, adjustment: Adjustment, notes: Notes) -> list[ConditionalWrite]:
        """Make the writes that keep a request, and list it where it waits. They refuse with KeyTakenError. AP-84."""
        members, told = self.ledger.tables.members, _written(notes)
        place = keys.adjustment_notes(adjustment.member_id, adjustment.id)
        writes = [
            put_if_absent(self.ledger.tables.ledger, request_item(adjustment), refusal=key_taken),
            put_if_absent(members, {**place._asdict(), **told}, refusal=stale),
        ]
        if adjustment.needs_approval:
            listed = request_item(adjustment) | _listed(adjustment)._asdict() | told
            writes.append(put_if_absent(members, listed, refusal=stale))
        return writes

    def counting(self, adjustment: Adjustment, day: date, *, cap: int) -> ConditionalWrite:
        """Make the write that counts points against what their author may adjust on a day (ADJ-3).

        It refuses with DailyCapReachedError. AP-84.
        """
        points = abs(adjustment.points)
        reached = DailyCapReachedError(limit=cap, required=points)
        if points > cap:
            raise reached
        update = {
            "TableName": self.ledger.tables.members,
            "Key": encode(keys.adjusted_by(adjustment.author, day)._asdict()),
            "UpdateExpression": "ADD p :points",
            "ConditionExpression": "attribute_not_exists(pk) OR p <= :room",
            "ExpressionAttributeValues": encode({":points": points, ":room": cap - points}),
        }
        return ConditionalWrite(request={"Update": update}, refusal=lambda _old: reached)

    def delisting(self, adjustment: Adjustment) -> ConditionalWrite:
        """Make the write that takes an adjustment off the list; it refuses with StaleReadError. AP-84."""
        gone = {
            "TableName": self.ledger.tables.members,
            "Key": encode(_listed(adjustment)._asdict()),
            "ConditionExpression": "attribute_exists(pk)",
        }
        return ConditionalWrite(request={"Delete": gone}, refusal=stale)

    def rejecting(self, adjustment: Adjustment, decision: Decision, reason: str) -> list[ConditionalWrite]:
        """Make the writes of a rejection; they refuse with StaleReadError. AP-84."""
        decided: Item = {
            **keys.adjustment_decided(adjustment.id)._asdict(),
            "k": REJECTED,
            "o": write_instant(decision.at),
            "de": {"by": decision.approver},
        }
        why = {**keys.adjustment_rejection(adjustment.member_id, adjustment.id)._asdict(), "no": reason}
        return [
            put_if_absent(self.ledger.tables.ledger, decided, refusal=stale),
            put_if_absent(self.ledger.tables.members, why, refusal=stale),
            self.delisting(adjustment),
        ]

    def write(self, writes: Sequence[ConditionalWrite], patience: Patience) -> None:
        """Write what moves no points: a request that waits, a rejection. Raises what the writes refuse with. AP-84."""
        commit(self.ledger.client, writes, patience)


def request_item(adjustment: Adjustment) -> Item:
    details: Item = {
        "id": adjustment.id,
        "g": adjustment.digest,
        "m": adjustment.member_id,
        "s": adjustment.store_id,
        "p": adjustment.points,
        "why": adjustment.reason.value,
        "by": adjustment.author,
        "w": adjustment.needs_approval,
    }
    if adjustment.valid_through:
        details["vt"] = adjustment.valid_through.isoformat()
    key = keys.adjustment_requested(adjustment.id)._asdict()
    return {**key, "k": REQUESTED, "o": write_instant(adjustment.requested_at), "de": details}


def adjustment_of(item: Item) -> Adjustment:
    """Read what was asked for, from the ledger or from the list."""
    details: Mapping[str, Any] = item["de"]
    return Adjustment(
        id=details["id"],
        digest=details["g"],
        member_id=details["m"],
        store_id=details["s"],
        points=details["p"],
        reason=Reason(details["why"]),
        author=details["by"],
        requested_at=instant(item["o"]),
        valid_through=date.fromisoformat(details["vt"]) if "vt" in details else None,
        needs_approval=details["w"],
    )


def _listed(adjustment: Adjustment) -> keys.Key:
    return keys.adjustment_waiting(write_instant(adjustment.requested_at), adjustment.id)


def _decision(item: Item) -> Decision:
    if item["k"] == REJECTED:
        return Decision(status="rejected", at=instant(item["o"]), approver=item["de"]["by"])
    return Decision(status="applied", at=instant(item["o"]), approver=item["de"].get("ok"))


def _written(notes: Notes) -> Item:
    told = {"cn": notes.customer, "in": notes.internal}
    return {name: text for name, text in told.items() if text}


def _notes(item: Item) -> Notes:
    return Notes(customer=item.get("cn", ""), internal=item.get("in", ""), rejection=item.get("no", ""))
